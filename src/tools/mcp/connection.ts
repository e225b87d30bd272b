import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ErrorCode,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  McpError,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { JsonObject } from '../../agent/json.ts';
import { deadline, orAbort } from './wait.ts';

/**
 * One session with an MCP server, from `connect` to `close`; it is never opened twice. This file alone
 * knows the version of the MCP SDK.
 */
export interface Connection {
  /** Throws a sentence on why there is no session; then only `close` may follow. */
  connect(signal: AbortSignal): Promise<void>;
  /** All pages of the list, unjudged. */
  listTools(signal: AbortSignal): Promise<readonly unknown[]>;
  /** Throws only when `signal` aborts; the server is told that the call was cancelled. */
  callTool(request: CallRequest): Promise<CallAnswer>;
  /** Asks for a sign of life. A server that is gone, or silent while no call is running, is lost. */
  ping(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface CallRequest {
  readonly tool: string;
  readonly args: JsonObject;
  readonly signal: AbortSignal;
  /** Without a word of progress for so long, the call has failed. */
  readonly timeoutMs: number;
  /** However much progress is reported, the call ends here. */
  readonly maxTotalMs: number;
}

/** How a call ended. `lost`: the session is gone. `refused`: the server, or what stands before it, said no. */
export type CallAnswer =
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'timeout'; readonly afterMs: number }
  | { readonly type: 'lost'; readonly why: string; readonly mayHaveRun: boolean }
  | { readonly type: 'refused'; readonly why: string; readonly mayHaveRun: boolean };

export interface ConnectionEvents {
  /** The session ended without being closed; told once. */
  onClose(why: string): void;
  onToolsChanged(): void;
  /** Something went wrong that may or may not have ended the session. */
  onTrouble?(error: Error): void;
}

export type { JSONRPCMessage, Transport };

/** A transport could not hand a message over: the server has not seen it. */
export class UnsentError extends Error {
  override readonly name = 'UnsentError';
}

const maxPages = 64;
const pageSchema = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });
const anyResult = z.looseObject({});
/** Failures before anything was sent. */
const unsentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** A connection over any transport. `version` is the bot's own, told to the server. */
export function createConnection(
  transport: Transport,
  version: string,
  events: ConnectionEvents,
): Connection {
  const client = new Client({ name: 'ai-ops-bot', version });
  let isOver = false;
  let running = 0;

  const lose = (why: string) => {
    if (isOver) return;
    isOver = true;
    events.onClose(why);
    client.close().catch(() => {});
  };
  client.onclose = () => lose('the connection was closed');
  client.onerror = (error) => events.onTrouble?.(error);
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => events.onToolsChanged());

  const request = async (call: CallRequest): Promise<CallAnswer> => {
    const total = deadline(call.maxTotalMs, call.signal);
    try {
      const params = { name: call.tool, arguments: { ...call.args } };
      const options = {
        signal: total.signal,
        timeout: call.timeoutMs,
        resetTimeoutOnProgress: true,
        onprogress: () => {},
      };
      return {
        type: 'result',
        result: await client.request({ method: 'tools/call', params }, anyResult, options),
      };
    } catch (error) {
      call.signal.throwIfAborted();
      if (total.expired()) return { type: 'timeout', afterMs: call.maxTotalMs };
      return readFailure(error, { isOver, timeoutMs: call.timeoutMs });
    } finally {
      total.release();
    }
  };

  return {
    connect: async (signal) => {
      try {
        await orAbort(client.connect(transport, { signal }), signal);
      } catch (error) {
        isOver = true;
        throw new Error(signal.aborted ? explain(signal.reason) : explain(error), { cause: error });
      }
    },
    listTools: async (signal) => {
      if (client.getServerCapabilities()?.tools === undefined) return [];
      const list = (cursor: string | undefined) =>
        client.request({ method: 'tools/list', params: cursor === undefined ? {} : { cursor } }, pageSchema, {
          signal,
        });
      return await allPages(list);
    },
    callTool: async (call) => {
      call.signal.throwIfAborted();
      running += 1;
      try {
        const answer = await request(call);
        if (answer.type === 'lost') lose(answer.why);
        return answer;
      } finally {
        running -= 1;
      }
    },
    ping: async (timeoutMs) => {
      try {
        await client.ping({ timeout: timeoutMs });
      } catch (error) {
        const failure = readFailure(error, { isOver, timeoutMs });
        if (failure.type === 'timeout' && running === 0)
          lose(`it did not answer a ping within ${timeoutMs / 1000} s`);
        if (failure.type === 'lost') lose(failure.why);
        if (error instanceof StreamableHTTPError) lose(explain(error));
      }
    },
    close: async () => {
      isOver = true;
      await client.close();
      await transport.close();
    },
  };
}

/** Streamable HTTP. Follows redirects only within the origin. */
export function httpTransport(
  url: URL,
  options: { readonly headers: Readonly<Record<string, string>>; readonly fetch: typeof fetch },
): Transport & { terminateSession(): Promise<void> } {
  return new StreamableHTTPClientTransport(url, {
    requestInit: { headers: { ...options.headers } },
    fetch: (target, init) => options.fetch(target, init),
  });
}

/** One line of a stdio stream as a message; undefined when it is not one. */
export function parseMessage(line: string): JSONRPCMessage | undefined {
  try {
    return JSONRPCMessageSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

async function allPages(
  list: (cursor: string | undefined) => Promise<z.output<typeof pageSchema>>,
): Promise<readonly unknown[]> {
  const tools: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await list(cursor);
    tools.push(...answer.tools);
    if (answer.nextCursor === undefined || answer.nextCursor === cursor) return tools;
    cursor = answer.nextCursor;
  }
  throw new Error(`its list of tools has more than ${maxPages} pages`);
}

function readFailure(
  error: unknown,
  facts: { readonly isOver: boolean; readonly timeoutMs: number },
): Exclude<CallAnswer, { type: 'result' }> {
  if (error instanceof UnsentError) return { type: 'lost', why: error.message, mayHaveRun: false };
  if (facts.isOver) return { type: 'lost', why: 'the connection was closed', mayHaveRun: true };
  if (isSessionLoss(error))
    return { type: 'lost', why: 'the server no longer knew the session', mayHaveRun: true };
  if (error instanceof TypeError)
    return { type: 'lost', why: explain(error), mayHaveRun: !unsentCodes.has(causeCode(error)) };
  if (error instanceof McpError && error.code === ErrorCode.RequestTimeout) {
    return { type: 'timeout', afterMs: facts.timeoutMs };
  }
  return { type: 'refused', why: explain(error), mayHaveRun: !isPlainNo(error) };
}

/** The server answered by the protocol, or refused the request before it looked at it. */
function isPlainNo(error: unknown): boolean {
  if (error instanceof StreamableHTTPError)
    return error.code !== undefined && error.code >= 400 && error.code < 500;
  return error instanceof McpError;
}

/** The specification says 404; real servers also answer 400 and name the session. */
function isSessionLoss(error: unknown): boolean {
  if (!(error instanceof StreamableHTTPError)) return false;
  return error.code === 404 || (error.code === 400 && /session/i.test(error.message));
}

function explain(error: unknown): string {
  if (error instanceof StreamableHTTPError) return explainHttp(error);
  if (error instanceof z.core.$ZodError) return 'it answered with something that is not MCP';
  if (error instanceof TypeError && error.message === 'fetch failed')
    return `it cannot be reached (${causeCode(error)})`;
  if (error instanceof McpError) return error.message.replace(/^MCP error -?\d+: /, '').slice(0, 500);
  return error instanceof Error ? error.message.slice(0, 500) : String(error).slice(0, 500);
}

function explainHttp({ code, message }: StreamableHTTPError): string {
  switch (code) {
    case 401:
    case 403:
      return `it refused our credentials (HTTP ${code}); check its headers`;
    case 404:
      return 'there is no MCP endpoint at its address (HTTP 404); check its URL and endpoint';
    default:
      return `HTTP ${code ?? 'error'}: ${message.replace(/^.*Error POSTing to endpoint: /s, '').slice(0, 300)}`;
  }
}

const causeSchema = z.object({ code: z.string() });

function causeCode(error: Error): string {
  return causeSchema.safeParse(error.cause).data?.code ?? 'connection failed';
}
