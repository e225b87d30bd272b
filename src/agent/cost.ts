import { addUsage, type Cost, type ModelEvent, noUsage, type Usage } from './provider.ts';

/** What model calls of one model used, and what that costs. */
export interface Charge {
  /** The model's name as configured. */
  readonly model: string;
  readonly usage: Usage;
  /** Absent: unknown. */
  readonly cost?: Cost;
  /** Where the price is from. */
  readonly priceSource?: string;
}

/** What several calls used together. `cost` is absent when nothing is known of it. */
export interface Spent {
  readonly usage: Usage;
  readonly cost?: Cost;
}

/** The sum of what is known; not whole as soon as one part is unknown. Undefined: nothing is known. */
export function sumCosts(costs: readonly (Cost | undefined)[]): Cost | undefined {
  const known = costs.filter((cost) => cost !== undefined);
  if (known.length === 0) return undefined;
  const usd = known.reduce((sum, cost) => sum + cost.usd, 0);
  return {
    usd: rounded(usd),
    isWhole: known.length === costs.length && known.every(({ isWhole }) => isWhole),
  };
}

/** Dollars to ten places, which is how they are stored: sums of binary fractions say no more. */
export function rounded(usd: number): number {
  return Number(usd.toFixed(10));
}

/** What all charges come to. */
export function sumCharges(charges: readonly Charge[]): Spent {
  const usage = charges.reduce((sum, charge) => addUsage(sum, charge.usage), noUsage);
  const cost = sumCosts(charges.map((charge) => charge.cost));
  return { usage, ...(cost === undefined ? {} : { cost }) };
}

/** The charges with one more usage: a model called again, after a failure or another, keeps one charge. */
export function withUsage(
  charges: readonly Charge[],
  { usage, model, cost, priceSource }: Extract<ModelEvent, { type: 'usage' }>,
  modelName: string,
): readonly Charge[] {
  const charge = {
    model: model ?? modelName,
    usage,
    ...(cost === undefined ? {} : { cost }),
    ...(priceSource === undefined ? {} : { priceSource }),
  };
  const before = charges.find(
    (known) => known.model === charge.model && known.priceSource === charge.priceSource,
  );
  if (before === undefined) return [...charges, charge];
  return charges.map((known) => (known === before ? { ...charge, ...sumCharges([known, charge]) } : known));
}
