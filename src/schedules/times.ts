const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];

/** A moment as people of that zone write it. */
export function timeText(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, weekday: 'short', day: 'numeric', month: 'short' },
    ...{ hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
  }).format(at);
}

/** A moment to come, as short as it is clear: the weekday alone within six days. */
export function untilText(until: number, now: number, timeZone: string): string {
  const isNear = until - now < 6 * dayMs;
  return new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit' },
    ...(isNear ? {} : { day: 'numeric', month: 'short' }),
  })
    .format(until)
    .replace(/^(\w{3}), /, '$1 ');
}

/** How long something took, as people say it: `less than a minute`, `12 min`, `3 h 5 min`, `2 days 4 h`. */
export function durationText(ms: number): string {
  if (ms < minuteMs) return 'less than a minute';
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`;
  if (ms < dayMs) return joined(Math.floor(ms / hourMs), 'h', Math.floor((ms % hourMs) / minuteMs), 'min');
  const days = Math.floor(ms / dayMs);
  return joined(days, days === 1 ? 'day' : 'days', Math.floor((ms % dayMs) / hourMs), 'h');
}

function joined(most: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${most} ${unit}` : `${most} ${unit} ${rest} ${restUnit}`;
}
