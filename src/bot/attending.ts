import type { Attended, AttendInput } from '../chat/bot.ts';
import { longestSnooze, toldElsewhere } from '../chat/concern-words.ts';
import { ForbiddenError, InvalidError } from '../chat/errors.ts';
import type { ConcernStore } from '../inbox/port.ts';
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
): Promise<Attended | undefined> {
  const { concernId, verb, minutes, by, permissions, isHere } = input;
  if (permissions?.has('chat') === false)
    throw new ForbiddenError('This needs the permission "chat"; ask an administrator to grant it.');
  const place = isHere === undefined ? undefined : await concerns.placeOf(concernId);
  if (place !== undefined && isHere?.(place) === false) throw new ForbiddenError(toldElsewhere);
  checkMinutes(input);
  const attended = await concerns.attend(concernId, {
    ...{ state: states[verb], by },
    ...(minutes === undefined ? {} : { minutes }),
  });
  if (attended === undefined) return undefined;
  posted();
  log.info('concern_attended', { concern_id: concernId, verb, state: attended.concern.state });
  const { reply, isOthers } = attended;
  return { reply, isOthers };
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
