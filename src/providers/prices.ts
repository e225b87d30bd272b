import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const usd = z.number().min(0);

const rates = {
  input: usd.optional(),
  output: usd.optional(),
  /** Of input that was read from the vendor's cache. */
  cache_read: usd.optional(),
  /** Of input that was written to it, to be kept for minutes. */
  cache_write: usd.optional(),
  /** The same, to be kept for an hour. */
  cache_write_1h: usd.optional(),
};

const entry = z.strictObject({
  provider: z.string().min(1),
  /** A model's name, which stands for its dated versions too; or the beginning of names, followed by `*`. */
  model: z
    .string()
    .regex(/^[^*]*\*?$/, { error: 'A * may stand at the end only.' })
    .min(1),
  ...rates,
  /** A request with more input than this costs as said here, all of it; what is not said is unknown. */
  tiers: z.array(z.strictObject({ above: z.int().positive(), ...rates })).default([]),
  date: z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/, { error: 'Write a date like 2026-11-30 or 2026-11.' }),
  source: z.string().min(1).max(200),
});

/** A file of prices, in US dollars for a million tokens. What is absent is unknown. */
export const pricesSchema = z.strictObject({ prices: z.array(entry) });

type Entry = z.infer<typeof entry>;

/** US dollars for a million tokens; absent: unknown. */
export interface Rates {
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
}

/** What a model costs. */
export interface Price extends Rates {
  /** For requests with more than `above` tokens of input. */
  readonly tiers: readonly (Rates & { readonly above: number })[];
  readonly source: string;
  /** `2026-11` or `2026-11-30`; absent where an admin has set it. */
  readonly date?: string;
}

/** A model as its price is looked up. */
export interface PricedModel {
  readonly provider: string;
  /** What the vendor calls it. */
  readonly name: string;
  /** Settings of provider and model. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What an admin has set for it, which wins. */
  readonly own?: Rates | undefined;
}

/** Undefined: nothing is known. */
export type PriceOf = (model: PricedModel) => Price | undefined;

/** A file of prices cannot be used; the message says which, why and what to do. */
export class PricesError extends Error {
  override readonly name = 'PricesError';
}

const bundledFile = new URL('prices.json', import.meta.url);

/** Reads the bundled prices and those of the operator, which win. Throws `PricesError`. */
export async function readPrices(path?: string): Promise<PriceOf> {
  const [own, bundled] = await Promise.all([
    path === undefined ? [] : readEntries(path),
    readEntries(bundledFile),
  ]);
  return priceTable(own, bundled);
}

async function readEntries(path: string | URL): Promise<readonly Entry[]> {
  try {
    return pricesSchema.parse(JSON.parse(await readFile(path, 'utf8'))).prices;
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new PricesError(
      `The prices in ${String(path)} cannot be used. Mend the file that AI_OPS_PRICES names: ${why}`,
      {
        cause: error,
      },
    );
  }
}

/** Looks prices up in lists of entries; what an earlier list knows wins. */
export function priceTable(...lists: readonly (readonly Entry[])[]): PriceOf {
  return (model) => {
    const found = lists.map((list) => bestOf(list, model)).find((known) => known !== undefined);
    return withOwn(found === undefined ? undefined : toPrice(found, model), model.own);
  };
}

/** The entry with the longest name that fits; one under the model's own provider before one of its vendor. */
function bestOf(list: readonly Entry[], model: PricedModel): Entry | undefined {
  for (const { provider, name } of namesOf(model)) {
    const fitting = list.filter((known) => known.provider === provider && fits(known.model, name));
    const best = fitting.sort((a, b) => b.model.length - a.model.length)[0];
    if (best !== undefined && !(best.model === '*' && isOllamaCloud(model))) return best;
  }
  return undefined;
}

interface Name {
  readonly provider: string;
  readonly name: string;
}

/** Whose model it is: clouds that run the models of others charge what those do, as far as is known. */
function namesOf({ provider, name }: PricedModel): readonly Name[] {
  const own = { provider, name };
  if (provider === 'azure_ai') return [own, { provider: 'openai', name }];
  if (provider !== 'huggingface') return [own];
  const [, vendor = '', model = ''] = /^(openai|anthropic)\/([^:]+)/.exec(name) ?? [];
  return vendor === '' ? [own] : [own, { provider: vendor, name: model }];
}

/** What may follow a name in a dated version of the same model; other endings are other models. */
const version = /^([-@]\d{4}(-?\d{2}){0,2}|-latest)?$/;

function fits(pattern: string, name: string): boolean {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return name.startsWith(pattern) && version.test(name.slice(pattern.length));
}

/** Models that Ollama runs itself are not free: https://ollama.com/cloud */
function isOllamaCloud({ provider, name, config }: PricedModel): boolean {
  const url =
    typeof config.base_url === 'string' && URL.canParse(config.base_url) ? config.base_url : undefined;
  const isVendors = url !== undefined && /(^|\.)ollama\.com$/.test(new URL(url).hostname);
  return provider === 'ollama' && (isVendors || /[-:]cloud$/.test(name));
}

function toPrice({ tiers, date, source, ...given }: Entry, { config }: PricedModel): Price {
  const isLong = config.cache === '1h';
  return {
    ...ratesOf(given, isLong),
    tiers: tiers.map((tier) => ({ above: tier.above, ...ratesOf(tier, isLong) })),
    date,
    source,
  };
}

type GivenRates = Pick<Entry, keyof typeof rates>;

/** `isLong`: what is written to the cache is kept for an hour. */
function ratesOf(given: GivenRates, isLong: boolean): Rates {
  const { input, output, cache_read: cacheRead } = given;
  const cacheWrite = isLong ? given.cache_write_1h : given.cache_write;
  return {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
  };
}

/** Where an admin's prices are from. */
export const ownSource = 'Set for this model';

/** What an admin has set wins, each on its own, and holds for requests of any length. */
function withOwn(price: Price | undefined, own: Rates = {}): Price | undefined {
  if (Object.keys(own).length === 0) return price;
  return { ...price, ...own, tiers: [], source: ownSource };
}
