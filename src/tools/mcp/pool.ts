import { canonicalJson } from '../../agent/json.ts';
import type { Tool } from '../../agent/tool.ts';
import type { Log } from '../../observe/port.ts';
import type { ServerConfig, ServerState } from '../port.ts';
import { createChildRecords } from './children.ts';
import type { Connection, ConnectionEvents } from './connection.ts';
import { httpConnection } from './http.ts';
import { createServer, type Server } from './server.ts';
import { stdioConnection } from './stdio.ts';

/** All configured MCP servers. One that is broken costs only its own tools. */
export interface Pool {
  /**
   * Makes these the servers in use: connects new and changed ones in parallel, each within the time
   * limit, and closes changed and removed ones. Resolves when each was tried. Never throws.
   */
  use(servers: readonly ServerConfig[]): Promise<void>;
  /** The tools of all connected servers, always in the order of their names. */
  tools(): readonly Tool[];
  /** In the order in which the servers were given. */
  states(): readonly ServerState[];
  /** Resolves when no server is being connected and no list is being read. */
  settled(): Promise<void>;
  /** Ends every session and every child; takes less than 4 s. The pool is not used again. */
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly log: Log;
  /** Where running children are written down for `reap`. */
  readonly childrenDir: string;
  /** Where the PATH, HOME and LANG of stdio servers are taken from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The bot's own, told to servers. */
  readonly version: string;
  readonly connectTimeoutMs?: number;
  /** Without progress for so long, a call has failed. */
  readonly callTimeoutMs?: number;
  /** The longest a call may take, whatever progress it reports. */
  readonly maxCallMs?: number;
  readonly retryFirstMs?: number;
  readonly retryMaxMs?: number;
  readonly pingEveryMs?: number;
  /** Carries all requests to HTTP servers. */
  readonly fetch?: typeof fetch;
}

/** A pool without servers. */
export function createPool({
  log,
  childrenDir,
  environment,
  version,
  connectTimeoutMs = 10_000,
  callTimeoutMs = 60_000,
  maxCallMs = 600_000,
  retryFirstMs = 1_000,
  retryMaxMs = 60_000,
  pingEveryMs = 30_000,
  fetch = globalThis.fetch,
}: PoolOptions): Pool {
  const children = createChildRecords(childrenDir, log);
  const dial = (config: ServerConfig, events: ConnectionEvents): Connection =>
    config.protocol === 'stdio'
      ? stdioConnection(config, { log, children, environment, version }, events)
      : httpConnection(config, { version, fetch, pingEveryMs }, events);
  const options = { log, dial, connectTimeoutMs, callTimeoutMs, maxCallMs, retryFirstMs, retryMaxMs };

  let servers: ReadonlyMap<string, Server> = new Map();
  let changing: Promise<void> = Promise.resolve();
  let isClosed = false;

  const change = async (configs: readonly ServerConfig[]) => {
    if (isClosed) return;
    const before = servers;
    const kept = (config: ServerConfig) => {
      const server = before.get(config.id);
      return server !== undefined && canonicalJson(server.config) === canonicalJson(config)
        ? server
        : undefined;
    };
    servers = new Map(configs.map((config) => [config.id, kept(config) ?? createServer(config, options)]));
    const gone = [...before.values()].filter((server) => servers.get(server.config.id) !== server);
    const fresh = [...servers.values()].filter((server) => before.get(server.config.id) !== server);
    const closings = new Map(gone.map((server) => [server.config.id, server.close()]));
    await Promise.all(
      fresh.map(async (server) => {
        await closings.get(server.config.id);
        await server.open();
      }),
    );
    await Promise.all(closings.values());
  };

  return {
    use: (configs) => {
      changing = changing.then(() => change(configs));
      return changing;
    },
    tools: () => byName([...servers.values()].flatMap((server) => server.tools())),
    states: () => [...servers.values()].map((server) => server.state()),
    settled: async () => {
      await changing;
      await Promise.all([...servers.values()].map((server) => server.settled()));
    },
    close: async () => {
      isClosed = true;
      await Promise.all([...servers.values()].map((server) => server.close()));
      await changing;
    },
  };
}

/** Two tools of one name would make a vendor refuse the whole request. */
function byName(tools: readonly Tool[]): readonly Tool[] {
  const unique = new Map(tools.toReversed().map((tool) => [tool.name, tool]));
  return [...unique.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
