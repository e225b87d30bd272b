import { tooOften } from './refusal.ts';

interface Budget {
  readonly calls: number;
  readonly withinMs: number;
}

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
const writing: readonly Budget[] = [
  { calls: 7, withinMs: 1000 },
  { calls: 8, withinMs: 2000 },
  { calls: 60, withinMs: 30_000 },
  { calls: 1800, withinMs: 3_600_000 },
];

const asking: readonly Budget[] = [
  { calls: 14, withinMs: 1000 },
  { calls: 16, withinMs: 2000 },
  { calls: 120, withinMs: 30_000 },
  { calls: 3600, withinMs: 3_600_000 },
];

/** Of one app in one tenant, over all conversations. */
const everything: readonly Budget[] = [{ calls: 50, withinMs: 1000 }];

const lanes = { write: writing, ask: asking, all: everything } as const;

export interface Budgets {
  /** False: nothing is counted, and 429 comes from faults alone. Streams keep their one request a second. */
  isOn: boolean;
  /** Counts a call of a conversation, or refuses it with 429. */
  spend(kind: 'write' | 'ask', conversation: string): void;
}

/** How often the bot may call, on the clock that tests move. */
export function createBudgets(now: () => number): Budgets {
  const spent = new Map<string, number[]>();

  function waitOf(name: string, budgets: readonly Budget[]): number {
    const at = now();
    const waits = budgets.map(({ calls, withinMs }) => {
      const recent = (spent.get(name) ?? []).filter((time) => at - time < withinMs);
      const oldest = recent[recent.length - calls];
      return oldest === undefined ? 0 : oldest + withinMs - at;
    });
    return Math.max(...waits);
  }

  const note = (name: string) => {
    const recent = (spent.get(name) ?? []).filter((time) => now() - time < 3_600_000);
    spent.set(name, [...recent, now()]);
  };

  return {
    isOn: true,
    spend(kind, conversation) {
      if (!this.isOn) return;
      const lane = `${kind}:${conversation}`;
      const wait = Math.max(waitOf(lane, lanes[kind]), waitOf('all', lanes.all));
      if (wait > 0) tooOften(wait);
      note(lane);
      note('all');
    },
  };
}
