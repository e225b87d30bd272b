import { createHash } from 'node:crypto';
import type { ChatResponse, Ollama } from 'ollama';
import { z } from 'zod';
import type { ModelRequest, ProviderError, ProviderErrorKind } from '../agent/provider.ts';
import { failure, kindOfStatus, retryAfterMs, transportFailure } from './failures.ts';
import { listed } from './model-list.ts';
import { type OllamaSettings, ollamaConfig, ollamaSettings } from './ollama-settings.ts';
import { ollamaReader, toOllamaRequest } from './ollama-wire.ts';
import { type ProviderDefinition, readChunks, type Vendor, type VendorOptions } from './vendor.ts';

/** A model is read into memory before it speaks; Ollama itself gives up after five minutes. */
const loadingMs = 300_000;
/** Ollama holds a tool call back until it is whole, which takes long on a slow machine. */
const silenceMs = 120_000;

/** Ollama, by its own API: the OpenAI route of Ollama passes over `num_ctx`. */
export const ollama: ProviderDefinition = {
  name: 'ollama',
  label: 'Ollama',
  defaultModel: 'qwen3:8b',
  needsKey: false,
  config: ollamaConfig,
  contextWindow: (_model, config) => ollamaConfig.safeParse(config ?? {}).data?.num_ctx,
  create,
};

type Sdk = typeof import('ollama');

async function create(options: VendorOptions): Promise<Vendor> {
  const config = ollamaConfig.parse(options.config ?? {});
  const settings = ollamaSettings(options.model, config, options.log);
  const sdk = await import('ollama');
  return {
    label: settings.label,
    firstEventMs: loadingMs,
    idleMs: silenceMs,
    takes: ['image'],
    stream: (request, signal) =>
      readChunks(() => openChat(sdk, settings, options, { request, signal }), ollamaReader(settings)),
    classify: (error) => classify(settings, error),
    probe: {
      account: accountOf(settings, options.apiKey),
      list: (signal) => listModels(openClient(sdk, settings, options, { signal }), settings),
      has: (names) => hasModel(settings.model, names),
    },
  };
}

function accountOf({ config }: OllamaSettings, apiKey = ''): string {
  return `ollama:${createHash('sha256').update(`${config.base_url}\n${apiKey}`).digest('hex').slice(0, 8)}`;
}

const listSchema = z.object({ models: z.array(z.looseObject({ name: z.string() })) });

async function listModels(client: Ollama, { label }: OllamaSettings): Promise<readonly string[]> {
  const read = listSchema.safeParse(await client.list());
  if (!read.success) throw failure(label, 'protocol', 'It answers with no list of models.');
  return read.data.models.map(({ name }) => name);
}

/** A server lists all that it has pulled; models of Ollama's cloud are there without. */
function hasModel(model: string, names: readonly string[]): boolean | undefined {
  const tagged = (name: string) => (/:[^/]*$/.test(name) ? name : `${name}:latest`).toLowerCase();
  return listed(names.map(tagged), [tagged(model)], !/[:-]cloud$/.test(model));
}

interface Call {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
}

async function openChat(
  sdk: Sdk,
  settings: OllamaSettings,
  options: VendorOptions,
  { request, signal }: Call,
): Promise<AsyncIterable<ChatResponse>> {
  const client = openClient(sdk, settings, options, {
    signal,
    read: (body) => body.pipeThrough(rejectBrokenLines()),
  });
  return client.chat(toOllamaRequest(request, settings));
}

interface Reading {
  readonly signal: AbortSignal;
  readonly read?: (body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;
}

/** A client for one call: the SDK has no signal for a call, so its fetch carries it. */
function openClient(
  sdk: Sdk,
  settings: OllamaSettings,
  { apiKey, fetch: ownFetch = fetch }: VendorOptions,
  { signal, read = (body) => body }: Reading,
): Ollama {
  return new sdk.Ollama({
    host: settings.config.base_url,
    fetch: async (url, init) => {
      const response = await ownFetch(url, { ...init, signal });
      if (!response.ok) throw await refusal(settings, response);
      return new Response(response.body === null ? null : read(response.body), response);
    },
    ...(apiKey ? { headers: { authorization: `Bearer ${apiKey}` } } : {}),
  });
}

/** The SDK prints a line that is no JSON and goes on without it: text would be lost. Here it is an error. */
function rejectBrokenLines(): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  let rest = '';
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') JSON.parse(line);
      controller.enqueue(chunk);
    },
    flush() {
      if (rest.trim() !== '') JSON.parse(rest);
    },
  });
}

/** The error of an HTTP answer, read before the SDK prints it. */
async function refusal(settings: OllamaSettings, response: Response): Promise<ProviderError> {
  const { status } = response;
  const detail = errorText(await response.text());
  const kind = kindByWords(detail) ?? kindOfStatus(status);
  const pull = status === 404 && /model/i.test(detail) ? `. Pull it: ollama pull ${settings.model}` : '';
  return failure(settings.label, kind, `${detail}${pull}`, {
    status,
    retryAfterMs: retryAfterMs(response.headers),
  });
}

/** Ollama's errors are `{"error": "…"}`; what stands before it may answer with anything. */
function errorText(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    const isError = typeof parsed === 'object' && parsed !== null && 'error' in parsed;
    return isError && typeof parsed.error === 'string' ? parsed.error : body;
  } catch {
    return body;
  }
}

const kindsByWords: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  [/exceeds? .*context|context (?:length|size|window)/i, 'context_overflow'],
  [/requires more system memory/i, 'bad_request'],
  [/did not receive done/i, 'protocol'],
  // A model without eyes is told so by the runner, with 500.
  [/missing data required for image|not support (?:image|vision)/i, 'bad_request'],
];

function kindByWords(text: string): ProviderErrorKind | undefined {
  return kindsByWords.find(([words]) => words.test(text))?.[1];
}

/** An error line in the stream is a plain Error of the SDK: the model's runner failed. */
function classify({ label, config }: OllamaSettings, error: unknown): ProviderError {
  const worded = error instanceof Error ? kindByWords(error.message) : undefined;
  return transportFailure(label, error, {
    otherwise: worded ?? 'overloaded',
    hint: `Is Ollama running at ${config.base_url}?`,
  });
}
