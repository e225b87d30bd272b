import { clipped } from '../../src/chat/clipped.ts';
import { oneMessage } from './admin-blocks.ts';
import type { SlackApi } from './api.ts';
import { limits } from './limits.ts';

import { escaped } from './safe-text.ts';

/** A notice that only one person sees. Failing to show it does no harm. */
export async function notify(
  api: SlackApi,
  to: { readonly team: string; readonly channel: string; readonly user: string; readonly threadTs?: string },
  markdown: string,
): Promise<void> {
  const { team, channel, user, threadTs } = to;
  const place = { channel, user, ...(threadTs === undefined ? {} : { thread_ts: threadTs }) };
  await api.attempt(team, 'chat.postEphemeral', { ...place, ...privateMessage(markdown) });
}

/** Markdown as one message. */
function privateMessage(markdown: string): {
  readonly text: string;
  readonly blocks: readonly unknown[];
} {
  const blocks = oneMessage(markdown);
  return { text: clipped(escaped(markdown), limits.text), blocks };
}
