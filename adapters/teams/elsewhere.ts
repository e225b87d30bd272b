import type { ThreadId } from '../../src/chat/inbound.ts';
import { type Conversation, decodeThreadId, roomOf } from './thread-id.ts';

export const elsewhere = 'That is asked in another conversation; decide there.';

/**
 * Whether what a thread asks is asked where somebody pressed a button: what they may do there says nothing
 * about other rooms, and which question a button names is what its sender wrote.
 */
export function isAskedHere(threadId: ThreadId, { tenant, id }: Conversation): boolean {
  const asked = decodeThreadId(threadId);
  return asked !== undefined && asked.tenant === tenant && roomOf(asked.id) === roomOf(id);
}
