import type { AttendInput } from '../../src/chat/bot.ts';
import { attendedBefore, concernGone } from '../../src/chat/concern-words.ts';
import type { ThreadId } from '../../src/chat/inbound.ts';
import { textOf } from '../../src/chat/json.ts';
import type { Press, Pressed, Pressing } from './approvals.ts';
import { cardIn } from './concern-cards.ts';
import type { TeamsContext } from './context.ts';
import { isToldHere } from './elsewhere.ts';
import { renderReply } from './render.ts';
import { verbs } from './verbs.ts';

/**
 * Acknowledge, Snooze and Reopen, for who presses where it is told. Who pressed sees the card as it stands now; others see it by the restatement
 * that the bot stores with it.
 */
export function createConcerns({ bot }: Pick<TeamsContext, 'bot'>) {
  return {
    /** Undefined: the button is none of these. */
    async press({ person, conversation }: Pressing, press: Press): Promise<Pressed | undefined> {
      const said = saidBy(press);
      if (said === undefined) return undefined;
      const { author: by, permissions, aadObjectId } = person;
      const isHere = (place: ThreadId) => isToldHere(place, { conversation, aadObjectId });
      const attended = await bot.attend({ ...said, by, permissions, isHere });
      if (attended?.reply.concern === undefined) return { type: 'words', words: concernGone };
      const before = attendedBefore(attended);
      const card = cardIn(renderReply(attended.reply).messages[0]);
      if (before !== undefined || card === undefined) return { type: 'words', words: before ?? 'Done.' };
      return { type: 'card', card };
    },
  };
}

function saidBy({ verb, data }: Press): Omit<AttendInput, 'by'> | undefined {
  const concernId = textOf(data.concernId);
  switch (verb) {
    case verbs.acknowledge:
      return { concernId, verb: 'acknowledge' };
    case verbs.snooze:
      return { concernId, verb: 'snooze', minutes: Number(textOf(data.minutes)) };
    case verbs.reopen:
      return { concernId, verb: 'reopen' };
    default:
      return undefined;
  }
}
