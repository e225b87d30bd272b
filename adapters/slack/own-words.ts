import { decodeThreadId } from './thread-id.ts';

/** How people address the bot in Slack. */
export const address =
  'Mention me, or write me a direct message, and simply ask. In a thread that I am part of I need no mention.';

/** What Slack offers besides the words that work everywhere. */
export const moreHelp =
  'The same words follow `/aiops`, where `ask <question>` begins a thread. Administrators write `/aiops help models` and the like, such as `/aiops models add`, `/aiops servers` or `/aiops usage week`; exact commands work in messages as well, and `/aiops` behind a mention forgives typing errors there.';

/** In direct messages the bot always hears. */
export function canMute(threadId: string): boolean {
  return decodeThreadId(threadId)?.channel.startsWith('D') === false;
}
