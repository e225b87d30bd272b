import type { App } from '@slack/bolt';
import type { AttendInput } from '../../src/chat/bot.ts';
import { attendedBefore, concernGone, concernLine, openAgain } from '../../src/chat/concern-words.ts';
import type { ThreadId } from '../../src/chat/inbound.ts';
import { at, type Json, records, textOf } from '../../src/chat/json.ts';
import { plainMarkdown } from '../../src/chat/plain-markdown.ts';
import type { ConcernCard, Reply } from '../../src/chat/reply.ts';
import { type Click, clickOf } from './approval-click.ts';
import { personOf, type SlackContext } from './context.ts';
import { isToldHere } from './elsewhere.ts';
import { sentenceOf } from './errors.ts';
import { notify } from './notices.ts';
import { renderReply } from './render.ts';

/**
 * Acknowledge, Snooze and Reopen. What becomes of it is drawn at once, and by the restatement that the bot stores with
 * it; who clicked is told where neither can be seen.
 */
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

  /** Who may chat where it is told may say so there; all else is told to them alone. */
  async function attend(click: Click, said: Omit<AttendInput, 'by'>): Promise<void> {
    try {
      const { author: by, permissions } = await personOf(context, click);
      const isHere = (place: ThreadId) => isToldHere(place, click);
      const attended = await bot.attend({ ...said, by, permissions, isHere });
      const card = attended?.reply.concern;
      if (attended === undefined || card === undefined) return await notify(api, click, concernGone);
      const before = attendedBefore(attended);
      if (before !== undefined) return await notify(api, click, before);
      if (!(await redraw(click, attended.reply))) await notify(api, click, doneWords(card));
    } catch (error) {
      const sentence = sentenceOf(error);
      if (sentence === undefined) throw error;
      await notify(api, click, sentence);
    }
  }

  /** Draws the message as it stands now. False: it could not be, or the reply is more than this message. */
  async function redraw({ team, channel, ts }: Click, reply: Reply): Promise<boolean> {
    const { messages } = renderReply(reply, { team });
    const [message] = messages;
    if (message === undefined || messages.length > 1) return false;
    const { text, blocks } = message;
    return (await api.attempt(team, 'chat.update', { channel, ts, text, blocks })) !== undefined;
  }
}

/** What became of it, for who cannot see it in the message. */
function doneWords(card: ConcernCard): string {
  const named = card.by === undefined ? card : { ...card, by: plainMarkdown(card.by) };
  return concernLine(named, (iso) => `${iso.slice(0, 16).replace('T', ' ')} UTC`) || openAgain;
}
