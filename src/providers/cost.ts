import { rounded } from '../agent/cost.ts';
import type { Cost, ModelEvent, Usage } from '../agent/provider.ts';
import type { Price, Rates } from './prices.ts';

const million = 1_000_000;

/**
 * What one request costs. Tiers look at all of its input, cached or not. Where the rate of some of its
 * tokens is not known, the cost is what the others come to and not whole. Undefined: nothing is known,
 * or the vendor counted nothing at all.
 */
export function costOf(price: Price | undefined, usage: Usage): Cost | undefined {
  if (price === undefined) return undefined;
  const parts = partsOf(ratesFor(price, usage.input), usage);
  const known = parts.filter(([tokens, rate]) => tokens === 0 || rate !== undefined);
  const counted = parts.filter(([tokens]) => tokens > 0);
  const priced = counted.filter(([, rate]) => rate !== undefined);
  if (counted.length === 0 ? !isFree(price) : priced.length === 0) return undefined;
  const usd = priced.reduce((sum, [tokens, rate = 0]) => sum + (tokens * rate) / million, 0);
  return { usd: rounded(usd), isWhole: known.length === parts.length };
}

/** Whether no call of it costs anything, however long. */
export function isFree({ input, output, cacheRead, cacheWrite, tiers }: Price): boolean {
  return [input, output, cacheRead, cacheWrite].every((rate) => rate === 0) && tiers.length === 0;
}

function ratesFor(price: Price, input: number): Rates {
  const reached = price.tiers.filter(({ above }) => input > above);
  return reached.sort((a, b) => b.above - a.above)[0] ?? price;
}

/** Tokens and their rate. Input includes what went through the cache; output includes reasoning. */
function partsOf(rates: Rates, usage: Usage): readonly (readonly [number, number | undefined])[] {
  const uncached = Math.max(0, usage.input - usage.cacheRead - usage.cacheWrite);
  return [
    [uncached, rates.input],
    [usage.cacheRead, rates.cacheRead],
    [usage.cacheWrite, rates.cacheWrite],
    [usage.output, rates.output],
  ];
}

/** What an event of usage says of money. */
export type ChargeFacts = Omit<Extract<ModelEvent, { type: 'usage' }>, 'type' | 'usage'>;

/** Puts a price on what each request used. `isAll` false: the vendor had no time to count everything. */
export type ChargeFor = (usage: Usage, isAll: boolean) => ChargeFacts;

/** Charges for the calls of one configured model. */
export function chargesFor(model: string, price: Price | undefined): ChargeFor {
  return (usage, isAll) => {
    const cost = costOf(price, usage);
    if (price === undefined || cost === undefined) return { model };
    return {
      model,
      cost: { ...cost, isWhole: cost.isWhole && (isAll || isFree(price)) },
      priceSource: price.source,
    };
  };
}
