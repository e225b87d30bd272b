import { z } from 'zod';
import { type Provider, ProviderError } from '../agent/provider.ts';
import type { Log } from '../observe/port.ts';
import { providers } from './index.ts';
import { resilient } from './resilient.ts';
import type { Vendor } from './vendor.ts';

/** What a configured model row says. */
export interface ModelDescription {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  readonly providerConfig: Readonly<Record<string, unknown>>;
  readonly modelConfig: Readonly<Record<string, unknown>>;
  readonly secretReference: string;
}

export interface Loaded {
  readonly provider: Provider;
  readonly contextWindow: number;
}

export interface LoaderOptions {
  readonly resolveSecret: (reference: string) => Promise<string>;
  readonly log: Log;
}

/** Tokens assumed of a model that nobody described. */
const unknownWindow = 64_000;

const windowSchema = z.object({ context_window: z.number().int().positive() });

/** What a provider runs when nobody named a model; empty for an unknown one. */
export function defaultModel(provider: string): string {
  return providers[provider]?.defaultModel ?? '';
}

/** Makes models ready to be called; each is made once per version of the configuration. */
export function modelLoader(options: LoaderOptions) {
  let made = { version: -1, models: new Map<string, Promise<Loaded>>() };
  return {
    async load(row: ModelDescription, version: number): Promise<Loaded> {
      if (made.version !== version) made = { version, models: new Map() };
      const { models } = made;
      const known = models.get(row.id);
      if (known !== undefined) return await known;
      const loading = makeModel(row, options);
      models.set(row.id, loading);
      return await loading.catch((error: unknown) => {
        models.delete(row.id);
        throw error;
      });
    },
  };
}

async function makeModel(row: ModelDescription, { resolveSecret, log }: LoaderOptions): Promise<Loaded> {
  const definition = providers[row.provider];
  if (definition === undefined) throw new ProviderError('not_found', unknownProvider(row.provider));
  const { context_window: window, ...config } = { ...row.providerConfig, ...row.modelConfig };
  const stated = windowSchema.safeParse({ context_window: window });
  const apiKey: { readonly apiKey?: string } =
    row.secretReference === '' ? {} : { apiKey: await secret(row, resolveSecret) };
  const vendor = await definition
    .create({ model: row.name, config, log, ...apiKey })
    .catch((error: unknown) => Promise.reject(asProviderError(row, error)));
  const contextWindow = stated.success
    ? stated.data.context_window
    : definition.contextWindow(row.name, config);
  return {
    provider: resilient(withoutKey(vendor, apiKey.apiKey), { log }),
    contextWindow: contextWindow ?? unknownWindow,
  };
}

/** Some vendors repeat the key in their refusals; people and logs must not see it. */
function withoutKey(vendor: Vendor, apiKey: string | undefined): Vendor {
  if (apiKey === undefined) return vendor;
  return {
    ...vendor,
    classify(error) {
      const { kind, message, status, retryAfterMs, cause } = vendor.classify(error);
      return new ProviderError(kind, message.replaceAll(apiKey, '***'), { status, retryAfterMs, cause });
    },
  };
}

async function secret(row: ModelDescription, resolveSecret: LoaderOptions['resolveSecret']): Promise<string> {
  return await resolveSecret(row.secretReference).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    throw new ProviderError('auth', `The model ${row.name} has no key: ${message}`, { cause: error });
  });
}

function asProviderError(row: ModelDescription, error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  const problem = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
  return new ProviderError('bad_request', `The configuration of the model ${row.name} is wrong: ${problem}`, {
    cause: error,
  });
}

function unknownProvider(name: string): string {
  return `Unknown provider type: ${name}. Available: ${Object.keys(providers).join(', ')}.`;
}
