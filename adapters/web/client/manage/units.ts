const [secondMs, minuteMs, hourMs] = [1000, 60_000, 3_600_000];

/** How long something took, as short as it is clear: `240 ms`, `15.3 s`, `2 min 5 s`, `3 h 5 min`. */
export function durationWords(ms: number): string {
  if (ms < secondMs) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) * 100 < minuteMs) return `${Math.round(ms / 100) / 10} s`;
  const whole = Math.round(ms / secondMs) * secondMs;
  if (whole < hourMs) return joined([whole / minuteMs, 'min'], [(whole % minuteMs) / secondMs, 's']);
  return joined([whole / hourMs, 'h'], [(whole % hourMs) / minuteMs, 'min']);
}

type Part = readonly [count: number, unit: string];

function joined([most, unit]: Part, [rest, restUnit]: Part): string {
  const head = `${Math.floor(most)} ${unit}`;
  return Math.floor(rest) === 0 ? head : `${head} ${Math.floor(rest)} ${restUnit}`;
}

const leastUsd = 0.0001;

/** Money to the cent, and what is less than that as exactly as it matters. */
export function moneyWords(usd: number): string {
  if (usd > 0 && usd < leastUsd) return `<$${leastUsd}`;
  return `$${usd.toFixed(usd > 0 && usd < 0.01 ? 4 : 2)}`;
}

/** So many of what a list is called: `1 run`, `12 runs`, `no runs`. */
export function countWords(count: number, many: string): string {
  if (count === 1) return `1 ${many.replace(/ies$/, 'y').replace(/s$/, '')}`;
  return `${count === 0 ? 'no' : count} ${many}`;
}
