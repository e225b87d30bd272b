import type { ThreadId } from '../../src/chat/inbound.ts';
import { decodeChannel, decodeThreadId } from './thread-id.ts';

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

/**
 * The same for what the bot tells by itself, whose place may be the address of a channel or of the person who
 * clicked, while that has no thread yet.
 */
export function isToldHere(
  place: ThreadId,
  { team, channel, user }: { readonly team: string; readonly channel: string; readonly user: string },
): boolean {
  const told = decodeThreadId(place) ?? decodeChannel(place);
  return told?.team === team && (told.channel === channel || told.channel === user);
}
