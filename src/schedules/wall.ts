/** A moment as a clock on the wall shows it; months are 1 to 12. */
export interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export const dayMs = 86_400_000;

/** What a zone's clocks show. */
export interface Zone {
  wallAt(instant: number): Wall;
  /** By how much its clocks are ahead of UTC, in milliseconds. */
  offsetAt(instant: number): number;
}

/** A zone by its IANA name. Throws `RangeError` for a name that there is not. */
export function zoneOf(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const wallAt = (instant: number): Wall => {
    const parts = Object.fromEntries(
      format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
    return { year, month, day, hour, minute, second };
  };
  return {
    wallAt,
    offsetAt: (instant) => asUtc(wallAt(instant)) - Math.floor(instant / 1000) * 1000,
  };
}

/** The instant at which UTC clocks show this. */
export function asUtc({ year, month, day, hour, minute, second }: Wall): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
