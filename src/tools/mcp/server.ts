import type { Tool } from '../../agent/tool.ts';
import type { Log } from '../../observe/port.ts';
import { isAccepted, waitingIn } from '../pins.ts';
import type { Listing, ServerConfig, ServerInstructions, ServerState, WithheldTool } from '../port.ts';
import { createCalls, type OfferedTool } from './calls.ts';
import { calmly } from './calm.ts';
import type { Connection, ConnectionEvents } from './connection.ts';
import { createContext } from './context.ts';
import { contextTools } from './context-tools.ts';
import { latest } from './latest.ts';
import { masker } from './masker.ts';
import { type Decisions, type Offer, offers, usedInstructions, withheld } from './offers.ts';
import { type ListedTool, readTool } from './schema.ts';
import { signInTo } from './sign-in-need.ts';
import { type Standing, stateOf } from './standing.ts';
import { deadline, orAbort } from './wait.ts';

/** One configured server over all its sessions: it is kept connected until it is closed. */
export interface Server {
  readonly config: ServerConfig;
  /** Decisions about its tools, which hold for whoever asks for them from now on; the session goes on. */
  decide(decisions: Decided): void;
  /** Makes the first attempt; later ones follow by themselves. Resolves when it has succeeded or failed. */
  open(): Promise<void>;
  state(): ServerState;
  /** Empty while there is no session. */
  tools(): readonly Tool[];
  /** Those of its tools that nobody has accepted. */
  withheld(): readonly WithheldTool[];
  /** What it says of how to use it, where models may be told that. */
  instructions(): ServerInstructions | undefined;
  /** All that it lists, whatever was decided; undefined while there is no session. */
  listed(): ServerList | undefined;
  /** A turn begins: a list that is older than it may be is read again in the background. */
  renew(): void;
  /** Asks for the list of tools again; what is known stays until the answer. Without a session, nothing. */
  relist(): Promise<void>;
  /** Begins the session of one identity anew. Absent: there is one session, and a new server is made for a new one. */
  reconnect?(identity: string): Promise<void>;
  /** Resolves when no attempt and no reading of the list is under way. */
  settled(): Promise<void>;
  /** Ends the session, and all that earlier attempts left to be ended. */
  close(): Promise<void>;
}

/** What may change without a new session. */
export type Decided = Decisions & Pick<ServerConfig, 'toolsCacheSeconds'>;

/** A listing whose tools were judged. */
export interface ServerList extends Listing {
  readonly tools: readonly ListedTool[];
}

export interface ServerOptions {
  readonly log: Log;
  /** May throw a sentence. */
  readonly dial: (config: ServerConfig, events: ConnectionEvents) => Connection;
  /** Hears of all that a server lists, each time it was read. */
  readonly onListed?: ((server: ServerConfig, listing: Listing) => void) | undefined;
  readonly connectTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly maxCallMs: number;
  /** The wait after the first failure in a row; doubled for each one more. */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
  /** Milliseconds that tell how old a list is. */
  readonly now: () => number;
}

/** A session that lasted so long was a good one: the next attempt is made at once. */
const stableMs = 10_000;
/** Several `list_changed` in a row are one change, and a server that never stops saying so is not asked for ever. */
const refreshing = { afterMs: 50, everyMs: 1_000 } as const;
const cacheSeconds = 300;
const none: readonly ListedTool[] = [];

/** A server that is not yet connected; see `Server.open`. */
export function createServer(config: ServerConfig, options: ServerOptions): Server {
  const log = options.log.with({ server: config.name });
  const work = new Set<Promise<unknown>>();
  const endings = new Set<Promise<unknown>>();
  const closing = new AbortController();
  const mask = masker(Object.values(config.headers));
  let standing: Standing = { type: 'connecting' };
  let decisions: Decided = config;
  let failures = 0;
  let attempt: Promise<void> | undefined;
  let retryTimer: NodeJS.Timeout | undefined;

  const isClosed = () => standing.type === 'closed';
  const current = () => (standing.type === 'connected' ? standing : undefined);
  const listed = (): ServerList | undefined => {
    const held = current();
    return held && { tools: held.listed, instructions: held.instructions };
  };
  const waiting = () => {
    const list = listed();
    return list === undefined ? 0 : waitingIn(decisions, list).length;
  };

  const track = <T>(set: Set<Promise<unknown>>, promise: Promise<T>): Promise<T> => {
    const tracked: Promise<T> = promise.finally(() => set.delete(tracked));
    set.add(tracked);
    tracked.catch(() => {});
    return tracked;
  };
  const retire = (connection: Connection | undefined) => {
    if (connection !== undefined) track(endings, connection.close());
  };

  const open = (): Promise<void> => {
    clearTimeout(retryTimer);
    attempt ??= track(work, tryOpen()).finally(() => {
      attempt = undefined;
    });
    return attempt;
  };

  const tryOpen = async () => {
    if (isClosed()) return;
    const startedAt = performance.now();
    const limit = deadline(options.connectTimeoutMs, closing.signal);
    let connection: Connection | undefined;
    try {
      const dialled = options.dial(config, {
        onClose: (why) => lost(dialled, why),
        onToolsChanged: refresher.soon,
        onContextChanged: (kind) => context.changed(kind),
        onResourceUpdated: (uri) => context.updated(uri),
      });
      const context = createContext({ connection: dialled, maxAgeMs, now: options.now });
      connection = dialled;
      await dialled.connect(limit.signal);
      const listed = await list(dialled, limit.signal);
      if (isClosed()) return retire(dialled);
      const instructions = dialled.instructions();
      const about = { connection: dialled, context, listed, listedAtMs: options.now(), instructions };
      standing = { type: 'connected', ...about, sinceMs: performance.now() };
      options.onListed?.({ ...config, ...decisions }, { tools: listed, instructions });
      log.info('mcp_connected', {
        tools: listed.length,
        duration_ms: Math.round(performance.now() - startedAt),
      });
    } catch (error) {
      retire(connection);
      fail(mask(error instanceof Error ? error.message : String(error)));
    } finally {
      limit.release();
    }
  };

  const fail = (why: string) => {
    if (isClosed()) return;
    const waitMs = Math.min(options.retryMaxMs, options.retryFirstMs * 2 ** failures);
    failures += 1;
    standing = { type: 'failed', why };
    log.warn('mcp_failed', { why, failures, retry_in_ms: waitMs });
    retryTimer = setTimeout(() => void open(), waitMs).unref();
  };

  /** The first attempt after a good session begins at once, so that a call can wait for it. */
  const lost = (connection: Connection, why: string) => {
    const held = current();
    if (held?.connection !== connection) return;
    retire(connection);
    if (performance.now() - held.sinceMs >= stableMs) failures = 0;
    if (failures > 0) return fail(why);
    failures = 1;
    standing = { type: 'failed', why };
    log.warn('mcp_lost', { why });
    void open();
  };

  const list = async (connection: Connection, signal: AbortSignal) => {
    const entries = (await orAbort(connection.listTools(signal), signal)).map(readTool);
    for (const entry of entries) {
      if (entry.type === 'unusable') log.warn('mcp_tool_unusable', { tool: entry.name, why: entry.why });
    }
    return entries.flatMap((entry) => (entry.type === 'tool' ? [entry.tool] : []));
  };

  /** Made once for each list and each decision, so that they stay the same objects in between. */
  const judge = latest((listed: readonly ListedTool[], decided: Decided) => {
    const server = { name: config.name, ...decided };
    const all = offers(server, listed);
    const taken = new Set(all.map(({ fullName }) => fullName));
    const abilities = current()?.connection.abilities();
    const ofContext =
      abilities === undefined ? [] : contextTools({ ...server, abilities, taken, run: calls.context });
    const offered = all.filter(({ isOffered }) => isOffered).map(makeTool);
    return { tools: [...offered, ...ofContext], withheld: withheld(server, all) };
  });
  const judged = () => judge(current()?.listed ?? none, decisions);
  const instructions = latest((text: string, decided: Decided) =>
    usedInstructions({ name: config.name, ...decided }, text),
  );

  const makeTool = ({ fullName, listed, effect, approval, isTrusted, override }: Offer): Tool => {
    const tool: OfferedTool = {
      hash: listed.hash,
      name: fullName,
      description: listed.description,
      inputSchema: listed.inputSchema,
      source: config.name,
      sourceName: listed.name,
      effect,
      isTrusted,
      ...(approval === undefined ? {} : { approval }),
      ...(override.core === true ? { isCore: true } : {}),
      run: (args, signal, context) => calls.tool(tool, args, { signal, context }),
    };
    return tool;
  };

  const maxAgeMs = () => (decisions.toolsCacheSeconds ?? cacheSeconds) * 1000;

  const relist = async () => {
    const held = current();
    if (held !== undefined) await track(work, refresh(held.connection));
  };
  const refresher = calmly(relist, refreshing);

  const refresh = async (connection: Connection) => {
    const limit = deadline(options.connectTimeoutMs, closing.signal);
    try {
      const listed = await list(connection, limit.signal);
      const held = current();
      if (held?.connection !== connection) return;
      const isSame = hashesOf(listed) === hashesOf(held.listed);
      standing = { ...held, listed: isSame ? held.listed : listed, listedAtMs: options.now() };
      options.onListed?.({ ...config, ...decisions }, { tools: listed, instructions: held.instructions });
      if (!isSame) log.info('mcp_tools_changed', { tools: listed.length });
    } catch (error) {
      const held = current();
      if (held?.connection === connection) standing = { ...held, listedAtMs: options.now() };
      log.warn('mcp_refresh_failed', { error });
    } finally {
      limit.release();
    }
  };

  const calls = createCalls({
    session: async (signal) => {
      if (attempt !== undefined) await orAbort(attempt, signal);
      return current() ?? { type: 'away', why: away() };
    },
    accepts: (hash) => isAccepted(hash, decisions.pins),
    reach: config.type,
    callTimeoutMs: options.callTimeoutMs,
    maxCallMs: options.maxCallMs,
    ...(config.auth?.type === 'oauth_user' ? { signIn: signInTo(config) } : {}),
  });

  const away = () => {
    if (standing.type === 'failed') return standing.why;
    return standing.type === 'closed' ? 'it was changed or removed' : 'it is being connected';
  };

  return {
    config,
    decide: (latest) => {
      decisions = latest;
    },
    open,
    state: () => stateOf(config.name, standing, { toolCount: judged().tools.length, waiting: waiting() }),
    tools: () => judged().tools,
    withheld: () => judged().withheld,
    instructions: () => instructions(current()?.instructions ?? '', decisions),
    listed,
    renew: () => {
      const held = current();
      if (held !== undefined && options.now() - held.listedAtMs >= maxAgeMs()) refresher.soon();
    },
    relist,
    settled: async () => {
      while (work.size > 0) await Promise.allSettled(work);
    },
    close: async () => {
      clearTimeout(retryTimer);
      refresher.stop();
      const held = current();
      standing = { type: 'closed' };
      closing.abort(new Error('it was changed or removed'));
      retire(held?.connection);
      await Promise.allSettled(work);
      await Promise.allSettled(endings);
    },
  };
}

/** Tells whether two lists are the same. */
function hashesOf(listed: readonly ListedTool[]): string {
  return listed.map(({ hash }) => hash).join();
}
