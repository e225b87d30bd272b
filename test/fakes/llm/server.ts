import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTick, setTimeout as wait } from 'node:timers/promises';
import { anthropic } from './anthropic.ts';
import { azureWires } from './azure.ts';
import { chat } from './chat.ts';
import { huggingface } from './huggingface.ts';
import { type Listed, type Look, listAnswer, listAt } from './model-lists.ts';
import { ollama } from './ollama.ts';
import { responses } from './responses.ts';
import { isRecord, type RecordedRequest, type Refusal, type ScriptedReply, type Wire } from './script.ts';

export type { Fault, RecordedRequest, RefusalName, ScriptedCall, ScriptedReply } from './script.ts';

export interface StrictLlmOptions {
  /** Answers requests once the script is used up. */
  readonly reply?: (request: RecordedRequest) => ScriptedReply | Promise<ScriptedReply>;
  /** The only key that is let in. Absent: every key, and none at all. */
  readonly apiKey?: string;
  /** Default: a free one. */
  readonly port?: number;
}

export interface StrictLlm {
  /** `http://127.0.0.1:<port>`; OpenAI's base URL is this and `/v1`. */
  readonly url: string;
  /** Every request, refused ones too, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Every request for the list of models, oldest first; `requests` has none of them. */
  readonly looks: readonly Look[];
  /** From now on it answers those so. */
  lists(listed: Listed): void;
  /** How many TCP connections were opened. */
  connections(): number;
  /** Adds replies, each for one request. */
  script(...replies: readonly ScriptedReply[]): void;
  close(): Promise<void>;
}

const wires: readonly Wire[] = [responses, chat, anthropic, ollama, ...azureWires, huggingface];

/**
 * A model server for tests and benchmarks: speaks OpenAI Responses (`/v1/responses`), Chat
 * Completions (`/v1/chat/completions`), both as Azure serves them (`/openai/…`), Hugging Face
 * (`/router/v1/…`), Anthropic (`/v1/messages`) and Ollama (`/api/chat`), lists its models as each of
 * them does, says what its script says, and refuses what the vendors refuse, in their words.
 */
export async function startStrictLlm(options: StrictLlmOptions = {}): Promise<StrictLlm> {
  const requests: RecordedRequest[] = [];
  const scripted: ScriptedReply[] = [];
  const looks: Look[] = [];
  let listed: Listed = {};
  let connections = 0;
  const server = createServer(async (request, response) => {
    const look = { path: request.url ?? '', headers: request.headers };
    const list = request.method === 'GET' ? listAt(look) : undefined;
    if (list !== undefined) {
      looks.push(look);
      const said = listAnswer(list, look, { apiKey: options.apiKey, listed });
      return said === undefined ? undefined : send(response, said);
    }
    const wire = wires.find(({ path }) => isAt(path, request.url ?? ''));
    if (wire === undefined || request.method !== 'POST') {
      return send(response, { status: 404, body: { error: `no ${request.method} ${request.url} here` } });
    }
    const recorded = await record(wire, request, response);
    requests.push(recorded);
    const refusal = checkKey(wire, recorded, options.apiKey) ?? wire.check(recorded.body, recorded);
    if (refusal !== undefined) return send(response, refusal);
    const reply = scripted.shift() ?? (await options.reply?.(recorded));
    if (reply === undefined) return send(response, usedUp);
    await answer(wire, recorded, { reply, number: requests.length, response });
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    looks,
    lists(next) {
      listed = next;
    },
    connections: () => connections,
    script: (...replies) => void scripted.push(...replies),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isAt(path: string | RegExp, url: string): boolean {
  return typeof path === 'string' ? path === url : path.test(url);
}

/** 400, because clients try everything from 500 on again. */
const usedUp: Refusal = { status: 400, body: { error: { message: 'The script is used up.' } } };

async function record(
  wire: Wire,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<RecordedRequest> {
  const closed = new Promise<'complete' | 'gone'>((resolve) => {
    response.on('close', () => resolve(response.writableFinished ? 'complete' : 'gone'));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
  const path = request.url ?? '';
  return { wire: wire.name, path, headers: request.headers, body: isRecord(body) ? body : {}, closed };
}

function checkKey(wire: Wire, request: RecordedRequest, apiKey: string | undefined) {
  const admits = wire.admits ?? hasBearer;
  if (apiKey === undefined || admits(request, apiKey)) return undefined;
  return wire.refuse('unauthorized', String(request.body.model));
}

function hasBearer({ headers }: RecordedRequest, key: string): boolean {
  return headers.authorization === `Bearer ${key}`;
}

interface Answer {
  readonly reply: ScriptedReply;
  readonly number: number;
  readonly response: ServerResponse;
}

async function answer(wire: Wire, request: RecordedRequest, { reply, number, response }: Answer) {
  const model = String(request.body.model);
  const { fault } = reply;
  if (reply.thinkMs !== undefined) await wait(reply.thinkMs);
  if (fault?.type === 'http') return send(response, wire.refuse(fault.refusal, model), fault.retryAfter);
  if (fault?.type === 'stall' && 'before' in fault) return;
  const frames = wire.frames(reply, model, number, request.body);
  response.writeHead(200, { 'content-type': wire.contentType, 'x-request-id': `req_${number}` });
  if (fault === undefined) {
    if (reply.bytesPerWrite === undefined && reply.before === undefined)
      return void response.end(frames.join(''));
    await write(response, frames, reply);
    return void response.end();
  }
  await write(response, frames.slice(0, fault.afterFrames), reply);
  await fail(wire, fault, response);
}

type StreamFault = Exclude<NonNullable<ScriptedReply['fault']>, { type: 'http' }>;

async function fail(wire: Wire, fault: StreamFault, response: ServerResponse): Promise<void> {
  switch (fault.type) {
    case 'stall':
      response.flushHeaders();
      return;
    case 'cut':
      response.flushHeaders();
      await wait(20);
      response.socket?.destroy();
      return;
    case 'eof':
      response.end();
      return;
    case 'malformed':
      response.end(wire.brokenFrame);
      return;
    case 'stream_error':
      response.end(wire.errorFrame(fault.message));
      return;
    default:
      fault satisfies never;
  }
}

/** Frame by frame, or byte by byte: each piece is a packet of its own. */
async function write(
  response: ServerResponse,
  frames: readonly string[],
  { bytesPerWrite, before }: Pick<ScriptedReply, 'bytesPerWrite' | 'before'>,
) {
  response.socket?.setNoDelay(true);
  for (const frame of frames) {
    await before?.(frame);
    const bytes = Buffer.from(frame);
    const size = bytesPerWrite ?? bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size));
      await nextTick();
    }
  }
}

function send(response: ServerResponse, { status, body }: Refusal, retryAfter?: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  });
  response.end(JSON.stringify(body));
}
