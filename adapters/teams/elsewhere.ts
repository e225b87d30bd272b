import type { ThreadId } from '../../src/chat/inbound.ts';
import { type Conversation, decodeThreadId, isPerson, roomOf } from './thread-id.ts';

export const elsewhere = 'That is asked in another conversation; decide there.';

/**
 * Whether what a thread asks is asked where somebody pressed a button: what they may do there says nothing
 * about other rooms, and which question a button names is what its sender wrote.
 */
export function isAskedHere(threadId: ThreadId, { tenant, id }: Conversation): boolean {
  const asked = decodeThreadId(threadId);
  return asked !== undefined && asked.tenant === tenant && roomOf(asked.id) === roomOf(id);
}

/**
 * The same for what the bot tells by itself, whose place may be the address of a channel or of the person who
 * pressed, while that has no thread yet.
 */
export function isToldHere(
  place: ThreadId,
  { conversation, aadObjectId }: { readonly conversation: Conversation; readonly aadObjectId: string },
): boolean {
  const told = decodeThreadId(place);
  const isOwn = told !== undefined && isPerson(told.id) && told.id.toLowerCase() === aadObjectId;
  return (isOwn && told.tenant === conversation.tenant) || isAskedHere(place, conversation);
}
