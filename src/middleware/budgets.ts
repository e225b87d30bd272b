import type { Clock } from '../observe/port.ts';
import type { Ledger, Spending, SpendingOf } from './port.ts';

/** What has been spent, as all replicas have stored it and this one knows besides. */
export interface Budgets {
  /** At most some seconds old; what this process has seen since is in it. `fresh`: read it again. */
  spent(of: SpendingOf, options?: { readonly fresh?: boolean }): Promise<Spending>;
  /** A model call of this process used so much. */
  used(
    by: { readonly principal: string; readonly threadId: string; readonly model: string },
    what: Spending,
  ): void;
}

const freshMs = 15_000;
const mostSums = 5000;

interface Sum {
  readonly of: SpendingOf;
  readonly readAt: number;
  readonly stored: Promise<Spending>;
  /** Seen here since it was read. */
  own: Spending;
}

/** Sums are read seldom: a turn costs no question to the database of its own. */
export function createBudgets({
  ledger,
  clock,
}: {
  readonly ledger: Ledger;
  readonly clock: Clock;
}): Budgets {
  const sums = new Map<string, Sum>();

  function read(key: string, of: SpendingOf): Sum {
    const sum: Sum = { of, readAt: clock.now(), stored: ledger.spent(of), own: nothing };
    sums.delete(key);
    sums.set(key, sum);
    sum.stored.catch(() => {
      if (sums.get(key) === sum) sums.delete(key);
    });
    const [oldest] = sums.keys();
    if (sums.size > mostSums && oldest !== undefined) sums.delete(oldest);
    return sum;
  }

  return {
    async spent(of, { fresh = false } = {}) {
      const key = JSON.stringify([of.principal, of.channel, of.model, of.since.getTime()]);
      const known = sums.get(key);
      const isGood = known !== undefined && !fresh && clock.now() - known.readAt < freshMs;
      const sum = isGood ? known : read(key, of);
      return plus(await sum.stored, sum.own);
    },
    used(by, what) {
      for (const sum of sums.values()) if (isOf(sum.of, by)) sum.own = plus(sum.own, what);
    },
  };
}

const nothing: Spending = { tokens: 0, usd: 0 };

function plus(a: Spending, b: Spending): Spending {
  return { tokens: a.tokens + b.tokens, usd: a.usd + b.usd };
}

function isOf(
  { principal, channel, model }: SpendingOf,
  by: { readonly principal: string; readonly threadId: string; readonly model: string },
): boolean {
  if (principal !== undefined && principal !== by.principal) return false;
  if (channel !== undefined && !by.threadId.startsWith(channel)) return false;
  return model === undefined || model === by.model;
}
