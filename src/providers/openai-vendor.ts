import type { ClientOptions, OpenAI } from 'openai';
import { type ModelRequest, ProviderError } from '../agent/provider.ts';
import { failure, retryAfterMs, transportFailure } from './failures.ts';
import { listed, namesIn } from './model-list.ts';
import { chatReader, toChatRequest } from './openai-chat.ts';
import { openaiFailure } from './openai-errors.ts';
import { isModeration, streamModeration } from './openai-moderation.ts';
import { itemReader, responsesReader, toResponsesRequest } from './openai-responses.ts';
import type { OpenaiSettings } from './openai-settings.ts';
import { readChunks, type Vendor } from './vendor.ts';

/** Where a model is and how to sign in there: all that tells the vendors of OpenAI's API apart. */
export interface OpenaiServer {
  readonly baseURL: string;
  readonly api: 'responses' | 'chat';
  /** A key, or what gives a token before each call. Absent: nobody is asked who they are. */
  readonly key?: string | (() => Promise<string>);
  /** Present: Azure, which wants keys in a header of its own. */
  readonly azure?: AzureRoute;
  readonly fetch?: typeof fetch;
  /** Whether its list of models has the model. Absent: one that it leaves out may be there. */
  readonly has?: (names: readonly string[]) => boolean | undefined;
}

/** How Azure is asked. */
export interface AzureRoute {
  /** Sent with every call; absent: the v1 API needs none. */
  readonly apiVersion?: string;
  /** True: the older API, with the deployment in the path. */
  readonly byDeployment: boolean;
}

/** A model that reasons may think for minutes before the next event. */
const thinkingMs = 300_000;

type Sdk = typeof import('openai');

/** One model behind OpenAI's Responses API or Chat Completions, whoever runs the server. */
export async function openaiVendor(settings: OpenaiSettings, server: OpenaiServer): Promise<Vendor> {
  const sdk = await import('openai');
  const client = openClient(sdk, server);
  return {
    label: settings.label,
    ...(settings.reasons ? { idleMs: thinkingMs } : {}),
    searchesTools: server.api === 'responses',
    takes: settings.dialect.takesPdfs === true ? ['image', 'pdf'] : ['image'],
    stream: streamOf(client, settings, server),
    classify: (error) => classify(sdk, settings.label, error),
    probe: {
      account: settings.accountKey,
      list: async (signal) => namesIn(settings.label, await client.models.list({ signal })),
      has: server.has ?? ((names) => listed(names, [settings.model], false)),
    },
  };
}

function openClient(sdk: Sdk, server: OpenaiServer): OpenAI {
  const { key, azure } = server;
  const options = clientOptions(server);
  if (azure !== undefined) return openAzure(sdk, options, azure, key);
  if (key !== undefined) return new sdk.OpenAI({ ...options, apiKey: key });
  return new sdk.OpenAI({ ...options, apiKey: 'none', defaultHeaders: { authorization: null } });
}

/** Says everything that the SDK would otherwise read from the environment; retries are `resilient`'s. */
function clientOptions({ baseURL, fetch: ownFetch = fetch }: OpenaiServer) {
  return {
    baseURL,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: 'off',
    maxRetries: 0,
    fetch: async (url, init) => withErrorInside(await ownFetch(url, init)),
  } satisfies ClientOptions;
}

function openAzure(
  sdk: Sdk,
  options: ReturnType<typeof clientOptions>,
  { apiVersion, byDeployment }: AzureRoute,
  key: OpenaiServer['key'],
): OpenAI {
  const isToken = typeof key === 'function';
  if (byDeployment) {
    // An absent key would be looked for in the environment; an empty one is none.
    const credential = isToken ? { apiKey: '', azureADTokenProvider: key } : { apiKey: key ?? '' };
    return new sdk.AzureOpenAI({ ...options, ...credential, apiVersion });
  }
  const defaultQuery = apiVersion === undefined ? {} : { 'api-version': apiVersion };
  if (isToken) return new sdk.OpenAI({ ...options, defaultQuery, apiKey: key });
  return new sdk.OpenAI({
    ...options,
    defaultQuery,
    apiKey: key ?? '',
    defaultHeaders: { 'api-key': key, authorization: null },
    // A header of Azure's own would go along with a redirect to anywhere.
    fetchOptions: { redirect: 'manual' },
  });
}

/**
 * The SDK reads what an error says from `error` alone. Gateways and Azure's own sign-in answer with a
 * plain object: it is put there.
 */
async function withErrorInside(response: Response): Promise<Response> {
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  if (response.ok || !isJson) return response;
  const text = await response.text();
  return new Response(errorInside(text) || null, { status: response.status, headers: response.headers });
}

function errorInside(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    const isBare = typeof body === 'object' && body !== null && !('error' in body);
    return isBare ? JSON.stringify({ error: body }) : text;
  } catch {
    return text;
  }
}

function streamOf(client: OpenAI, settings: OpenaiSettings, { api }: OpenaiServer): Vendor['stream'] {
  if (isModeration(settings.model)) return streamModeration(client, settings.model);
  return api === 'chat' ? streamChat(client, settings) : streamResponse(client, settings);
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
  // What kept a token from being got has its kind already.
  if (error instanceof sdk.OpenAIError && error.cause instanceof ProviderError) return error.cause;
  if (!(error instanceof sdk.APIError)) return transportFailure(who, error);
  const { status, code, type, error: body } = error;
  const message = typeof body === 'string' ? body : error.message.replace(/^\d{3} /, '');
  return openaiFailure(who, { status, code, type, message, body, retryAfterMs: retryAfterMs(error.headers) });
}
