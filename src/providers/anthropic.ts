import type { Anthropic } from '@anthropic-ai/sdk';
import type { ModelRequest, ProviderError } from '../agent/provider.ts';
import { anthropicFailure } from './anthropic-errors.ts';
import { anthropicModel } from './anthropic-models.ts';
import { anthropicReader } from './anthropic-reader.ts';
import { toAnthropicCall } from './anthropic-request.ts';
import { type AnthropicSettings, anthropicConfig, anthropicSettings } from './anthropic-settings.ts';
import { failure, retryAfterMs, transportFailure } from './failures.ts';
import { isAt, listed, namesIn } from './model-list.ts';
import {
  type ProviderDefinition,
  readChunks,
  type Vendor,
  type VendorEvent,
  type VendorOptions,
} from './vendor.ts';

/** Anthropic, by its Messages API. */
export const anthropic: ProviderDefinition = {
  name: 'anthropic',
  label: 'Anthropic',
  defaultModel: 'claude-sonnet-5-5',
  needsKey: true,
  config: anthropicConfig,
  contextWindow: (model) => anthropicModel(model)?.contextWindow,
  create,
};

/** A model may think for minutes, and the SDK keeps the pings of that time to itself. */
const thinkingMs = 300_000;

type Sdk = typeof import('@anthropic-ai/sdk');

async function create(options: VendorOptions): Promise<Vendor> {
  const config = anthropicConfig.parse(options.config ?? {});
  const { apiKey, model } = options;
  if (!apiKey) throw failure(`Anthropic ${model}`, 'auth', 'No API key is configured.');
  const settings = anthropicSettings(model, apiKey, config);
  const { endsOn } = settings.facts ?? {};
  if (endsOn !== undefined) options.log?.warn('model_ends', { model, ends_on: endsOn });
  const sdk = await import('@anthropic-ai/sdk');
  const client = openClient(sdk, { ...options, apiKey }, config.base_url);
  return {
    label: settings.label,
    idleMs: thinkingMs,
    searchesTools: true,
    takes: ['image', 'pdf'],
    stream: (request, signal) => streamMessage(client, settings, request, signal),
    classify: (error) => classify(sdk, settings.label, error),
    probe: {
      account: settings.accountKey,
      list: async (signal) =>
        namesIn(settings.label, await client.models.list({ limit: mostListed }, { signal })),
      has: (names) => hasModel(settings, names),
    },
  };
}

/** The vendor lists no more at once, and has far fewer. */
const mostListed = 1000;

/** The list has dated names, and names without a date stand for the newest of them. */
function hasModel({ model, config }: AnthropicSettings, names: readonly string[]): boolean | undefined {
  const bare = (name: string) => name.replace(/-(?:\d{8}|latest|0)$/, '');
  const wanted = /-\d{8}$/.test(model) ? [model] : [model, bare(model)];
  const all = names.flatMap((name) => [name, bare(name)]);
  return listed(all, wanted, isAt(config.base_url, 'api.anthropic.com'));
}

/** Says everything that the SDK would otherwise read from the environment; retries are `resilient`'s. */
function openClient(sdk: Sdk, options: VendorOptions & { apiKey: string }, baseURL: string): Anthropic {
  return new sdk.Anthropic({
    apiKey: options.apiKey,
    baseURL,
    webhookKey: null,
    openTelemetry: false,
    logLevel: 'off',
    maxRetries: 0,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
}

/** One answer, in as many calls as the vendor pauses it. */
async function* streamMessage(
  client: Anthropic,
  settings: AnthropicSettings,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<VendorEvent> {
  const { body, prefix } = toAnthropicCall(request, settings);
  const reader = anthropicReader(settings, prefix);
  for (let messages = body.messages; ; ) {
    yield* readChunks(() => client.messages.create({ ...body, messages }, { signal }), reader);
    const content = reader.paused();
    if (content === undefined) return;
    messages = [...body.messages, { role: 'assistant', content }];
  }
}

function classify(sdk: Sdk, who: string, error: unknown): ProviderError {
  if (error instanceof sdk.APIUserAbortError) return failure(who, 'aborted', '', { cause: error });
  if (error instanceof sdk.APIConnectionTimeoutError)
    return transportFailure(who, error, { otherwise: 'timeout' });
  if (error instanceof sdk.APIConnectionError) return transportFailure(who, error, { otherwise: 'network' });
  if (!(error instanceof sdk.APIError)) return transportFailure(who, error);
  const { status, type, errorCode: code } = error;
  const message = error.apiMessage ?? error.message.replace(/^\d{3} /, '');
  return anthropicFailure(who, { status, type, code, message, retryAfterMs: retryAfterMs(error.headers) });
}
