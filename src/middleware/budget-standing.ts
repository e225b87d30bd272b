import { beginOf, type Limit, partsOf, readBudget } from './budget.ts';
import type { Spending } from './port.ts';

/** How far a configured limit is used up. */
export interface BudgetStanding {
  /** The same while the limit is. */
  readonly key: string;
  /** As in `everybody together`. */
  readonly name: string;
  /** As in `$8.10 of $10.00 today`. */
  readonly used: string;
  /** Of the one who has used most, where each has a budget of their own. */
  readonly share: number;
  /** From this share on people are warned. */
  readonly warnAt: number;
}

/** What each of them has spent. */
export type SpendingBy = (
  owner: 'user' | 'channel' | 'model',
  since: Date,
) => Promise<readonly (Spending & { readonly owner: string })[]>;

export interface StandingParts {
  readonly spendingBy: SpendingBy;
  /** The model whose layers these are. */
  readonly model: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How the limits of budgets stand; configs that are not valid limit nothing. */
export async function budgetStandings(
  configs: readonly unknown[],
  parts: StandingParts,
): Promise<readonly BudgetStanding[]> {
  const wanted = configs
    .flatMap((stored) => readBudget(stored) ?? [])
    .flatMap(({ limits, warn_at: warnAt }) => limits.map((limit) => ({ limit, warnAt })));
  return await Promise.all(wanted.map(async (one) => await standingOf(one, parts)));
}

async function standingOf(
  { limit, warnAt }: { readonly limit: Limit; readonly warnAt: number },
  parts: StandingParts,
): Promise<BudgetStanding> {
  const owners = await ownersOf(limit, parts);
  const all = owners.flatMap((spent) => partsOf(limit, spent)).sort((one, other) => other.share - one.share);
  const [most = { share: 0, text: 'nothing' }] = all;
  const when = limit.period === 'day' ? 'today' : 'this month';
  const isEach = limit.per === 'user' || limit.per === 'channel';
  const over = owners.filter((spent) => partsOf(limit, spent).some(({ share }) => share >= 1)).length;
  const others = isEach && over > 1 ? `; ${over} have used up theirs` : '';
  const { per, period, tokens = 0, usd = 0, only } = limit;
  return {
    key: JSON.stringify([per, period, tokens, usd, only]),
    name: names[per],
    used: `${most.text} ${when}${others}`,
    share: most.share,
    warnAt,
  };
}

const names: Readonly<Record<Limit['per'], string>> = {
  user: 'the user who used most',
  channel: 'the channel that used most',
  model: 'the model',
  everybody: 'everybody together',
};

/** Those who have the budget, each with what they spent. */
async function ownersOf(
  { per, period, only }: Limit,
  { spendingBy, model, now }: StandingParts,
): Promise<readonly Spending[]> {
  const since = beginOf(period, now);
  const isMeant = (owner: string) =>
    only.length === 0 || only.some((beginning) => owner.startsWith(beginning));
  if (per === 'user' || per === 'channel')
    return (await spendingBy(per, since)).filter(({ owner }) => isMeant(owner));
  const models = await spendingBy('model', since);
  return [sumOf(per === 'model' ? models.filter(({ owner }) => owner === model) : models)];
}

function sumOf(all: readonly Spending[]): Spending {
  return all.reduce((sum, { tokens, usd }) => ({ tokens: sum.tokens + tokens, usd: sum.usd + usd }), {
    tokens: 0,
    usd: 0,
  });
}
