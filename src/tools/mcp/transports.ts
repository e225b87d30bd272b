import { SseError } from '@modelcontextprotocol/sdk/client/sse.js';
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ErrorCode, type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Fetch } from '../guarded-fetch.ts';
import { noticeUnanswered } from './unanswered.ts';

export type { JSONRPCMessage, Transport };

/** How an HTTP server is spoken to. */
export interface HttpWay {
  readonly headers: Readonly<Record<string, string>>;
  /** What carries every request, those of authorization too. */
  readonly fetch: Fetch;
}

/** A transport that may know what ended it, or what is wrong with it. */
export interface TellingTransport extends Transport {
  trouble?(): string | undefined;
}

/** A transport over HTTP, which may say goodbye before it is closed. */
export interface HttpTransport extends TellingTransport {
  terminateSession(): Promise<void>;
}

/** A transport could not hand a message over: the server has not seen it. */
export class UnsentError extends Error {
  override readonly name = 'UnsentError';
}

/** Marks an answer that this program made up for a request that never got a usable one. */
export const noAnswer: unique symbol = Symbol('noAnswer');

/** Streamable HTTP. Follows redirects only within the origin. */
export function streamableTransport(url: URL, { headers, fetch }: HttpWay): HttpTransport {
  const unanswered = noticeUnanswered(fetch, (id) =>
    transport.onmessage?.(failed(id, 'it ended its answer before the result')),
  );
  const transport: HttpTransport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers: { ...headers } },
    fetch: unanswered.fetch,
  });
  transport.onmessage = unanswered.heard;
  return transport;
}

/** The address does not speak streamable HTTP, but may speak what came before it. */
export function mayBeOlder(error: unknown): boolean {
  return (
    error instanceof StreamableHTTPError && error.code !== undefined && [400, 404, 405].includes(error.code)
  );
}

/** The address refused the older transport by HTTP: it may have learned the newer one meanwhile. */
export function mayBeNewer(error: unknown): boolean {
  return error instanceof SseError && error.code !== undefined;
}

/** One line of a stdio stream as a message; undefined when it is not one. */
export function parseMessage(line: string): JSONRPCMessage | undefined {
  try {
    const json: unknown = JSON.parse(line);
    return JSONRPCMessageSchema.safeParse(json).data ?? brokenAnswer(json);
  } catch {
    return undefined;
  }
}

const brokenSchema = z.object({ id: z.union([z.string(), z.int()]), method: z.undefined().optional() });

/** What answers a request but is no answer still ends its waiting. */
function brokenAnswer(json: unknown): JSONRPCMessage | undefined {
  const id = brokenSchema.safeParse(json).data?.id;
  return id === undefined ? undefined : failed(id, 'it answered with something that is not a result');
}

function failed(id: string | number, message: string): JSONRPCMessage {
  return { jsonrpc: '2.0', id, error: { code: ErrorCode.InternalError, message, data: noAnswer } };
}
