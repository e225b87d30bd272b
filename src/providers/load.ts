import { z } from 'zod';
import { type Provider, ProviderError } from '../agent/provider.ts';
import type { Log } from '../observe/port.ts';
import type { ModelRow } from '../resources/port.ts';
import { providers } from './index.ts';
import { resilient } from './resilient.ts';
import type { Vendor } from './vendor.ts';

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

export interface LoaderOptions {
  readonly resolveSecret: (reference: string) => Promise<string>;
  readonly log: Log;
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
  let made = { version: -1, models: new Map<string, Promise<Loaded>>() };
  return {
    async load(row: ModelRow, version: number): Promise<Loaded> {
      if (made.version !== version) made = { version, models: new Map() };
      const { models } = made;
      const known = models.get(row.id);
      if (known !== undefined) return await known;
      const forget = () => models.delete(row.id);
      const loading = makeModel(row, options).then((loaded) => ({
        ...loaded,
        provider: onRefusedKey(loaded.provider, forget),
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
        await makeModel(row, options);
        return { status: 'ok', detail: row.name };
      } catch (error) {
        return { status: 'failed', detail: messageOf(error) };
      }
    },
  };
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

async function makeModel(row: ModelRow, { resolveSecret, log }: LoaderOptions): Promise<Loaded> {
  const definition = providers[row.provider];
  if (definition === undefined) throw new ProviderError('misconfigured', unknownProvider(row.provider));
  const { context_window: window, ...config } = { ...row.providerConfig, ...row.modelConfig };
  const stated = tokens.safeParse(window);
  const answer = tokens.safeParse(config.max_tokens);
  const apiKey: { readonly apiKey?: string } =
    row.secretReference === '' ? {} : { apiKey: await secret(row, resolveSecret) };
  const vendor = await definition
    .create({ model: row.name, config, log, ...apiKey })
    .catch((error: unknown) => Promise.reject(asProviderError(row, error)));
  const contextWindow = stated.success ? stated.data : definition.contextWindow(row.name, config);
  return {
    provider: resilient(withoutKey(vendor, apiKey.apiKey), { log }),
    contextWindow: contextWindow ?? unknownWindow,
    ...(answer.success ? { maxOutputTokens: answer.data } : {}),
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

async function secret(row: ModelRow, resolveSecret: LoaderOptions['resolveSecret']): Promise<string> {
  return await resolveSecret(row.secretReference).catch((error: unknown) => {
    const message = messageOf(error);
    throw new ProviderError('misconfigured', `The model ${row.name} has no key: ${message}`, {
      cause: error,
    });
  });
}

/** Before its first call, whatever is wrong with a model is wrong with its configuration. */
function asProviderError(row: ModelRow, error: unknown): ProviderError {
  const problem = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
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
