import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Clock } from '../observe/port.ts';
import type { SharedStore } from './port.ts';
import { changeShared, readShared } from './shared.ts';

/** So many in any stretch of this length. */
export interface Window {
  readonly limit: number;
  readonly ms: number;
}

/** Whether one more was let through; if not, the window that is full and when it has room again. */
export type Verdict =
  | { readonly isAllowed: true }
  | { readonly isAllowed: false; readonly window: Window; readonly retryAfterMs: number };

/** Sliding windows over all replicas. */
export interface Rates {
  /** Counts one more under the key, unless one of its windows is full. */
  hit(key: string, windows: readonly Window[]): Promise<Verdict>;
  /** Waits; false at once where as many wait in this process already. Throws when the signal aborts. */
  wait(ms: number, queue: { readonly most: number; readonly signal: AbortSignal }): Promise<boolean>;
}

/** Hits are counted in steps of this share of their window: one counts for at most that much too long. */
const stepsPerWindow = 60;
/**
 * Below this share of every limit, a process lets through what it has not counted with the others yet, and
 * tells them within a second: each further process can exceed a limit by this share, and by no more.
 */
const freeShare = 0.1;
const tellAfterMs = 1000;
const mostKeys = 10_000;

/** By the window's length in milliseconds: hits by step. */
type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;
const countsSchema = z.record(z.string(), z.record(z.string(), z.number()));

interface Known {
  counts: Counts;
  /** Times of hits that the others have not been told of. */
  untold: number[];
  timer: NodeJS.Timeout | undefined;
  /** Asks of one process queue here, so that only processes compete. */
  last: Promise<unknown>;
}

export function createRates({ store, clock }: { readonly store: SharedStore; readonly clock: Clock }): Rates {
  const known = new Map<string, Known>();
  let waiting = 0;

  function knownOf(key: string): Known {
    const entry = known.get(key) ?? { counts: {}, untold: [], timer: undefined, last: Promise.resolve() };
    known.delete(key);
    known.set(key, entry);
    const [oldest] = known.keys();
    if (known.size > mostKeys && oldest !== undefined) known.delete(oldest);
    return entry;
  }

  /** Counts with the others: what they were not told of, and one more if there is room and one is wanted. */
  async function settle(key: string, windows: readonly Window[], wanted: boolean): Promise<Verdict> {
    const entry = knownOf(key);
    const told = entry.untold;
    entry.untold = [];
    const ttlMs = 2 * Math.max(...windows.map(({ ms }) => ms));
    const { counts, verdict } = await changeShared(store, { key: `rate:${key}`, ttlMs }, (before) => {
      const now = clock.now();
      const others = add(pruned(readShared(before, countsSchema) ?? {}, windows, now), windows, told);
      const found = judge(others, windows, now);
      const counted = wanted && found.isAllowed ? add(others, windows, [now]) : others;
      const isNew = told.length > 0 || counted !== others;
      return {
        after: isNew ? JSON.stringify(counted) : undefined,
        result: { counts: counted, verdict: found },
      };
    });
    entry.counts = counts;
    return verdict;
  }

  function inOrder<T>(key: string, work: () => Promise<T>): Promise<T> {
    const entry = knownOf(key);
    const next = entry.last.then(work);
    entry.last = next.catch(() => undefined);
    return next;
  }

  function tellLater(key: string, windows: readonly Window[]): void {
    const entry = knownOf(key);
    entry.timer ??= setTimeout(() => {
      entry.timer = undefined;
      void inOrder(key, () => settle(key, windows, false)).catch(() => undefined);
    }, tellAfterMs).unref();
  }

  return {
    async hit(key, windows) {
      if (windows.length === 0) return { isAllowed: true };
      const now = clock.now();
      const entry = knownOf(key);
      const counts = add(pruned(entry.counts, windows, now), windows, entry.untold);
      const isFree = windows.every((window) => sumOf(counts, window) + 1 <= window.limit * freeShare);
      if (!isFree) return await inOrder(key, () => settle(key, windows, true));
      entry.untold.push(now);
      tellLater(key, windows);
      return { isAllowed: true };
    },
    async wait(ms, { most, signal }) {
      if (waiting >= most) return false;
      waiting += 1;
      await sleep(Math.max(1, ms), undefined, { signal }).finally(() => {
        waiting -= 1;
      });
      return true;
    },
  };
}

/** Only the windows that are asked for, and of them only what still counts. */
function pruned(counts: Counts, windows: readonly Window[], now: number): Counts {
  return Object.fromEntries(
    windows.map(({ ms }) => {
      const steps = Object.entries(counts[ms] ?? {}).filter(([step]) => endOf(Number(step), ms) > now);
      return [String(ms), Object.fromEntries(steps)];
    }),
  );
}

/** When a hit of this step counts no more. */
function endOf(step: number, ms: number): number {
  return ((step + 1) * ms) / stepsPerWindow + ms;
}

function add(counts: Counts, windows: readonly Window[], times: readonly number[]): Counts {
  if (times.length === 0) return counts;
  return Object.fromEntries(
    windows.map(({ ms }) => {
      const steps: Record<string, number> = { ...counts[ms] };
      for (const time of times) {
        const step = Math.floor((time * stepsPerWindow) / ms);
        steps[step] = (steps[step] ?? 0) + 1;
      }
      return [String(ms), steps];
    }),
  );
}

function sumOf(counts: Counts, { ms }: Window): number {
  return Object.values(counts[ms] ?? {}).reduce((sum, hits) => sum + hits, 0);
}

function judge(counts: Counts, windows: readonly Window[], now: number): Verdict {
  const full = windows.filter((window) => sumOf(counts, window) + 1 > window.limit);
  const waits = full.map((window) => ({ window, retryAfterMs: roomAfter(counts, window) - now }));
  const longest = waits.sort((a, b) => b.retryAfterMs - a.retryAfterMs)[0];
  return longest === undefined ? { isAllowed: true } : { isAllowed: false, ...longest };
}

/** When enough of the oldest hits count no more. */
function roomAfter(counts: Counts, window: Window): number {
  const steps = Object.entries(counts[window.ms] ?? {}).map(([step, hits]) => [Number(step), hits] as const);
  let left = sumOf(counts, window);
  for (const [step, hits] of steps.sort(([a], [b]) => a - b)) {
    left -= hits;
    if (left + 1 <= window.limit) return endOf(step, window.ms);
  }
  return 0;
}
