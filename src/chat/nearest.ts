/** The candidate that `word` was probably meant to be, for "did you mean …". */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.slice(0, longest).toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** The only candidate that holds the word, for people who write no more of a name than they remember. */
export function onlyWith(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  if (wanted.length < leastPart) return undefined;
  const holding = [...new Set(candidates)].filter((one) => one.toLowerCase().includes(wanted));
  const begun = holding.filter((one) => one.toLowerCase().startsWith(wanted));
  return [begun, holding].find((found) => found.length === 1)?.[0];
}

/** Shorter words are part of too much. */
const leastPart = 3;
/** Nobody means a longer word. */
const longest = 100;

/** Levenshtein's distance, one row at a time; two neighbours that changed places are one change. */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let n = 0; n < a.length; n += 1) {
    const next = [n + 1];
    for (let k = 1; k <= b.length; k += 1) {
      const change = (row[k - 1] ?? 0) + (a[n] === b[k - 1] ? 0 : 1);
      const isSwap = n > 0 && k > 1 && a[n] === b[k - 2] && a[n - 1] === b[k - 1];
      const swap = isSwap ? (before[k - 2] ?? 0) + 1 : change;
      next.push(Math.min((next[k - 1] ?? 0) + 1, (row[k] ?? 0) + 1, change, swap));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
