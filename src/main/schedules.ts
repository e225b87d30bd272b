import { setTimeout as sleep } from 'node:timers/promises';
import { encodeThreadId } from '../../adapters/web/thread-id.ts';
import { expand } from '../access/permissions.ts';
import type { Rights } from '../access/rights.ts';
import { botAuthor } from '../bot/expiry.ts';
import type { Config } from '../config.ts';
import type { Log } from '../observe/port.ts';
import { apiTokens } from '../resources/api-tokens.ts';
import { listOf } from '../resources/giving.ts';
import { cleanUp } from '../schedules/clean-up.ts';
import { defaultSchedules } from '../schedules/defaults.ts';
import { checkHealth } from '../schedules/health-check.ts';
import type { CleanUpStore } from '../schedules/port.ts';
import { askPrompt } from '../schedules/prompt.ts';
import { report } from '../schedules/report.ts';
import { createRunner } from '../schedules/runner.ts';
import type { Spot } from '../schedules/spot.ts';
import { cleanUpStore } from '../store/clean-up.ts';
import type { Database } from '../store/database.ts';
import { sweepCopies } from '../store/redis-sessions.ts';
import { runCost, storedFacts } from '../store/report-facts.ts';
import { resourceStore } from '../store/resources.ts';
import { scheduleStore } from '../store/schedules.ts';
import type { Conversation } from './conversation.ts';
import { hostFacts } from './host.ts';
import type { Managing } from './managing.ts';
import type { Toolbox } from './toolbox.ts';

export interface SchedulesOptions {
  readonly config: Config;
  readonly db: Database;
  readonly dataDir: string;
  readonly conversation: Conversation;
  readonly toolbox: Toolbox;
  readonly managing: Managing;
  readonly rights: Rights;
  /** Of this process. */
  readonly owner: string;
  readonly log: Log;
  /** Milliseconds since 1970; the database's clock by default. */
  readonly now?: () => number;
  /** How long a run stays with a process that says nothing. */
  readonly leaseMs?: number;
}

export type Schedules = Awaited<ReturnType<typeof createSchedules>>;

const opsChannel = 'web:ops';
const serversWaitMs = 10_000;

/** What the bot does at set times, made of the parts of this process. Brings the default schedules along. */
export async function createSchedules(options: SchedulesOptions) {
  const { config, db, conversation, toolbox, managing, owner, log } = options;
  const { adapters, sessions, signals, outbox, bot, inbox, redis } = conversation;
  const store = scheduleStore(db);
  await store.furnish(defaultSchedules);

  function spotAt(target: string): Spot | undefined {
    const adapter = adapters.get(target.slice(0, target.indexOf(':')));
    const place = adapter?.place?.(target);
    if (adapter === undefined || place === undefined) return undefined;
    return { platform: adapter.platform, place, isPosted: adapter.poster !== undefined };
  }
  function opsSpot(): Spot | undefined {
    const wanted = config.opsChannel ?? opsChannel;
    const spot = spotAt(wanted);
    if (spot === undefined) log.warn('ops_channel_unknown', { channel: wanted });
    return spot ?? spotAt(opsChannel);
  }
  const nowhere = (target: string) =>
    `Nothing can be posted to “${target}”. Name a channel or a thread of a platform that is connected, such as web:ops or slack:<team id>:<channel id>.`;
  /** A person's own thread takes nothing that another one wants there. */
  const spotFor = (target: string, principal: string) => {
    const spot = target === '' ? opsSpot() : spotAt(target);
    const only = spot?.place.type === 'thread' ? spot.place.only : undefined;
    return only === undefined || only === principal ? spot : undefined;
  };
  const spotOf = (target: string, principal: string) => spotFor(target, principal) ?? nowhere(target);

  const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal });
  const keeping = async () => (await managing.snapshots.atLeast(0)).settings;
  const refusalOf = async (principal: string) => {
    const held = await heldBy(principal, options);
    return held.has('chat')
      ? undefined
      : `Its owner ${principal} may not chat; somebody who may must save what it does.`;
  };
  const cleaning: CleanUpStore = cleanUpStore(db);

  const runner = createRunner({
    store,
    owner,
    log,
    posted: outbox.kick,
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
    kinds: {
      health_check: (_run, signal) =>
        checkHealth(
          {
            servers: store.servers,
            check: managing.checkServer,
            note: managing.noteServer,
            async clearCaches() {
              signals.tell({ type: 'relist', threadId: '*' });
              return await toolbox.pool.relist();
            },
            pause,
            opsSpot,
            spotOfThread: spotAt,
          },
          signal,
        ),
      clean_up: ({ schedule }, signal) =>
        cleanUp(
          schedule.cleanUp === '' ? 'sessions' : schedule.cleanUp,
          {
            store: cleaning,
            keeping,
            // A copy in Redis that cannot be dropped ends by itself.
            forget: (threadId) => sessions.clear(threadId).catch(() => undefined),
            ...(redis === undefined ? {} : { sweepCopies: sweepCopies(redis.client) }),
          },
          signal,
        ),
      prompt: (run) => askPrompt(run, { store, spotOf, refusalOf }),
      report: (run, signal) =>
        report(
          run,
          {
            store,
            spotOf,
            refusalOf,
            pause,
            elapsed: () => performance.now(),
            threadFor: (id) => encodeThreadId({ principal: 'channel:checks', id }),
            async stop(threadId) {
              await bot.stop(threadId, botAuthor);
            },
            costOf: ({ id }) => runCost(db, id),
            async facts(since) {
              await toolbox.servers.ready(serversWaitMs);
              const { model } = await managing.snapshots.atLeast(0);
              return {
                ...(await storedFacts(db, since)),
                servers: await store.servers(),
                model: { name: model?.name ?? '', ...(await toolbox.models.check(model)) },
                queue: await inbox.depth(),
                host: await hostFacts(options.dataDir),
              };
            },
          },
          signal,
        ),
    },
  });

  return {
    runner,
    history: store.history,
    targetProblem: (target: string, principal: string) =>
      spotFor(target, principal) === undefined ? nowhere(target) : undefined,
  };
}

/** What an owner may do now; a token holds what it was made with, besides what grants give. */
async function heldBy(principal: string, { db, rights }: SchedulesOptions): Promise<ReadonlySet<string>> {
  const granted = await rights.rightsOf(subjectOf(principal));
  const [kind, id = ''] = principal.split(':');
  if (kind !== 'token' || granted.has('chat')) return granted;
  const token = await resourceStore(db, () => {}).find(apiTokens, { id });
  const isOver = typeof token?.expires === 'string' && Date.parse(token.expires) <= Date.now();
  if (token?.is_enabled !== true || isOver) return granted;
  return expand(listOf(token.permissions), rights.all);
}

/** What grants to a whole tenant are about; who comes from a platform is taken for its member. */
function subjectOf(principal: string) {
  const [platform, id = ''] = principal.split(':');
  if (platform !== 'slack' && platform !== 'teams') return { principal };
  return { principal, tenant: { platform, id, isMember: true } } as const;
}
