import { createHash } from 'node:crypto';
import { type Cron, readCron } from './cron.ts';
import type { Firing, Schedule } from './port.ts';

/** What became due later than this was missed: nobody was there in time. */
export const graceMs = 60_000;

const mostCounted = 1000;

/** Reads when schedules are due, and remembers what it read. */
export interface Calendar {
  /** What is to be done now; of several times that have passed the latest stands for all. */
  due(schedule: Schedule, now: number): Firing | undefined;
}

interface Known {
  readonly key: string;
  readonly cron: Cron;
  /** The first time that is not dealt with. */
  readonly first: number | undefined;
}

export function createCalendar(): Calendar {
  const known = new Map<string, Known>();

  function look(schedule: Schedule): Known {
    const { id, cron: expression, timezone, armedAt } = schedule;
    const key = `${armedAt} ${timezone} ${expression}`;
    const before = known.get(id);
    if (before?.key === key) return before;
    const cron = readCron(expression, timezone);
    const found = { key, cron, first: cron.next(armedAt, 1)[0] };
    known.set(id, found);
    return found;
  }

  return {
    due(schedule, now) {
      const { cron, first } = look(schedule);
      if (first === undefined || first + delayOf(schedule, first) > now) return undefined;
      const fireAt = Math.max(first, cron.latest(schedule.armedAt, now - delayOf(schedule, first)) ?? first);
      const isLate = now - fireAt - delayOf(schedule, first) > graceMs;
      return {
        schedule,
        fireAt,
        trigger: isLate ? 'missed' : 'time',
        missed: cron.count(schedule.armedAt, fireAt, mostCounted) - 1,
        isSkipped: isLate && schedule.missedRuns === 'skip',
      };
    },
  };
}

/** By chance, and the same in every process. */
function delayOf({ id, jitterSeconds }: Schedule, time: number): number {
  if (jitterSeconds === 0) return 0;
  const chance = createHash('sha256').update(`${id} ${time}`).digest().readUInt32BE() / 2 ** 32;
  return Math.floor(chance * jitterSeconds * 1000);
}
