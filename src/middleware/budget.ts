import { z } from 'zod';
import { TurnEndError } from '../agent/middleware.ts';
import { setsPrices } from './cost-tracking.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { count, names, options } from './options.ts';
import { ownWords } from './own-words.ts';
import type { Spending, SpendingOf, TurnFacts } from './port.ts';

const limit = options({
  per: z
    .enum(['user', 'channel', 'model', 'everybody'])
    .describe('Who has it: each user, each channel, the model, or everybody together with all models.'),
  period: z
    .enum(['day', 'month'])
    .default('day')
    .describe('It begins anew at midnight UTC, or on the first.'),
  tokens: count.optional().describe('Tokens read and written.'),
  usd: z.number().positive().optional().describe('US dollars, as far as prices are known.'),
  only: names
    .default([])
    .describe('Only for users and channels whose principal or thread id begins so. Empty: for all.'),
}).refine(({ tokens, usd }) => tokens !== undefined || usd !== undefined, {
  error: 'Name tokens, usd, or both.',
});

const config = options({
  limits: z.array(limit).max(20).default([]).describe('All of them hold. Empty: nothing is limited.'),
  warn_at: z
    .number()
    .gt(0)
    .lte(1)
    .default(0.8)
    .describe('From this share on, each answer says how much is used.'),
});

type Config = z.infer<typeof config>;
export type Limit = z.infer<typeof limit>;

/** A config as it is stored; undefined: it is not valid. */
export function readBudget(stored: unknown): Config | undefined {
  const read = config.safeParse(stored);
  return read.success ? read.data : undefined;
}

const name = 'BudgetMiddleware';

/**
 * Budgets in tokens and money. Sums are those of all replicas, some seconds old until much is used; nobody asks
 * for them without a limit. Dollars count as far as prices are known, and people are told where they are not.
 */
export const budget = defineMiddleware({
  name,
  description: 'Limits tokens and money of a user, a channel or a model, by day or month.',
  priority: 15,
  config,
  doubt: ({ limits }, { isPriced, others }) =>
    isPriced || limits.every(({ usd }) => usd === undefined) || others.some(setsPrices)
      ? undefined
      : 'Its US dollars do not count what this model uses, whose price is not known: set the model’s input_price and output_price, or limit tokens.',
  build,
});

/** How far a limit is used up. */
interface Standing {
  readonly share: number;
  readonly text: string;
  readonly renewal: string;
}

function build({ limits, warn_at }: Config, parts: MiddlewareParts): Layer {
  const { turn, budgets, clock, metrics, notice } = parts;
  const own = limits.filter((item) => concerns(item, turn));
  if (own.length === 0) return {};

  async function standing(item: Limit, fresh: boolean): Promise<Standing> {
    const since = beginOf(item.period, clock.now());
    const of = ownerOf(item, turn);
    const first = await budgets.spent({ ...of, since });
    const isNear = Math.max(...partsOf(item, first).map(({ share }) => share)) >= warn_at * nearShare;
    const spent = fresh && isNear ? await budgets.spent({ ...of, since }, { fresh }) : first;
    return standingOf(item, spent, clock.now());
  }

  async function worst(fresh: boolean): Promise<Standing | undefined> {
    const all = await Promise.all(own.map((item) => standing(item, fresh)));
    return all.sort((a, b) => b.share - a.share)[0];
  }

  const isInDollars = own.some(({ usd }) => usd !== undefined);
  let hasAsked = false;
  return {
    async *model(request, next, signal) {
      const found = await worst(!hasAsked);
      if (found !== undefined && found.share >= 1) {
        metrics.middlewareActed(name, 'stopped');
        const text = `${found.text} ${found.renewal}`;
        if (parts.steps().every(({ type }) => type !== 'model'))
          throw new TurnEndError({ status: 'failed', code: 'budget_exhausted', text });
        return yield* ownWords(`I stopped here, before I had an answer. ${text}`);
      }
      if (found !== undefined && found.share >= warn_at && !hasAsked) {
        metrics.middlewareActed(name, 'warned');
        notice(found.text);
      }
      hasAsked = true;
      for await (const event of next(request, signal)) {
        if (event.type === 'usage' && event.model !== '') {
          const by = { principal: turn.asker, threadId: turn.threadId, model: event.model ?? turn.model };
          const { input, output } = event.usage;
          if (isInDollars && event.cost === undefined && input + output > 0)
            notice(`The budget in dollars does not count this: the price of ${by.model} is not known.`);
          budgets.used(by, { tokens: input + output, usd: event.cost?.usd ?? 0 });
        }
        yield event;
      }
    },
  };
}

/** From this part of where people are warned on sums are read anew before a turn begins: others may have used the rest. */
const nearShare = 0.5;

function concerns({ per, only }: Limit, { asker, channel }: TurnFacts): boolean {
  const who = per === 'user' ? asker : per === 'channel' ? channel : '';
  if (who === undefined) return false;
  return only.length === 0 || who === '' || only.some((beginning) => who.startsWith(beginning));
}

function ownerOf({ per }: Limit, { asker, channel, model }: TurnFacts): Omit<SpendingOf, 'since'> {
  if (per === 'user') return { principal: asker };
  if (per === 'channel') return channel === undefined ? {} : { channel };
  return per === 'model' ? { model } : {};
}

/** When a limit's period began. */
export function beginOf(period: Limit['period'], now: number): Date {
  const at = new Date(now);
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), period === 'day' ? at.getUTCDate() : 1));
}

function endOf(period: Limit['period'], now: number): Date {
  const at = beginOf(period, now);
  const [months, days] = period === 'day' ? [0, 1] : [1, 0];
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, at.getUTCDate() + days));
}

const inEnglish = new Intl.NumberFormat('en');
const inDollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' });

/** How far each part of a limit is used up. */
export function partsOf({ tokens, usd }: Limit, spent: Spending) {
  return [
    ...(tokens === undefined
      ? []
      : [
          {
            share: spent.tokens / tokens,
            text: `${inEnglish.format(spent.tokens)} of ${inEnglish.format(tokens)} tokens`,
          },
        ]),
    ...(usd === undefined
      ? []
      : [{ share: spent.usd / usd, text: `${inDollars.format(spent.usd)} of ${inDollars.format(usd)}` }]),
  ];
}

function standingOf(item: Limit, spent: Spending, now: number): Standing {
  const [{ share, text } = { share: 0, text: '' }] = partsOf(item, spent).sort((a, b) => b.share - a.share);
  const whose = owners[item.per];
  const when = item.period === 'day' ? 'today' : 'this month';
  const percent = Math.floor(share * 100);
  return {
    share,
    text:
      share >= 1
        ? `The budget of ${whose} is used up: ${text} ${when}.`
        : `${percent} % of the budget of ${whose} is used: ${text} ${when}.`,
    renewal: `It begins anew at ${endOf(item.period, now).toISOString().slice(0, 16).replace('T', ' ')} UTC; an admin can raise it.`,
  };
}

const owners: Readonly<Record<Limit['per'], string>> = {
  user: 'your account',
  channel: 'this channel',
  model: 'this model',
  everybody: 'everybody together',
};
