/** Where and when somebody writes a time. */
export interface TimePlace {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** An IANA name. */
  readonly timezone: string;
}

/** A day, and a time of day, as clocks on the wall show them. */
interface Wall {
  readonly day: string;
  readonly time: string;
}

const clock = /(?:[T ]|\s+at\s+)(\d{1,2}:\d\d(?::\d\d)?)/i.source;
const dated = new RegExp(`^(\\d{4}-\\d\\d-\\d\\d)(?:${clock})?$`);
const named = new RegExp(`^(today|tomorrow)(?:${clock})?$`, 'i');
const later =
  /^(?:in\s+)?(\d{1,5})\s*(m|min|mins|minutes?|h|hours?|d|days?|w|weeks?|months?|y|years?)(?:\s+from\s+now)?$/i;

/**
 * A point in time that people write: `2027-01-31`, `2027-01-31 09:00`, `tomorrow`, `tomorrow at 9:00`, `30d`,
 * `in 2 weeks`; a day alone is its beginning. ISO 8601 in UTC; undefined: it is none.
 */
export function readTime(text: string, place: TimePlace): string | undefined {
  const written = text.trim();
  const wall = wallIn(written, place);
  if (wall !== undefined) return instantOf(wall, place.timezone);
  const [, count = '', unit = ''] = later.exec(written) ?? [];
  return count === '' ? undefined : laterBy(Number(count), unit.toLowerCase(), place);
}

function wallIn(text: string, { now, timezone }: TimePlace): Wall | undefined {
  const [, day, time = '00:00'] = dated.exec(text) ?? [];
  if (day !== undefined) return { day, time };
  const [, word, at = '00:00'] = named.exec(text) ?? [];
  if (word === undefined) return undefined;
  const today = wallAt(now, timezone).day;
  return { day: word.toLowerCase() === 'today' ? today : moved(today, { days: 1 }), time: at };
}

const dayMs = 86_400_000;
const lengths: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000 };

/** Days and longer go by the clocks on the wall: the same time of day, then. */
function laterBy(count: number, unit: string, { now, timezone }: TimePlace): string | undefined {
  const isMonth = unit.startsWith('mo');
  const ms = isMonth ? undefined : lengths[unit.charAt(0)];
  if (ms !== undefined) return iso(now + count * ms);
  const { day, time } = wallAt(now, timezone);
  const months = isMonth ? count : unit.startsWith('y') ? count * 12 : 0;
  const days = months > 0 ? 0 : count * (unit.startsWith('w') ? 7 : 1);
  return instantOf({ day: moved(day, { days, months }), time }, timezone);
}

/** The end of a month where a later one is shorter. */
function moved(
  day: string,
  { days = 0, months = 0 }: { readonly days?: number; readonly months?: number },
): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  const then = Date.UTC(year, month - 1 + months, months === 0 ? date : Math.min(date, last)) + days * dayMs;
  return Number.isFinite(then) ? (iso(then)?.slice(0, 10) ?? '') : '';
}

function wallAt(instant: number, timezone: string): Wall {
  const shown = new Date(instant + offsetAt(instant, timezone)).toISOString();
  return { day: shown.slice(0, 10), time: shown.slice(11, 19) };
}

/** A time that clocks leave out in spring is as much later; of one that comes twice the first is meant. */
function instantOf({ day, time }: Wall, timezone: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return undefined;
  const utc = Date.parse(`${day}T${/^\d:/.test(time) ? '0' : ''}${time}Z`);
  if (!Number.isFinite(utc) || !new Date(utc).toISOString().startsWith(day)) return undefined;
  const before = utc - offsetAt(utc - dayMs, timezone);
  const after = utc - offsetAt(utc + dayMs, timezone);
  const isBefore = before + offsetAt(before, timezone) === utc;
  return iso(isBefore || after + offsetAt(after, timezone) !== utc ? before : after);
}

/** By how much the clocks of a zone are ahead of UTC, in milliseconds. */
function offsetAt(instant: number, timezone: string): number {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const whole = Math.floor(instant / 1000) * 1000;
  return Date.parse(`${format.format(whole).replace(' ', 'T')}Z`) - whole;
}

function iso(instant: number): string | undefined {
  return Math.abs(instant) <= 8.64e15 ? new Date(instant).toISOString() : undefined;
}

/** A point in time in words, by the clocks of a zone. */
export function timeInWords(time: string, timezone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: timezone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
  });
  return format.format(Date.parse(time));
}
