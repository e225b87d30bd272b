import type { PreviewTarget } from '../../src/chat/adapter.ts';
import type { Author } from '../../src/chat/inbound.ts';
import { at, type Json, records, textOf } from '../../src/chat/json.ts';
import { hasButtons, redrawMessage } from './approval-click.ts';
import type { SlackContext } from './context.ts';
import { decodeThreadId, type SlackThread } from './thread-id.ts';

/** The thread is read this far, in pages of 200 messages. */
const mostPages = 5;

/**
 * Draws the questions of a turn that goes on as they stand now, wherever they were decided: every decision
 * wakes its turn. Resolves to whether any is still open. Never throws.
 */
export async function redrawTurn(context: SlackContext, target: PreviewTarget): Promise<boolean> {
  const place = decodeThreadId(target.threadId);
  if (place === undefined) return false;
  const by = target.asker ?? { principal: '', name: '' };
  try {
    const asking = (await messagesOf(context, place)).filter(
      (message) => isOf(message, target.turnId) && hasButtons(message),
    );
    const open = await Promise.all(asking.map((message) => drawn(context, { place, message, by })));
    return open.includes(true);
  } catch (error) {
    context.log.info('slack_redraw_failed', { turn_id: target.turnId, error });
    return false;
  }
}

async function drawn(
  context: SlackContext,
  { place, message, by }: { readonly place: SlackThread; readonly message: Json; readonly by: Author },
): Promise<boolean> {
  const { team, channel } = place;
  const blocks = await redrawMessage(context, { team, channel, ts: textOf(message.ts) }, { message, by });
  return hasButtons({ blocks });
}

async function messagesOf(
  { api }: SlackContext,
  { team, channel, ts }: SlackThread,
): Promise<readonly Json[]> {
  const messages: Json[] = [];
  for (let cursor = '', pages = 0; pages < mostPages; pages += 1) {
    const more = cursor === '' ? {} : { cursor };
    const args = { channel, ts, limit: 200, include_all_metadata: true, ...more };
    const page = await api.attempt(team, 'conversations.replies', args, { patienceMs: 2000 });
    messages.push(...records(page?.messages));
    cursor = textOf(at(page, 'response_metadata', 'next_cursor'));
    if (cursor === '') break;
  }
  return messages;
}

function isOf(message: Json, turnId: string): boolean {
  return textOf(at(message, 'metadata', 'event_payload', 'key')).startsWith(`${turnId}:`);
}
