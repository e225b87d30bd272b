/** When each kind of thing was heard of a platform last, on any replica: what nobody ever hears may not be sent. */
export interface HeardLast {
  /** At once, without waiting; of many within a minute some are left out. Never throws. */
  note(what: string): void;
  /** Throws `UnavailableError`. */
  read(): Promise<HeardSince>;
}

export interface HeardSince {
  /** When the bot began to remember. */
  readonly since: Date;
  readonly last: ReadonlyMap<string, Date>;
}

/** How long ago something was, in a few words. */
export function agoText(then: Date, now: number): string {
  const minutes = Math.max(0, Math.floor((now - then.getTime()) / 60_000));
  if (minutes < 1) return 'less than a minute ago';
  if (minutes < 60) return counted(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? counted(hours, 'hour') : counted(Math.floor(hours / 24), 'day');
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}

/** A day, as people write it. */
export function dayText(day: Date): string {
  return day.toISOString().slice(0, 10);
}
