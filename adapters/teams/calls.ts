import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Log } from '../../src/observe/port.ts';
import type { CallOptions, TeamsApi } from './api.ts';
import { type Budget, createBudgets } from './budgets.ts';
import { TeamsCallError } from './call-error.ts';
import type { Connector, Target } from './connector.ts';
import { createFileFetch } from './file-fetch.ts';
import { createQueue } from './queue.ts';
import type { References } from './references.ts';
import { createStanding } from './standing.ts';
import { type Conversation, roomOf } from './thread-id.ts';

export interface CallsOptions {
  readonly connector: Connector;
  readonly references: References;
  readonly clock: Clock;
  readonly log: Log;
  /** A number below 1, for jitter. */
  readonly random?: () => number;
}

/** One call, as the layers below see it. */
interface Call {
  readonly operation: string;
  readonly place: Conversation;
  readonly budget: Exclude<Budget, 'all'>;
  /** What Teams counts together, and what must keep its order. */
  readonly lane: string;
  /** Doing it twice does no harm: it is tried again after any failure that passes. */
  readonly isRepeatable: boolean;
  /** Being refused there says that the bot may not write there at all. */
  readonly tellsOfPlace: boolean;
  readonly options: CallOptions;
}

/** What the API shows beside calls. */
export interface Calls extends TeamsApi {
  /** Microsoft refuses the bot's own credentials. */
  isRefused(): boolean;
}

const firstWaitMs = 500;
const longestWaitMs = 15_000;

/** Refused for the moment: certainly not done. https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
const isMomentary = ({ status }: TeamsCallError) => status === 412 || status === 429;
/** It may have been done. */
const isPassing = ({ status, code }: TeamsCallError) =>
  [500, 502, 503, 504].includes(status) || code === 'network' || code === 'login_unreachable';

export function createCalls(options: CallsOptions): Calls {
  const { connector, references, clock, log, random = Math.random } = options;
  const budgets = createBudgets(clock);
  const queue = createQueue();
  const told = new Set<string>();
  const standing = createStanding({ references, clock, log });

  async function call<T>(of: Call, run: (to: Target) => Promise<T>): Promise<T> {
    const { signal, patienceMs = 0 } = of.options;
    const until = clock.now() + patienceMs;
    hasRoom(of, until);
    const work = async () => await tried(of, until, run);
    try {
      // Questions have no order to keep.
      return of.budget === 'ask' ? await work() : await queue.run(of.lane, work, signal);
    } catch (error) {
      if (error instanceof TeamsCallError || signal?.aborted !== true) throw error;
      throw new TeamsCallError(of.operation, 'aborted', { isRefused: true, cause: error });
    }
  }

  async function tried<T>(of: Call, until: number, run: (to: Target) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      await room(of, until);
      const to = await standing.targetOf(of.operation, of.place);
      try {
        const result = await run(to);
        standing.accepted();
        return result;
      } catch (error) {
        if (!(error instanceof TeamsCallError)) throw error;
        if (of.options.signal?.aborted === true && error.code === 'network')
          throw new TeamsCallError(of.operation, 'aborted', { isRefused: error.isRefused, cause: error });
        if (error.status === 429) budgets.close(of.budget, of.lane, error.retryAfterMs ?? firstWaitMs);
        await standing.refused(error, { ...of, to });
        const wait = waitAfter(of, error, attempt);
        if (wait === undefined || clock.now() + wait > until) throw error;
        await sleep(wait, undefined, signalOf(of));
      }
    }
  }

  /** Undefined: trying again would not help, or could do it twice. */
  function waitAfter(of: Call, error: TeamsCallError, attempt: number): number | undefined {
    const isWorthIt = isMomentary(error) || (isPassing(error) && (of.isRepeatable || error.isRefused));
    if (!isWorthIt) return undefined;
    const backoff = Math.min(longestWaitMs, firstWaitMs * 2 ** attempt) * (0.5 + random());
    return Math.max(backoff, error.retryAfterMs ?? 0);
  }

  function waitFor({ budget, lane, place }: Call): number {
    return Math.max(budgets.waitMs(budget, lane), budgets.waitMs('all', place.tenant));
  }

  /** Throws when waiting would last longer than the caller does. */
  function hasRoom(of: Call, until: number): number {
    const wait = waitFor(of);
    if (wait > 0 && clock.now() + wait > until)
      throw new TeamsCallError(of.operation, 'ratelimited', { isRefused: true, retryAfterMs: wait });
    return wait;
  }

  async function room(of: Call, until: number): Promise<void> {
    for (let wait = hasRoom(of, until); wait > 0; wait = hasRoom(of, until))
      await sleep(wait, undefined, signalOf(of));
    budgets.spend(of.budget, of.lane);
    budgets.spend('all', of.place.tenant);
  }

  const writing = { budget: 'write', tellsOfPlace: true, isRepeatable: false } as const;
  const changing = { budget: 'write', tellsOfPlace: false, isRepeatable: true } as const;

  const api: Calls = {
    isRefused: standing.isRefused,
    send: (place, activity, given = {}) =>
      call({ ...writing, operation: 'sending a message', place, lane: place.id, options: given }, (to) =>
        connector.send(to, activity, given.signal),
      ),
    update: (place, id, activity, given = {}) =>
      call({ ...changing, operation: 'changing a message', place, lane: place.id, options: given }, (to) =>
        connector.update(to, id, activity, given.signal),
      ),
    remove: (place, id, given = {}) =>
      call({ ...changing, operation: 'deleting a message', place, lane: place.id, options: given }, (to) =>
        connector.remove(to, id, given.signal),
      ),
    async createThread(channel, activity, given = {}) {
      const lane = `new ${roomOf(channel.id)}`;
      const made = { ...writing, operation: 'beginning a thread', place: channel, lane, options: given };
      const id = await call(made, (to) => connector.createThread(to, activity, given.signal));
      return { tenant: channel.tenant, id };
    },
    member: (place, userId, given = {}) =>
      call(
        {
          ...{ operation: 'asking for a member', place, lane: roomOf(place.id), options: given },
          ...{ budget: 'ask', isRepeatable: true, tellsOfPlace: false },
        },
        (to) => connector.member(to, userId, given.signal),
      ),
    team: (place, teamId, given = {}) =>
      call(
        {
          ...{ operation: 'asking for a team', place, lane: teamId, options: given },
          ...{ budget: 'ask', isRepeatable: true, tellsOfPlace: false },
        },
        (to) => connector.team(to, teamId, given.signal),
      ),
    async attempt(made) {
      try {
        return await made(api);
      } catch (error) {
        const code = error instanceof TeamsCallError ? `${error.message}` : 'unknown';
        if (!told.has(code)) log.warn('teams_call_failed', { error });
        told.add(code);
        return undefined;
      }
    },
    fetch: createFileFetch({ references, token: connector.token }),
    troubles: standing.troubles,
  };
  return api;
}

function signalOf({ options: { signal } }: Call) {
  return signal === undefined ? {} : { signal };
}
