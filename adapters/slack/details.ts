import type { App } from '@slack/bolt';
import { detailsGone, detailsWord } from '../../src/chat/details-words.ts';
import type { Json } from '../../src/chat/json.ts';
import type { Detail } from '../../src/chat/reply.ts';
import { type Click, clickOf } from './approval-click.ts';
import type { SlackContext } from './context.ts';
import { sentenceOf } from './errors.ts';
import { limits } from './limits.ts';
import { prose, section } from './mrkdwn.ts';
import { notify } from './notices.ts';
import { openOrTell } from './opening.ts';
import { escaped } from './safe-text.ts';
import { encodeThreadId } from './thread-id.ts';

/** The button behind which the parts of a reply are told. */
export function detailsBlocks(details: readonly Detail[], turnId: string): readonly Json[] {
  if (details.length === 0) return [];
  const text = { type: 'plain_text', text: detailsWord };
  return [{ type: 'actions', elements: [{ type: 'button', action_id: 'details', text, value: turnId }] }];
}

/** Shows what a reply rests on to whoever can read the reply. */
export function mountDetails(app: App, context: SlackContext): void {
  const { api, bot } = context;

  app.action('details', async ({ ack, body }) => {
    await ack();
    const click = clickOf({ ...body });
    try {
      const details = await detailsOf(click);
      if (details === undefined) return await notify(api, click, detailsGone);
      await openOrTell(context, click, viewOf(details));
    } catch (error) {
      const sentence = sentenceOf(error);
      if (sentence === undefined) throw error;
      await notify(api, click, sentence);
    }
  });

  /** Of the message that was clicked in, and no other. */
  async function detailsOf({ team, channel, threadTs, approvalId: turnId }: Click) {
    const conversation = await bot.conversation(encodeThreadId({ team, channel, ts: threadTs }));
    const found = conversation?.messages.find(
      (message) => message.role === 'assistant' && message.turnId === turnId && message.details !== undefined,
    );
    return found?.role === 'assistant' ? found.details : undefined;
  }
}

function viewOf(details: readonly Detail[]): Json {
  const blocks = details.flatMap(({ title, text }) => [...section(`*${escaped(title)}*`), ...prose(text)]);
  return {
    type: 'modal',
    title: { type: 'plain_text', text: detailsWord },
    close: { type: 'plain_text', text: 'Close' },
    blocks: blocks.slice(0, limits.view),
  };
}
