import type { ThreadId } from '../../src/chat/inbound.ts';
import { decodeThreadId } from './thread-id.ts';

export const elsewhere = 'That is asked in another conversation; decide there.';

/**
 * Whether what a thread asks is asked where somebody clicked: what they may do in one channel says nothing
 * about others.
 */
export function isAskedHere(
  threadId: ThreadId,
  { team, channel }: { readonly team: string; readonly channel: string },
): boolean {
  const asked = decodeThreadId(threadId);
  return asked?.team === team && asked.channel === channel;
}
