import { decodeThreadId, rootOf } from './thread-id.ts';

/** How people address the bot in Teams. */
export const address =
  'Write to me personally, or mention me in a channel or a group chat, and simply ask. Where I am allowed to hear a channel, I need no mention in a thread that I am part of.';

/** What Teams offers besides the words that work everywhere. */
export const moreHelp =
  'Everything is managed from here: `help models` shows how, and `/aiops` before a command forgives typing errors, such as `/aiops add a model`. What I answer to that is for you alone, unless it ends with `share`.';

/** Threads are in channels alone: elsewhere the bot always hears, or always waits for mentions. */
export function canMute(threadId: string): boolean {
  return rootOf(decodeThreadId(threadId)?.id ?? '') !== '';
}
