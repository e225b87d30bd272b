import type { OpenAI } from 'openai';
import type { ModelRequest, ProviderError } from '../agent/provider.ts';
import { failure, retryAfterMs, transportFailure } from './failures.ts';
import { chatReader, toChatRequest } from './openai-chat.ts';
import { openaiFailure } from './openai-errors.ts';
import { openaiModel } from './openai-models.ts';
import { itemReader, responsesReader, toResponsesRequest } from './openai-responses.ts';
import { type OpenaiSettings, openaiConfig, openaiSettings } from './openai-settings.ts';
import { type ProviderDefinition, readChunks, type Vendor, type VendorOptions } from './vendor.ts';

/** OpenAI, by its Responses API or by Chat Completions. */
export const openai: ProviderDefinition = {
  name: 'openai',
  label: 'OpenAI',
  defaultModel: 'gpt-6.1-sol',
  needsKey: true,
  config: openaiConfig,
  contextWindow: (model) => openaiModel(model)?.contextWindow,
  create,
};

/** A model that reasons may think for minutes before the next event. */
const thinkingMs = 300_000;

type Sdk = typeof import('openai');

async function create(options: VendorOptions): Promise<Vendor> {
  const config = openaiConfig.parse(options.config ?? {});
  const { apiKey, model } = options;
  if (!apiKey) throw failure(`OpenAI ${model}`, 'auth', 'No API key is configured.');
  const settings = openaiSettings(model, apiKey, config);
  const sdk = await import('openai');
  const client = openClient(sdk, { ...options, apiKey }, config.base_url);
  return {
    label: settings.label,
    ...(settings.reasons ? { idleMs: thinkingMs } : {}),
    stream: config.api === 'chat' ? streamChat(client, settings) : streamResponse(client, settings),
    classify: (error) => classify(sdk, settings.label, error),
  };
}

/** Says everything that the SDK would otherwise read from the environment; retries are `resilient`'s. */
function openClient(sdk: Sdk, options: VendorOptions & { apiKey: string }, baseURL: string): OpenAI {
  return new sdk.OpenAI({
    apiKey: options.apiKey,
    baseURL,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: 'off',
    maxRetries: 0,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
}

function streamResponse(client: OpenAI, settings: OpenaiSettings): Vendor['stream'] {
  const itemsOf = itemReader(settings);
  return (request, signal) =>
    readChunks(
      () =>
        client.responses.create(
          toResponsesRequest(request, settings, itemsOf),
          requestOptions(request, signal),
        ),
      responsesReader(settings),
    );
}

function streamChat(client: OpenAI, settings: OpenaiSettings): Vendor['stream'] {
  return (request, signal) =>
    readChunks(
      () => client.chat.completions.create(toChatRequest(request, settings), requestOptions(request, signal)),
      chatReader(),
    );
}

/** https://developers.openai.com/api/reference/overview: the vendor logs the client's own request id. */
function requestOptions({ turnId }: ModelRequest, signal: AbortSignal) {
  return turnId === undefined ? { signal } : { signal, headers: { 'X-Client-Request-Id': turnId } };
}

function classify(sdk: Sdk, who: string, error: unknown): ProviderError {
  if (error instanceof sdk.APIUserAbortError) return failure(who, 'aborted', '', { cause: error });
  if (error instanceof sdk.APIConnectionTimeoutError)
    return transportFailure(who, error, { otherwise: 'timeout' });
  if (error instanceof sdk.APIConnectionError) return transportFailure(who, error, { otherwise: 'network' });
  if (!(error instanceof sdk.APIError)) return transportFailure(who, error);
  const { status, code, type } = error;
  const message = error.message.replace(/^\d{3} /, '');
  return openaiFailure(who, { status, code, type, message, retryAfterMs: retryAfterMs(error.headers) });
}
