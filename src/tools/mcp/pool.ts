import { canonicalJson } from '../../agent/json.ts';
import type { Tool } from '../../agent/tool.ts';
import type { Listing, ServerConfig, ServerInstructions, ServerState, WithheldTool } from '../port.ts';
import { createDial, type DialOptions } from './dial.ts';
import { createServer, type Server, type ServerList } from './server.ts';
import { createUserServer } from './user-server.ts';

/** All configured MCP servers. One that is broken costs only its own tools. */
export interface Pool {
  /**
   * Makes these the servers in use: connects new and changed ones in parallel, each within the time
   * limit, and closes changed and removed ones. What does not concern the connection (trust, overrides,
   * the health check) changes without one. Resolves when each was tried. Never throws.
   */
  use(servers: readonly ServerConfig[]): Promise<void>;
  /**
   * The tools of all connected servers, always in the order of their names. Lists that are older than
   * they may be are read again in the background.
   */
  tools(): readonly Tool[];
  /** All that a server lists, whatever was decided about it; undefined while it is not connected. */
  listedBy(serverId: string): ServerList | undefined;
  /** Tools that are there and that nobody has accepted, in the order of their names. */
  withheld(): readonly WithheldTool[];
  /** What trusted servers say of how to use them, as far as it is accepted, in the order of their names. */
  instructions(): readonly ServerInstructions[];
  /** In the order in which the servers were given. */
  states(): readonly ServerState[];
  /** Asks all connected servers, or this one, for their lists again; how many tools were known before. */
  relist(serverId?: string): Promise<number>;
  /** Begins a session anew because its identity has signed in or out. Resolves when that was tried. Never throws. */
  reconnect(serverId: string, identity: string): Promise<void>;
  /** Resolves when no server is being connected and no list is being read. */
  settled(): Promise<void>;
  /** Ends every session and every child; takes less than 4 s. The pool is not used again. */
  close(): Promise<void>;
}

export interface PoolOptions extends DialOptions {
  /** Hears of all that a server lists, each time it was read. */
  readonly onListed?: (server: ServerConfig, listing: Listing) => void;
  readonly connectTimeoutMs?: number;
  /** Without progress for so long, a call has failed. */
  readonly callTimeoutMs?: number;
  /** The longest a call may take, whatever progress it reports. */
  readonly maxCallMs?: number;
  readonly retryFirstMs?: number;
  readonly retryMaxMs?: number;
  /** A session of one person that nobody uses is closed after so long. */
  readonly idleMs?: number;
  /** How many people may have a session with one server at a time. */
  readonly maxSessions?: number;
  /** Milliseconds by which the age of lists is told. Default: those since the process began. */
  readonly now?: () => number;
}

/** A pool without servers. */
export function createPool({
  connectTimeoutMs = 10_000,
  callTimeoutMs = 60_000,
  maxCallMs = 600_000,
  retryFirstMs = 1_000,
  retryMaxMs = 60_000,
  now = () => performance.now(),
  idleMs = 600_000,
  maxSessions = 100,
  onListed,
  ...dialOptions
}: PoolOptions): Pool {
  const { log } = dialOptions;
  const dial = createDial(dialOptions);
  const options = {
    log,
    dial,
    connectTimeoutMs,
    callTimeoutMs,
    maxCallMs,
    retryFirstMs,
    retryMaxMs,
    onListed,
    now,
  };

  let servers: ReadonlyMap<string, Server> = new Map();
  /** As configured now; a server that is kept began with an older configuration. */
  let wanted: ReadonlyMap<string, ServerConfig> = new Map();
  let changing: Promise<void> = Promise.resolve();
  let isClosed = false;

  const make = (config: ServerConfig): Server => {
    const people = dialOptions.authorizer;
    return config.auth?.type === 'oauth_user' && people !== undefined
      ? createUserServer(config, { ...options, people, idleMs, maxSessions })
      : createServer(config, options);
  };

  const change = async (configs: readonly ServerConfig[]) => {
    if (isClosed) return;
    wanted = new Map(configs.map((config) => [config.id, config]));
    const before = servers;
    const kept = (config: ServerConfig) => {
      const server = before.get(config.id);
      if (server === undefined || connectionOf(server.config) !== connectionOf(config)) return undefined;
      server.decide(config);
      return server;
    };
    servers = new Map(configs.map((config) => [config.id, kept(config) ?? make(config)]));
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

  const reconnect = async (serverId: string, identity: string) => {
    const server = servers.get(serverId);
    const config = wanted.get(serverId);
    if (isClosed || server === undefined || config === undefined) return;
    if (server.reconnect !== undefined) return await server.reconnect(identity);
    const fresh = make(config);
    servers = new Map([...servers, [serverId, fresh]]);
    await server.close();
    await fresh.open();
  };

  return {
    use: (configs) => {
      changing = changing.then(() => change(configs));
      return changing;
    },
    tools: () => {
      for (const server of servers.values()) server.renew();
      return byName([...servers.values()].flatMap((server) => server.tools()));
    },
    listedBy: (serverId) => servers.get(serverId)?.listed(),
    withheld: () => byName([...servers.values()].flatMap((server) => server.withheld())),
    instructions: () =>
      [...servers.values()]
        .flatMap((server) => server.instructions() ?? [])
        .sort((a, b) => (a.server < b.server ? -1 : 1)),
    states: () => [...servers.values()].map((server) => server.state()),
    relist: async (serverId) => {
      const all = [...servers].flatMap(([id, server]) =>
        serverId === undefined || id === serverId ? [server] : [],
      );
      const known = all.reduce((sum, server) => sum + server.state().toolCount, 0);
      await Promise.all(all.map((server) => server.relist()));
      return known;
    },
    reconnect: (serverId, identity) => {
      changing = changing
        .then(() => reconnect(serverId, identity))
        .catch((error: unknown) => log.error('mcp_not_reconnected', { error }));
      return changing;
    },
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

/** The part of a configuration that a session depends on. */
function connectionOf(config: ServerConfig): string {
  const { isTrusted, overrides, pins, healthCheck, toolsCacheSeconds, ...connection } = config;
  return canonicalJson(connection);
}

/** Two tools of one name would make a vendor refuse the whole request. */
function byName<T extends Pick<Tool, 'name'>>(tools: readonly T[]): readonly T[] {
  const unique = new Map(tools.toReversed().map((tool) => [tool.name, tool]));
  return [...unique.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
