import type { ServerConfig } from '../port.ts';
import { type Connection, type ConnectionEvents, createConnection, httpTransport } from './connection.ts';
import { within } from './wait.ts';

export interface HttpOptions {
  readonly version: string;
  /** What carries every request; the place for a guard. */
  readonly fetch: typeof fetch;
  /** How often a quiet server is asked whether it is still there. */
  readonly pingEveryMs: number;
}

const pingTimeoutMs = 10_000;
const goodbyeMs = 1_000;

/**
 * A session with a server over streamable HTTP. Nothing tells a client that such a server has gone or
 * has forgotten the session, so it is asked: at intervals, and whenever anything goes wrong.
 * See https://github.com/modelcontextprotocol/typescript-sdk/issues/1708.
 */
export function httpConnection(
  config: ServerConfig,
  options: HttpOptions,
  events: ConnectionEvents,
): Connection {
  let timer: NodeJS.Timeout | undefined;
  let isChecking = false;
  const transport = httpTransport(mcpUrl(config), { headers: config.headers, fetch: options.fetch });
  const check = async () => {
    if (isChecking || timer === undefined) return;
    isChecking = true;
    await connection.ping(pingTimeoutMs);
    isChecking = false;
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  const connection = createConnection(transport, options.version, {
    onClose: (why) => {
      stop();
      events.onClose(why);
    },
    onToolsChanged: events.onToolsChanged,
    onTrouble: () => void check(),
  });
  return {
    ...connection,
    connect: async (signal) => {
      await connection.connect(signal);
      timer = setInterval(() => void check(), options.pingEveryMs).unref();
    },
    close: async () => {
      stop();
      await within(goodbyeMs, transport.terminateSession());
      await connection.close();
    },
  };
}

/** Base URL without trailing slashes, then the endpoint. Throws a sentence when that is no URL. */
export function mcpUrl({ url, mcpEndpoint }: Pick<ServerConfig, 'url' | 'mcpEndpoint'>): URL {
  const endpoint = mcpEndpoint === '' || mcpEndpoint.startsWith('/') ? mcpEndpoint : `/${mcpEndpoint}`;
  const parsed = URL.parse(`${url.replace(/\/+$/, '')}${endpoint}`);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new Error('its URL is not valid; it must begin with http:// or https://');
  }
  return parsed;
}
