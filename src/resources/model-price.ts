import type { Row } from './definition.ts';
import { nameOf } from './input.ts';
import type { OwnPrices } from './port.ts';
import type { PriceView, World } from './world.ts';

/** What of a model's price its row shows besides what an admin has set; null: unknown. */
export function shownPrice(row: Row, world: Pick<World, 'price'>): Readonly<Record<string, unknown>> {
  const price = priceOf(row, world);
  return {
    effective_price: price === undefined ? null : priceJson(price),
    price_source: price?.source ?? null,
    price_date: price?.date ?? null,
  };
}

function priceOf(row: Row, world: Pick<World, 'price'>): PriceView | undefined {
  return world.price({
    provider: nameOf(row.llm_provider) ?? '',
    name: String(row.name),
    config: isObject(row.model_config) ? row.model_config : {},
    own: ownPrices(row),
  });
}

/** Whether anything is known of what a model costs. */
export function isPriced(row: Row, world: Pick<World, 'price'>): boolean {
  return priceOf(row, world) !== undefined;
}

/** What a model costs, in a few words. */
export function priceText(row: Row, world: Pick<World, 'price'>): string {
  const { input, output } = priceOf(row, world) ?? {};
  if (input === undefined && output === undefined) return 'unknown';
  if (input === 0 && output === 0) return 'free';
  return `$${input ?? '?'} in, $${output ?? '?'} out per million tokens`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The prices that an admin has set. */
export function ownPrices(row: Row): OwnPrices {
  return {
    ...rate('input', row.input_price),
    ...rate('output', row.output_price),
    ...rate('cacheRead', row.cache_read_price),
    ...rate('cacheWrite', row.cache_write_price),
  };
}

function rate(name: keyof OwnPrices, value: unknown): OwnPrices {
  return typeof value === 'number' ? { [name]: value } : {};
}

function priceJson({ tiers, ...price }: PriceView) {
  return {
    ...ratesJson(price),
    tiers: tiers.map(({ above, ...tier }) => ({ above, ...ratesJson(tier) })),
    unit: 'USD per million tokens',
  };
}

/** US dollars for a million tokens; null: unknown. */
function ratesJson({ input, output, cacheRead, cacheWrite }: OwnPrices) {
  return {
    input: input ?? null,
    output: output ?? null,
    cache_read: cacheRead ?? null,
    cache_write: cacheWrite ?? null,
  };
}
