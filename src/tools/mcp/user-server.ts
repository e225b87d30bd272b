import type { JsonObject } from '../../agent/json.ts';
import type { CallContext, Tool, ToolOutcome } from '../../agent/tool.ts';
import { waitingIn } from '../pins.ts';
import type { ServerConfig, ServerState } from '../port.ts';
import { latest } from './latest.ts';
import { type Offer, offers, usedInstructions, withheld } from './offers.ts';
import { type CallFailure, failureText } from './outcome.ts';
import { createServer, type Decided, type Server, type ServerList, type ServerOptions } from './server.ts';
import { signInTo } from './sign-in-need.ts';
import { orAbort } from './wait.ts';

/** Who is signed in to servers. */
export interface Identities {
  /** The latest first. */
  identities(serverId: string): Promise<readonly string[]>;
  isConnected(serverId: string, identity: string): Promise<boolean>;
}

export interface UserServerOptions extends ServerOptions {
  readonly people: Identities;
  /** A session that nobody uses is closed after so long. */
  readonly idleMs: number;
  readonly maxSessions: number;
}

/** One person's session. */
interface Seat {
  readonly server: Server;
  calls: number;
  usedAt: number;
  timer: NodeJS.Timeout | undefined;
}

const nobody = 'Nobody is signed in to it; the first who connects an account makes its tools known.';

/**
 * A server at which each person has an account: a session for each of them, opened when they call one of
 * its tools and closed when they no longer do. What it lists is what it last told anybody; models know
 * it whoever asks, and whoever is not signed in is asked to.
 */
export function createUserServer(config: ServerConfig, options: UserServerOptions): Server {
  const { people, idleMs, maxSessions } = options;
  const seats = new Map<string, Seat>();
  const endings = new Set<Promise<unknown>>();
  let decisions: Decided = config;
  let list: ServerList | undefined;
  let ofContext: readonly Tool[] = [];
  let isOpening = true;
  let isClosed = false;
  let why = nobody;
  let retryTimer: NodeJS.Timeout | undefined;

  const end = (principal: string, seat: Seat): Promise<void> => {
    clearTimeout(seat.timer);
    if (seats.get(principal) === seat) seats.delete(principal);
    const ending = seat.server.close().finally(() => endings.delete(ending));
    endings.add(ending);
    return ending;
  };

  const restUntilIdle = (principal: string, seat: Seat) => {
    clearTimeout(seat.timer);
    if (seats.get(principal) !== seat) return;
    seat.usedAt = options.now();
    seat.timer = setTimeout(() => {
      if (seat.calls === 0) void end(principal, seat);
    }, idleMs).unref();
  };

  /** The session of a person, begun if need be; undefined: too many people are in the middle of something. */
  const seatOf = (principal: string): Seat | undefined => {
    const known = seats.get(principal);
    if (known !== undefined) return known;
    if (seats.size >= maxSessions && !makeRoom()) return undefined;
    const server = createServer(
      { ...config, ...decisions, identity: principal },
      {
        ...options,
        onListed: (listed, listing) => {
          list = seats.get(principal)?.server.listed() ?? list;
          options.onListed?.(listed, listing);
        },
      },
    );
    const seat: Seat = { server, calls: 0, usedAt: options.now(), timer: undefined };
    seats.set(principal, seat);
    restUntilIdle(principal, seat);
    return seat;
  };

  const makeRoom = (): boolean => {
    const idle = [...seats].filter(([, { calls }]) => calls === 0);
    const [longest] = idle.sort(([, a], [, b]) => a.usedAt - b.usedAt);
    if (longest === undefined) return false;
    void end(...longest);
    return true;
  };

  /** Opens it, and learns what it lists. One that cannot be opened is not tried again by itself. */
  const open = async (principal: string, seat: Seat): Promise<boolean> => {
    if (seat.server.listed() === undefined) await seat.server.open();
    const listed = seat.server.listed();
    if (listed === undefined) {
      why = seat.server.state().error ?? nobody;
      await end(principal, seat);
      return false;
    }
    list = listed;
    ofContext = seat.server.tools().filter((tool) => tool.context !== undefined);
    return true;
  };

  /** A session in use is neither idle nor closed to make room. */
  const using = async <T>(principal: string, seat: Seat, work: () => Promise<T>): Promise<T> => {
    seat.calls += 1;
    try {
      return await work();
    } finally {
      seat.calls -= 1;
      restUntilIdle(principal, seat);
    }
  };

  /** As the latest who signed in. While nothing is known of it, that is tried again and again. */
  const look = async (): Promise<void> => {
    clearTimeout(retryTimer);
    const [latest] = await people.identities(config.id);
    why = nobody;
    const seat = latest === undefined || isClosed ? undefined : seatOf(latest);
    if (latest === undefined || seat === undefined) return;
    if (!(await using(latest, seat, () => open(latest, seat)))) lookLater();
  };
  const lookLater = () => {
    clearTimeout(retryTimer);
    if (isClosed || list !== undefined) return;
    retryTimer = setTimeout(() => void lookAgain(), options.retryMaxMs).unref();
  };
  const lookAgain = () =>
    look().catch((error: unknown) => {
      options.log.warn('mcp_failed', { error });
      lookLater();
    });

  const run = async (tool: Tool, args: JsonObject, whom: Whom): Promise<ToolOutcome> => {
    const { context } = whom;
    if (context === undefined) return failed(tool, { type: 'sign_in', why: 'it runs for a person only' });
    const need = await needs(context);
    if (need !== undefined)
      return { ...failed(tool, { type: 'sign_in', why: 'you are not signed in' }), need };
    const seat = seatOf(context.asker);
    if (seat === undefined) return failed(tool, { type: 'away', why: 'too many people use it now' });
    return await using(context.asker, seat, () => callAt(seat, tool, { args, ...whom, context }));
  };

  const callAt = async (
    seat: Seat,
    tool: Tool,
    call: Whom & { readonly args: JsonObject; readonly context: CallContext },
  ) => {
    const { args, signal, context } = call;
    const isOpen = await orAbort(open(context.asker, seat), signal);
    if (!isOpen) {
      const need = await needs(context);
      return { ...failed(tool, { type: 'away', why }), ...(need === undefined ? {} : { need }) };
    }
    const own = seat.server.tools().find(({ name }) => name === tool.name);
    // What was judged is what others are told: it may be more than that for this person.
    if (own === undefined || own.effect !== tool.effect)
      return failed(tool, { type: 'withdrawn', isListed: isListedAt(seat, tool) });
    return await own.run(args, signal, context);
  };

  const needs = async ({ asker }: CallContext) =>
    (await people.isConnected(config.id, asker)) ? undefined : signInTo(config);

  const wrap = (tool: Omit<Tool, 'run'>): Tool => {
    const wrapped: Tool = {
      ...tool,
      needs,
      run: (args, signal, context) => run(wrapped, args, { signal, context }),
    };
    return wrapped;
  };

  const toolOf = ({ fullName, listed, effect, approval, isTrusted }: Offer): Tool =>
    wrap({
      name: fullName,
      description: listed.description,
      inputSchema: listed.inputSchema,
      source: config.name,
      sourceName: listed.name,
      effect,
      isTrusted,
      ...(approval === undefined ? {} : { approval }),
    });

  /** Made once for each list and each decision, so that they stay the same objects in between. */
  const judge = latest((known: ServerList | undefined, decided: Decided, context: readonly Tool[]) => {
    if (known === undefined) return { tools: [], withheld: [], instructions: undefined };
    const server = { name: config.name, ...decided };
    const all = offers(server, known.tools);
    const own = all.filter(({ isOffered }) => isOffered);
    return {
      tools: [...own.map(toolOf), ...context.map(wrap)],
      withheld: withheld(server, all),
      instructions: usedInstructions(server, known.instructions),
    };
  });
  const judged = () => judge(list, decisions, ofContext);

  const state = (): ServerState => {
    const { name } = config;
    const waiting = list === undefined ? 0 : waitingIn(decisions, list).length;
    if (list !== undefined) return { name, status: 'connected', toolCount: judged().tools.length, waiting };
    if (isOpening) return { name, status: 'connecting', toolCount: 0, waiting: 0 };
    return { name, status: 'failed', toolCount: 0, waiting: 0, error: why };
  };

  return {
    config,
    decide: (latest) => {
      decisions = latest;
      for (const { server } of seats.values()) server.decide(latest);
    },
    open: async () => {
      await lookAgain();
      isOpening = false;
    },
    state,
    tools: () => judged().tools,
    withheld: () => judged().withheld,
    instructions: () => judged().instructions,
    listed: () => list,
    renew: () => {
      for (const { server } of seats.values()) server.renew();
    },
    relist: async () => {
      await Promise.all([...seats.values()].map(({ server }) => server.relist()));
    },
    settled: async () => {
      await Promise.all([...seats.values()].map(({ server }) => server.settled()));
    },
    reconnect: async (identity) => {
      const seat = seats.get(identity);
      if (seat !== undefined) await end(identity, seat);
      if (!isClosed && (await people.isConnected(config.id, identity))) await look();
    },
    close: async () => {
      isClosed = true;
      clearTimeout(retryTimer);
      for (const [principal, seat] of seats) void end(principal, seat);
      await Promise.allSettled(endings);
    },
  };
}

interface Whom {
  readonly signal: AbortSignal;
  readonly context: CallContext | undefined;
}

function isListedAt(seat: Seat, { sourceName }: Tool): boolean {
  return seat.server.listed()?.tools.some(({ name }) => name === sourceName) === true;
}

function failed(tool: Tool, failure: CallFailure): ToolOutcome {
  return { text: failureText(tool, failure), isError: true };
}
