import type { ServerConfig } from '../port.ts';
import { type Connection, type ConnectionEvents, createConnection } from './connection.ts';
import { sseTransport } from './sse.ts';
import {
  type HttpTransport,
  type HttpWay,
  mayBeNewer,
  mayBeOlder,
  streamableTransport,
} from './transports.ts';
import { within } from './wait.ts';

export interface HttpOptions extends Pick<HttpWay, 'fetch'> {
  readonly version: string;
  /** How often a quiet server is asked whether it is still there. */
  readonly pingEveryMs: number;
  /** Addresses that were found to speak the protocol's first transport only; added to and taken from here. */
  readonly older: Set<string>;
}

const pingTimeoutMs = 10_000;
const goodbyeMs = 1_000;

/**
 * A session with a server over streamable HTTP; where the address does not speak that (it answers 400,
 * 404 or 405), over HTTP with server-sent events, as the specification's backwards compatibility says.
 * Nothing tells a client that such a server has gone or has forgotten the session, so it is asked: at
 * intervals, and whenever anything goes wrong.
 * See https://github.com/modelcontextprotocol/typescript-sdk/issues/1708.
 */
export function httpConnection(
  config: ServerConfig,
  { version, fetch, pingEveryMs, older }: HttpOptions,
  events: ConnectionEvents,
): Connection {
  const url = mcpUrl(config);
  const way = { headers: config.headers, fetch };
  let timer: NodeJS.Timeout | undefined;
  let isChecking = false;

  const check = async () => {
    if (isChecking || timer === undefined) return;
    isChecking = true;
    await session.connection.ping(pingTimeoutMs);
    isChecking = false;
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  const over = (transport: HttpTransport): Session => {
    const connection = createConnection(transport, version, {
      ...events,
      onClose: (why) => {
        stop();
        events.onClose(why);
      },
      onTrouble: () => void check(),
    });
    return { transport, connection };
  };
  let session = over(older.has(url.href) ? sseTransport(url, way) : streamableTransport(url, way));

  const connect = async (signal: AbortSignal) => {
    const isOlder = older.has(url.href);
    try {
      await session.connection.connect(signal);
    } catch (error) {
      if (mayBeNewer(causeOf(error))) older.delete(url.href);
      if (isOlder || signal.aborted || !mayBeOlder(causeOf(error))) throw error;
      await connectOlder(signal, error);
    }
  };
  /** What streamable HTTP was told says more about an address that speaks neither. */
  const connectOlder = async (signal: AbortSignal, first: unknown) => {
    await session.connection.close();
    session = over(sseTransport(url, way));
    await session.connection.connect(signal).catch((error: unknown) => {
      throw signal.aborted ? error : first;
    });
    older.add(url.href);
  };

  return {
    connect: async (signal) => {
      await connect(signal);
      timer = setInterval(() => void check(), pingEveryMs).unref();
    },
    abilities: () => session.connection.abilities(),
    instructions: () => session.connection.instructions(),
    listTools: (signal) => session.connection.listTools(signal),
    callTool: (request) => session.connection.callTool(request),
    ask: (request) => session.connection.ask(request),
    ping: (timeoutMs) => session.connection.ping(timeoutMs),
    close: async () => {
      stop();
      await within(goodbyeMs, session.transport.terminateSession());
      await session.connection.close();
    },
  };
}

interface Session {
  readonly transport: HttpTransport;
  readonly connection: Connection;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

/** Where the server speaks MCP. Throws a sentence when that is no URL. */
export function mcpUrl({ url, mcpEndpoint }: Pick<ServerConfig, 'url' | 'mcpEndpoint'>): URL {
  return urlOf(url, mcpEndpoint);
}

/** Base URL without trailing slashes, then the path. Throws a sentence when that is no URL. */
export function urlOf(url: string, path: string): URL {
  const rest = path === '' || path.startsWith('/') ? path : `/${path}`;
  const parsed = URL.parse(`${url.replace(/\/+$/, '')}${rest}`);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new Error('its URL is not valid; it must begin with http:// or https://');
  }
  return parsed;
}
