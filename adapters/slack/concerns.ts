import type { App } from '@slack/bolt';
import type { AttendInput } from '../../src/chat/bot.ts';
import { attendedBefore, concernGone } from '../../src/chat/concern-words.ts';
import { at, type Json, records, textOf } from '../../src/chat/json.ts';
import { type Click, clickOf } from './approval-click.ts';
import { personOf, type SlackContext } from './context.ts';
import { sentenceOf } from './errors.ts';
import { notify } from './notices.ts';

/** Acknowledge, Snooze and Reopen. What becomes of it is drawn by the restatement that the bot stores with it. */
export function mountConcerns(app: App, context: SlackContext): void {
  const { api, bot } = context;

  app.action('concern_acknowledge', async ({ ack, body }) => {
    await ack();
    const click = clickOf({ ...body });
    await attend(click, { verb: 'acknowledge', concernId: click.approvalId });
  });

  app.action('concern_reopen', async ({ ack, body }) => {
    await ack();
    const click = clickOf({ ...body });
    await attend(click, { verb: 'reopen', concernId: click.approvalId });
  });

  app.action('concern_snooze', async ({ ack, body }) => {
    await ack();
    const json: Json = { ...body };
    const [action] = records(json.actions);
    const [minutes = '', concernId = ''] = textOf(at(action, 'selected_option', 'value')).split(':');
    await attend(clickOf(json), { verb: 'snooze', concernId, minutes: Number(minutes) });
  });

  /** Who may chat there may say so there; all else is told to them alone. */
  async function attend(click: Click, said: Omit<AttendInput, 'by'>): Promise<void> {
    try {
      const { author, permissions } = await personOf(context, click);
      const reply = await bot.attend({ ...said, by: author, permissions });
      const card = reply?.concern;
      const words = card === undefined ? concernGone : attendedBefore(card, { ...said, by: author });
      if (words !== undefined) await notify(api, click, words);
    } catch (error) {
      const sentence = sentenceOf(error);
      if (sentence === undefined) throw error;
      await notify(api, click, sentence);
    }
  }
}
