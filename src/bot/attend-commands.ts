import type { ModelNext } from '../agent/middleware.ts';
import type { AttendInput } from '../chat/bot.ts';
import { attendedBefore, concernGone, concernLine, longestSnooze, openAgain } from '../chat/concern-words.ts';
import { plainMarkdown } from '../chat/plain-markdown.ts';
import type { ActiveTurn } from './activation.ts';
import { type AttendParts, attend } from './attending.ts';

/** What somebody says in a thread to what it tells of. */
export type AttendCommand = Pick<AttendInput, 'verb' | 'minutes'>;

const minutesPer: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440, w: 10_080 };

/** `acknowledge`, `snooze 4h` (minutes, hours, days, weeks) and `reopen`, and nothing besides. Undefined: it is talk. */
export function parseAttendCommand(text: string): AttendCommand | undefined {
  const [, word = '', count, unit = ''] =
    /^(acknowledge|reopen|snooze(?= ))(?: +([1-9]\d{0,4})([mhdw]))?$/i.exec(text.trim()) ?? [];
  const verb = word.toLowerCase();
  if (verb === 'snooze' && count !== undefined)
    return { verb, minutes: Number(count) * (minutesPer[unit.toLowerCase()] ?? 1) };
  if ((verb === 'acknowledge' || verb === 'reopen') && count === undefined) return { verb };
  return undefined;
}

/**
 * Answers such a command in the place of a model. Undefined: the message is none, or its thread tells of nothing
 * that needs attention, so that it is talk.
 */
export async function attendInThread(
  parts: AttendParts,
  { turn, lease, config }: Pick<ActiveTurn, 'turn' | 'lease' | 'config'>,
): Promise<ModelNext | undefined> {
  const command = turn.isUnattended === true ? undefined : parseAttendCommand(turn.question);
  if (command === undefined) return undefined;
  const concern = await parts.concerns.newestIn(lease.threadId);
  if (concern === undefined) return undefined;
  const { timezone } = config.settings;
  return async function* () {
    lease.check();
    const text = await answerOf(parts, { concernId: concern.id, by: turn.asker, ...command }, timezone);
    yield { type: 'text', text };
    yield { type: 'stop', reason: 'end' };
  };
}

async function answerOf(parts: AttendParts, input: AttendInput, timezone: string): Promise<string> {
  if ((input.minutes ?? 1) > longestSnooze) return 'I snooze for thirty days at most: `snooze 30d`.';
  const attended = await attend(parts, input);
  const card = attended?.reply.concern;
  if (attended === undefined || card === undefined) return concernGone;
  const before = attendedBefore(attended);
  if (before !== undefined) return before;
  const named = card.by === undefined ? card : { ...card, by: plainMarkdown(card.by) };
  const line = concernLine(named, (iso) => timeText(iso, timezone));
  return line === '' ? openAgain : line;
}

function timeText(iso: string, timezone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    ...{ dateStyle: 'medium', timeStyle: 'short', timeZone: timezone },
  }).format(new Date(iso));
}
