import type { AttendInput } from '../chat/bot.ts';
import { longestSnooze } from '../chat/concern-words.ts';
import { ForbiddenError, InvalidError } from '../chat/errors.ts';
import type { Reply } from '../chat/reply.ts';
import type { Concern, ConcernStore } from '../inbox/port.ts';
import type { Log } from '../observe/port.ts';

/** What attending to something needs. */
export interface AttendParts {
  readonly concerns: ConcernStore;
  /** Something was put into the outbox. */
  readonly posted: () => void;
  readonly log: Log;
}

const states = { acknowledge: 'acknowledged', snooze: 'snoozed', reopen: 'open' } as const;

/**
 * Stores what somebody says to something that needs attention. Undefined: there is no such thing. Throws
 * `ForbiddenError` and `InvalidError`.
 */
export async function attend(
  { concerns, posted, log }: AttendParts,
  input: AttendInput,
): Promise<{ readonly concern: Concern; readonly reply: Reply } | undefined> {
  const { concernId, verb, minutes, by, permissions } = input;
  if (permissions?.has('chat') === false)
    throw new ForbiddenError('This needs the permission "chat"; ask an administrator to grant it.');
  checkMinutes(input);
  const attended = await concerns.attend(concernId, {
    ...{ state: states[verb], by },
    ...(minutes === undefined ? {} : { minutes }),
  });
  if (attended === undefined) return undefined;
  posted();
  log.info('concern_attended', { concern_id: concernId, verb, state: attended.concern.state });
  return attended;
}

function checkMinutes({ verb, minutes }: AttendInput): void {
  if (verb !== 'snooze') {
    if (minutes === undefined) return;
    throw new InvalidError({ minutes: ['Only a snooze takes minutes.'] });
  }
  if (minutes !== undefined && Number.isInteger(minutes) && minutes >= 1 && minutes <= longestSnooze) return;
  throw new InvalidError({
    minutes: [`Say for how many minutes: a whole number from 1 to ${longestSnooze} (30 days).`],
  });
}
