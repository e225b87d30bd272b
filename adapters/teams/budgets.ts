import type { Clock } from '../../src/observe/port.ts';

/** `write`: messages and typing, per conversation. `ask`: members, per conversation. `all`: per tenant. */
export type Budget = 'write' | 'ask' | 'all';

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
const allowed: Readonly<Record<Budget, readonly (readonly [calls: number, withinMs: number])[]>> = {
  write: [
    [7, 1000],
    [8, 2000],
    [60, 30_000],
    [1800, 3_600_000],
  ],
  ask: [
    [14, 1000],
    [16, 2000],
    [120, 30_000],
    [3600, 3_600_000],
  ],
  all: [[50, 1000]],
};

/** Between here and Teams, calls come closer together than they left. */
const marginMs = 150;

/** Remembers what was called, so that nobody calls more than Teams allows; each process counts for itself. */
export interface Budgets {
  /** How long until one more call has room, in milliseconds; 0: now. */
  waitMs(budget: Budget, whose: string): number;
  spend(budget: Budget, whose: string): void;
  /** Teams said how long it takes no more. */
  close(budget: Budget, whose: string, forMs: number): void;
}

export function createBudgets(clock: Clock): Budgets {
  const spent = new Map<string, readonly number[]>();
  const closed = new Map<string, number>();

  function recent(key: string, withinMs: number): readonly number[] {
    const since = clock.now() - withinMs - marginMs;
    return (spent.get(key) ?? []).filter((time) => time > since);
  }

  return {
    waitMs(budget, whose) {
      const key = `${budget} ${whose}`;
      const now = clock.now();
      const waits = allowed[budget].map(([calls, withinMs]) => {
        const times = recent(key, withinMs);
        const first = times[times.length - calls];
        return first === undefined ? 0 : first + withinMs + marginMs - now;
      });
      const left = (closed.get(key) ?? 0) - now;
      if (left <= 0) closed.delete(key);
      return Math.max(0, left, ...waits);
    },
    spend(budget, whose) {
      const key = `${budget} ${whose}`;
      const longest = Math.max(...allowed[budget].map(([, withinMs]) => withinMs));
      const times = [...recent(key, longest), clock.now()];
      spent.delete(key);
      spent.set(key, times);
      // Whoever was silent for the longest time stands first, and counts no more.
      for (const oldest of spent.keys()) {
        if (oldest === key || recent(oldest, 3_600_000).length > 0) break;
        spent.delete(oldest);
      }
    },
    close: (budget, whose, forMs) => void closed.set(`${budget} ${whose}`, clock.now() + forMs),
  };
}
