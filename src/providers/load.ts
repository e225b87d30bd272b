import { z } from 'zod';
import { type Charge, withUsage } from '../agent/cost.ts';
import {
  addUsage,
  type ModelEvent,
  noUsage,
  type Provider,
  ProviderError,
  type ProviderErrorKind,
} from '../agent/provider.ts';
import type { Log } from '../observe/port.ts';
import type { ModelRow } from '../resources/port.ts';
import { chargesFor } from './cost.ts';
import { failure } from './failures.ts';
import { providers } from './index.ts';
import { lookAtModels } from './look.ts';
import { type PdfReader, pdfReader } from './pdf.ts';
import { type PriceOf, priceTable } from './prices.ts';
import { resilient } from './resilient.ts';
import { withSight } from './sight.ts';
import { withoutToolSearch } from './tool-search.ts';
import type { Surroundings, Vendor } from './vendor.ts';

export interface Loaded {
  readonly provider: Provider;
  readonly contextWindow: number;
  readonly maxOutputTokens?: number;
}

/** Whether a model can be called, as far as that shows without the network. */
export interface ModelCheck {
  readonly status: 'ok' | 'failed' | 'absent';
  readonly detail: string;
}

/** What came of one tiny call of a model. */
export type ModelTest =
  | {
      readonly ok: true;
      readonly latencyMs: number;
      /** Read and written. */
      readonly tokens: number;
      /** What it said; empty when thinking took all that it was allowed. */
      readonly text: string;
    }
  | {
      readonly ok: false;
      readonly latencyMs: number;
      readonly kind: ProviderErrorKind;
      /** What failed and what to do, without the key. */
      readonly detail: string;
    };

export interface LoaderOptions {
  readonly resolveSecret: (reference: string) => Promise<string>;
  /** Hears which reference led to a key that was refused, so that it is asked for anew. */
  readonly forgetSecret?: (reference: string) => void;
  readonly log: Log;
  readonly surroundings?: Surroundings;
  /** Absent: no price is known but those that an admin has set. */
  readonly priceOf?: PriceOf;
  /** How long a test may take. Default 30 s. */
  readonly testMs?: number;
}

/** Tokens assumed of a model that nobody described. */
const unknownWindow = 64_000;

const tokens = z.number().int().positive();

/** What a provider runs when nobody named a model; empty for an unknown one. */
export function defaultModel(provider: string): string {
  return providers[provider]?.defaultModel ?? '';
}

/**
 * Makes models ready to be called; each is made once per version of the configuration, and anew after
 * its key was refused: the secret may have been replaced. Throws `ProviderError` `misconfigured`.
 */
export function modelLoader(options: LoaderOptions) {
  const readPdf = pdfReader();
  let made = { version: -1, models: new Map<string, Promise<Loaded>>() };
  return {
    async load(row: ModelRow, version: number): Promise<Loaded> {
      if (made.version !== version) made = { version, models: new Map() };
      const { models } = made;
      const known = models.get(row.id);
      if (known !== undefined) return await known;
      const forget = () => models.delete(row.id);
      const refused = () => {
        forget();
        options.forgetSecret?.(row.secretReference);
      };
      const loading = makeModel(row, options, readPdf).then((loaded) => ({
        ...loaded,
        provider: onRefusedKey(loaded.provider, refused),
      }));
      models.set(row.id, loading);
      return await loading.catch((error: unknown) => {
        forget();
        throw error;
      });
    },
    /** Resolves the secret and makes the model, but keeps and calls nothing. Never rejects. */
    async check(row: ModelRow | undefined): Promise<ModelCheck> {
      if (row === undefined) return { status: 'absent', detail: 'none configured' };
      try {
        await makeModel(row, options, readPdf);
        return { status: 'ok', detail: row.name };
      } catch (error) {
        return { status: 'failed', detail: messageOf(error) };
      }
    },
    readPdf,
    /** How models stand, without a token spent; see `lookAtModels`. Never rejects. */
    look: (rows: readonly ModelRow[]) =>
      lookAtModels(rows, {
        make: async (row) => (await makeVendor(row, options)).vendor,
        refused: ({ secretReference }) => options.forgetSecret?.(secretReference),
      }),
    /** Really calls the model once, without trying again and with nothing kept. Never rejects. `charged` hears what it used. */
    test: (row: ModelRow, charged?: Charged) => testModel(row, options, charged),
  };
}

/** Enough for a model that thinks before it says two letters. */
const testTokens = 64;
const longestTestText = 200;

/** Hears what a call has used, and how long it took. */
type Charged = (charge: Charge, durationMs: number) => void;

async function testModel(
  row: ModelRow,
  options: LoaderOptions,
  charged: Charged = () => {},
): Promise<ModelTest> {
  const { testMs = 30_000 } = options;
  let charges: readonly Charge[] = [];
  const startedAt = performance.now();
  const latencyMs = () => Math.round(performance.now() - startedAt);
  const limit = AbortSignal.timeout(testMs);
  try {
    const { vendor, mask, config } = await makeVendor(row, options);
    const charge = chargesFor(row.name, priceFor(row, config, options));
    const { text, usage } = await hearTest(resilient(vendor, { retries: 0, charge }), row, {
      signal: limit,
      used: (event) => {
        charges = withUsage(charges, event, row.name);
      },
    });
    const said = mask(text).slice(0, longestTestText);
    return { ok: true, latencyMs: latencyMs(), tokens: usage.input + usage.output, text: said };
  } catch (error) {
    const failed = limit.aborted ? tooSlow(row, testMs) : error;
    const kind = failed instanceof ProviderError ? failed.kind : 'protocol';
    if (kind === 'auth') options.forgetSecret?.(row.secretReference);
    return { ok: false, latencyMs: latencyMs(), kind, detail: messageOf(failed) };
  } finally {
    for (const charge of charges) charged(charge, latencyMs());
  }
}

interface Hearing {
  readonly signal: AbortSignal;
  readonly used: (event: Extract<ModelEvent, { type: 'usage' }>) => void;
}

async function hearTest(provider: Provider, row: ModelRow, { signal, used }: Hearing) {
  const request = {
    system: '',
    messages: [{ role: 'user', text: 'Reply with OK.' }],
    tools: [],
    maxOutputTokens: testTokens,
    ...(row.temperature === undefined ? {} : { temperature: row.temperature }),
  } as const;
  let [text, usage] = ['', noUsage];
  for await (const event of provider(request, signal)) {
    if (event.type === 'text') text += event.text;
    if (event.type !== 'usage') continue;
    usage = addUsage(usage, event.usage);
    used(event);
  }
  return { text, usage };
}

function tooSlow(row: ModelRow, testMs: number): ProviderError {
  return failure(row.name, 'timeout', `It did not answer within ${testMs / 1000} s.`);
}

/** Tells when a call failed because of its key. */
function onRefusedKey(provider: Provider, refused: () => void): Provider {
  return async function* (request, signal) {
    try {
      yield* provider(request, signal);
    } catch (error) {
      if (error instanceof ProviderError && error.kind === 'auth') refused();
      throw error;
    }
  };
}

async function makeModel(row: ModelRow, options: LoaderOptions, readPdf: PdfReader): Promise<Loaded> {
  const { definition, vendor, config, window, stated: sight } = await makeVendor(row, options);
  const stated = tokens.safeParse(window);
  const answer = tokens.safeParse(config.max_tokens);
  const known = stated.success ? stated.data : definition.contextWindow(row.name, config);
  const maxOutputTokens = row.maxTokens ?? (answer.success ? answer.data : undefined);
  const contextWindow = row.contextWindow ?? known ?? unknownWindow;
  const provider = resilient(vendor, {
    log: options.log,
    charge: chargesFor(row.name, priceFor(row, config, options)),
  });
  return {
    provider: withSight(vendor.searchesTools === true ? provider : withoutToolSearch(provider, row.name), {
      sight: {
        images: sight.images ?? vendor.takes?.includes('image') ?? false,
        pdfs: sight.pdfs ?? vendor.takes?.includes('pdf') ?? false,
      },
      ...{ readPdf, contextWindow, label: vendor.label, log: options.log },
    }),
    contextWindow,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

function priceFor(
  row: ModelRow,
  config: Readonly<Record<string, unknown>>,
  { priceOf = priceTable() }: LoaderOptions,
) {
  return priceOf({ provider: row.provider, name: row.name, config, own: row.ownPrices });
}

async function makeVendor(row: ModelRow, { resolveSecret, log, surroundings }: LoaderOptions) {
  const definition = providers[row.provider];
  if (definition === undefined) throw new ProviderError('misconfigured', unknownProvider(row.provider));
  const {
    context_window: window,
    input_images: images,
    input_pdfs: pdfs,
    ...config
  }: Readonly<Record<string, unknown>> = { ...row.providerConfig, ...row.modelConfig };
  const stated = { images: yesOrNo(images), pdfs: yesOrNo(pdfs) };
  const apiKey = row.secretReference === '' ? undefined : await secret(row, resolveSecret);
  const mask = (text: string) => (apiKey === undefined ? text : text.replaceAll(apiKey, '***'));
  const vendor = await definition
    .create({ ...surroundings, model: row.name, config, log, ...(apiKey === undefined ? {} : { apiKey }) })
    .catch((error: unknown) => Promise.reject(asProviderError(row, error, mask)));
  return { definition, vendor: masked(vendor, mask), mask, config, window, stated };
}

/** What an admin says of a model; undefined: nothing, and what its vendor takes is tried. */
function yesOrNo(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** Some vendors repeat the key in their refusals; people and logs must not see it. */
function masked(vendor: Vendor, mask: (text: string) => string): Vendor {
  return {
    ...vendor,
    classify(error) {
      const { kind, message, status, retryAfterMs, cause } = vendor.classify(error);
      return new ProviderError(kind, mask(message), { status, retryAfterMs, cause });
    },
  };
}

async function secret(row: ModelRow, resolveSecret: LoaderOptions['resolveSecret']): Promise<string> {
  return await resolveSecret(row.secretReference).catch((error: unknown) => {
    const message = messageOf(error);
    throw new ProviderError('misconfigured', `The model ${row.name} has no key: ${message}`, {
      cause: error,
    });
  });
}

/** Before its first call, whatever is wrong with a model is wrong with its configuration. */
function asProviderError(row: ModelRow, error: unknown, mask: (text: string) => string): ProviderError {
  const problem = mask(error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error));
  return new ProviderError('misconfigured', `The model ${row.name} is not set up right: ${problem}`, {
    cause: error,
  });
}

function unknownProvider(name: string): string {
  return `Unknown provider type: ${name}. Available: ${Object.keys(providers).join(', ')}.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
