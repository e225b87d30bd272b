import { createTask, validateDetailed } from 'node-cron';
import { asUtc, dayMs, type Wall, type Zone, zoneOf } from './wall.ts';

/** When something is due: a cron expression, read on the clocks of a time zone. */
export interface Cron {
  /** The first `count` times after `after`; fewer when there are no more within eight years. */
  next(after: number, count: number): readonly number[];
  /** The latest time that is after `after` and not after `until`. */
  latest(after: number, until: number): number | undefined;
  /** How many times there are after `after` and not after `until`; counts up to `most`. */
  count(after: number, until: number, most: number): number;
}

/** A leap day comes every eight years at the rarest. */
const farthestDays = 8 * 366 + 1;

/** What is wrong with an expression, as a sentence. */
export function cronProblem(expression: string): string | undefined {
  const { valid, errors } = validateDetailed(expression);
  if (valid) return undefined;
  const [first] = errors;
  const what = first === undefined || first.field === 'expression' ? '' : ` (${first.message})`;
  return `This is no cron expression${what}. Write five fields, minute hour day month weekday, as in */5 * * * * or 0 8 * * mon-fri; a sixth in front are seconds.`;
}

/**
 * Reads an expression that has no problem. What is due at a fixed hour happens exactly once on every day:
 * where clocks jump over that time it happens as much later, and where they show it twice, the first time.
 * What is due every hour follows the hours as they pass. Where both a day of the month and a weekday are given, either
 * is enough, as in a crontab; a field that begins with a star gives none.
 */
export function readCron(expression: string, timezone: string): Cron {
  const zone = zoneOf(timezone);
  const dayTimes = timesOfDay(expression, zone);

  function* ascending(after: number): Generator<number> {
    const first = startOfDay(zone.wallAt(after));
    let last = after;
    for (let n = -1; n < farthestDays; n += 1) {
      for (const times of dayTimes(first + n * dayMs, 'forward')) {
        // A day that a zone left out altogether falls together with the next one.
        for (const time of times.filter((item) => item > last)) {
          last = time;
          yield time;
        }
      }
    }
  }

  return {
    next(after, count) {
      const found: number[] = [];
      for (const time of ascending(after)) {
        if (found.length >= count) break;
        found.push(time);
      }
      return found;
    },
    latest(after, until) {
      const last = startOfDay(zone.wallAt(until));
      const stop = startOfDay(zone.wallAt(after)) - dayMs;
      for (let day = last + dayMs; day >= stop; day -= dayMs) {
        for (const times of dayTimes(day, 'backward')) {
          const time = times.findLast((item) => item <= until);
          if (time !== undefined) return time > after ? time : undefined;
        }
      }
      return undefined;
    },
    count(after, until, most) {
      let counted = 0;
      for (const time of ascending(after)) {
        if (time > until || counted >= most) break;
        counted += 1;
      }
      return counted;
    },
  };
}

/** The next times from now; none for what is wrong. */
export function nextTimes(expression: string, timezone: string, count: number): readonly Date[] {
  if (cronProblem(expression) !== undefined) return [];
  try {
    return readCron(expression, timezone)
      .next(Date.now(), count)
      .map((time) => new Date(time));
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** The day as if its zone were UTC: days are counted, not measured. */
function startOfDay({ year, month, day }: Wall): number {
  return Date.UTC(year, month - 1, day);
}

type Direction = 'forward' | 'backward';

/** Gives the times of a day in rising groups, of an hour each where no clock is changed around that day. */
function timesOfDay(expression: string, zone: Zone) {
  const { fields } = validateDetailed(expression);
  const { second = [], minute = [], hour = [] } = fields ?? {};
  const isDue = dayMatcher(expression);
  const isEveryHour = hour.length === 24;

  const instantsOf = (wall: Wall): readonly number[] => {
    const asIfUtc = asUtc(wall);
    const offsets = [zone.offsetAt(asIfUtc - dayMs), zone.offsetAt(asIfUtc + dayMs)];
    const [before = 0] = offsets;
    const shown = [...new Set(offsets)]
      .map((offset) => asIfUtc - offset)
      .filter((instant) => zone.offsetAt(instant) === asIfUtc - instant)
      .sort((a, b) => a - b);
    if (shown.length === 0) return isEveryHour ? [] : [asIfUtc - before];
    return isEveryHour ? shown : shown.slice(0, 1);
  };

  return function* (day: number, direction: Direction): Generator<readonly number[]> {
    if (!isDue(day)) return;
    const date = new Date(day);
    const [year, month, of] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    const offset = zone.offsetAt(day - dayMs);
    const isPlain = [day, day + dayMs, day + 2 * dayMs].every((at) => zone.offsetAt(at) === offset);
    const walls = (at: number) =>
      minute.flatMap((m) => second.map((s) => ({ year, month, day: of, hour: at, minute: m, second: s })));
    if (!isPlain) {
      const times = new Set(hour.flatMap((at) => walls(at).flatMap(instantsOf)));
      yield [...times].sort((a, b) => a - b);
      return;
    }
    const hours = direction === 'forward' ? hour : hour.toReversed();
    for (const at of hours) yield walls(at).map((wall) => asUtc(wall) - offset);
  };
}

/**
 * Whether a day fits the fields for days. The library, which holds each field against it, is asked for either
 * (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/crontab.html).
 */
function dayMatcher(expression: string): (day: number) => boolean {
  const fields = expression.trim().split(/\s+/);
  if (fields.length < 3) return (day) => hasNicknameDay(expression.trim(), new Date(day));
  const [dayOfMonth = '*', month = '*', weekday = '*'] = fields.slice(-3);
  const isEither = [dayOfMonth, weekday].every((field) => !/^[*?]/.test(field));
  const patterns = isEither
    ? [`${dayOfMonth} ${month} *`, `* ${month} ${weekday}`]
    : [fields.slice(-3).join(' ')];
  const matchers = patterns.map((days) => matcherOf(`* * * ${days}`));
  return (day) => matchers.some((matches) => matches(day));
}

/** The library's own answer, at noon of a day in UTC. */
function matcherOf(pattern: string): (day: number) => boolean {
  const task = createTask(pattern, () => undefined, { timezone: 'UTC' });
  // It is asked, and never run.
  void task.destroy();
  return (day) => task.match(new Date(day + dayMs / 2));
}

/** `@monthly` and its like say nothing of hours here. */
function hasNicknameDay(nickname: string, date: Date): boolean {
  if (nickname === '@weekly') return date.getUTCDay() === 0;
  if (nickname === '@monthly') return date.getUTCDate() === 1;
  if (nickname === '@yearly' || nickname === '@annually')
    return date.getUTCDate() === 1 && date.getUTCMonth() === 0;
  return true;
}
