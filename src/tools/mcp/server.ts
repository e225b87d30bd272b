import type { JsonObject } from '../../agent/json.ts';
import type { Tool, ToolOutcome } from '../../agent/tool.ts';
import type { Log } from '../../observe/port.ts';
import { effectOf } from '../effect.ts';
import type { ServerConfig, ServerState } from '../port.ts';
import type { CallAnswer, Connection, ConnectionEvents } from './connection.ts';
import { nameTools } from './names.ts';
import { failureText } from './outcome.ts';
import { readResult } from './result.ts';
import { type ListedTool, readTool } from './schema.ts';
import { deadline, orAbort } from './wait.ts';

/** One configured server over all its sessions: it is kept connected until it is closed. */
export interface Server {
  readonly config: ServerConfig;
  /** Makes the first attempt; later ones follow by themselves. Resolves when it has succeeded or failed. */
  open(): Promise<void>;
  state(): ServerState;
  /** Empty while there is no session. */
  tools(): readonly Tool[];
  /** Resolves when no attempt and no reading of the list is under way. */
  settled(): Promise<void>;
  /** Ends the session, and all that earlier attempts left to be ended. */
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly log: Log;
  /** May throw a sentence. */
  readonly dial: (config: ServerConfig, events: ConnectionEvents) => Connection;
  readonly connectTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly maxCallMs: number;
  /** The wait after the first failure in a row; doubled for each one more. */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
}

type Standing =
  | { readonly type: 'connecting' }
  | {
      readonly type: 'connected';
      readonly connection: Connection;
      readonly tools: readonly Tool[];
      readonly sinceMs: number;
    }
  | { readonly type: 'failed'; readonly why: string }
  | { readonly type: 'closed' };

/** A session that lasted so long was a good one: the next attempt is made at once. */
const stableMs = 10_000;
/** Several `list_changed` in a row are one change. */
const refreshAfterMs = 50;

/** A server that is not yet connected; see `Server.open`. */
export function createServer(config: ServerConfig, options: ServerOptions): Server {
  const log = options.log.with({ server: config.name });
  const work = new Set<Promise<unknown>>();
  const endings = new Set<Promise<unknown>>();
  const closing = new AbortController();
  let standing: Standing = { type: 'connecting' };
  let failures = 0;
  let attempt: Promise<void> | undefined;
  let retryTimer: NodeJS.Timeout | undefined;
  let refreshTimer: NodeJS.Timeout | undefined;

  const isClosed = () => standing.type === 'closed';
  const current = () => (standing.type === 'connected' ? standing : undefined);

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
        onToolsChanged: () => refreshSoon(dialled),
      });
      connection = dialled;
      await dialled.connect(limit.signal);
      const tools = await list(dialled, limit.signal);
      if (isClosed()) return retire(dialled);
      standing = { type: 'connected', connection: dialled, tools, sinceMs: performance.now() };
      log.info('mcp_connected', {
        tools: tools.length,
        duration_ms: Math.round(performance.now() - startedAt),
      });
    } catch (error) {
      retire(connection);
      fail(error instanceof Error ? error.message : String(error));
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
    clearTimeout(refreshTimer);
    retire(connection);
    if (performance.now() - held.sinceMs >= stableMs) failures = 0;
    if (failures > 0) return fail(why);
    failures = 1;
    standing = { type: 'failed', why };
    log.warn('mcp_lost', { why });
    void open();
  };

  const list = async (connection: Connection, signal: AbortSignal): Promise<readonly Tool[]> => {
    const entries = (await orAbort(connection.listTools(signal), signal)).map(readTool);
    for (const entry of entries) {
      if (entry.type === 'unusable') log.warn('mcp_tool_unusable', { tool: entry.name, why: entry.why });
    }
    return makeTools(entries.flatMap((entry) => (entry.type === 'tool' ? [entry.tool] : [])));
  };

  const makeTools = (listed: readonly ListedTool[]): readonly Tool[] => {
    const bySource = new Map(listed.map((tool) => [tool.name, tool]));
    const names = nameTools(config.name, [...bySource.keys()]);
    return [...names].flatMap(([name, source]) => {
      const tool = bySource.get(source);
      return tool === undefined ? [] : [makeTool(name, tool)];
    });
  };

  const makeTool = (name: string, listed: ListedTool): Tool => {
    const tool: Tool = {
      name,
      description: listed.description,
      inputSchema: listed.inputSchema,
      source: config.name,
      sourceName: listed.name,
      effect: effectOf(listed.hints, config.isTrusted),
      run: (args, signal) => run(tool, args, signal),
    };
    return tool;
  };

  const refreshSoon = (connection: Connection) => {
    clearTimeout(refreshTimer);
    refreshTimer = setTimeout(() => void track(work, refresh(connection)), refreshAfterMs).unref();
  };

  const refresh = async (connection: Connection) => {
    const limit = deadline(options.connectTimeoutMs, closing.signal);
    try {
      const tools = await list(connection, limit.signal);
      const held = current();
      if (held?.connection !== connection) return;
      standing = { ...held, tools };
      log.info('mcp_tools_changed', { tools: tools.length });
    } catch (error) {
      log.warn('mcp_refresh_failed', { error });
    } finally {
      limit.release();
    }
  };

  /** A session that is lost in mid-call: reads are repeated once, anything else never. */
  const run = async (tool: Tool, args: JsonObject, signal: AbortSignal): Promise<ToolOutcome> => {
    const first = await callOnce(tool, args, signal);
    if (first.type !== 'lost' || (first.mayHaveRun && tool.effect !== 'read')) return outcome(tool, first);
    return outcome(tool, await callOnce(tool, args, signal));
  };

  const callOnce = async (tool: Tool, args: JsonObject, signal: AbortSignal): Promise<Answer> => {
    signal.throwIfAborted();
    if (attempt !== undefined) await orAbort(attempt, signal);
    const held = current();
    if (held === undefined) return { type: 'away', why: away() };
    const { callTimeoutMs: timeoutMs, maxCallMs: maxTotalMs } = options;
    return await held.connection.callTool({ tool: tool.sourceName, args, signal, timeoutMs, maxTotalMs });
  };

  const outcome = (tool: Tool, answer: Answer): ToolOutcome =>
    answer.type === 'result' ? readResult(answer.result) : { text: failureText(tool, answer), isError: true };

  const away = () => {
    if (standing.type === 'failed') return standing.why;
    return standing.type === 'closed' ? 'it was changed or removed' : 'it is being connected';
  };

  return {
    config,
    open,
    state: () => stateOf(config.name, standing),
    tools: () => current()?.tools ?? [],
    settled: async () => {
      while (work.size > 0) await Promise.allSettled(work);
    },
    close: async () => {
      clearTimeout(retryTimer);
      clearTimeout(refreshTimer);
      const held = current();
      standing = { type: 'closed' };
      closing.abort(new Error('it was changed or removed'));
      retire(held?.connection);
      await Promise.allSettled(work);
      await Promise.allSettled(endings);
    },
  };
}

/** How a call ended, or that there was no session to send it over. */
type Answer = CallAnswer | { readonly type: 'away'; readonly why: string };

function stateOf(name: string, standing: Standing): ServerState {
  switch (standing.type) {
    case 'connecting':
      return { name, status: 'connecting', toolCount: 0 };
    case 'connected':
      return { name, status: 'connected', toolCount: standing.tools.length };
    case 'failed':
      return { name, status: 'failed', toolCount: 0, error: sentence(standing.why) };
    case 'closed':
      return { name, status: 'failed', toolCount: 0, error: 'The server was changed or removed.' };
    default:
      return standing satisfies never;
  }
}

function sentence(why: string): string {
  return `${why.charAt(0).toUpperCase()}${why.slice(1)}${/[.!?]$/.test(why) ? '' : '.'}`;
}
