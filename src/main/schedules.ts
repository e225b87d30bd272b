import { setTimeout as sleep } from 'node:timers/promises';
import { encodeThreadId } from '../../adapters/web/thread-id.ts';
import type { Rights } from '../access/rights.ts';
import { botAuthor } from '../bot/expiry.ts';
import { ownNames } from '../bot/toolset.ts';
import type { Config } from '../config.ts';
import type { Log } from '../observe/port.ts';
import { cleanUp } from '../schedules/clean-up.ts';
import { defaultSchedules } from '../schedules/defaults.ts';
import { checkHealth } from '../schedules/health-check.ts';
import { monitor } from '../schedules/monitor.ts';
import type { CleanUpStore } from '../schedules/port.ts';
import { askPrompt } from '../schedules/prompt.ts';
import { report } from '../schedules/report.ts';
import { createRunner } from '../schedules/runner.ts';
import { cleanUpStore } from '../store/clean-up.ts';
import { concernStore } from '../store/concerns.ts';
import { configStore } from '../store/config-store.ts';
import type { Database } from '../store/database.ts';
import { sweepCopies } from '../store/redis-sessions.ts';
import { runCost } from '../store/report-facts.ts';
import { scheduleStore } from '../store/schedules.ts';
import type { Conversation } from './conversation.ts';
import type { Managing } from './managing.ts';
import { refusalOfOwner } from './owners.ts';
import { createReportFacts } from './report-facts.ts';
import { createSpots } from './spots.ts';
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
  /** How runs wait between their looks; really, by default. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export type Schedules = Awaited<ReturnType<typeof createSchedules>>;

/** What the bot does at set times, made of the parts of this process. Brings the default schedules along. */
export async function createSchedules(options: SchedulesOptions) {
  const { config, db, conversation, toolbox, managing, owner, log } = options;
  const { adapters, sessions, signals, outbox, bot, redis } = conversation;
  const now = options.now ?? Date.now;
  const store = scheduleStore(db, now);
  await store.furnish(defaultSchedules);

  const { spotAt, opsSpot, spotOf, targetProblem } = createSpots({ config, adapters, log });
  const { pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }) } = options;
  const configs = configStore(db);
  const keeping = async () => (await managing.snapshots.atLeast(await configs.version())).settings;
  const refusalOf = (principal: string) => refusalOfOwner(principal, options);
  const cleaning: CleanUpStore = cleanUpStore(db);
  const threadFor = (id: string) => encodeThreadId({ principal: 'channel:checks', id });
  const looking = {
    ...{ store, spotOf, refusalOf, pause, threadFor, ownTools: ownNames },
    spotOfThread: spotAt,
    concerns: concernStore(db, now),
    facts: createReportFacts({ ...options, now }),
    elapsed: () => performance.now(),
    async stop(threadId: string) {
      await bot.stop(threadId, botAuthor);
    },
    costOf: ({ id }: { readonly id: string }) => runCost(db, id),
  };

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
            outages: store.outages,
            check: managing.checkServer,
            note: managing.noteServer,
            async clearCaches() {
              signals.tell({ type: 'relist', threadId: '*' });
              return await toolbox.pool.relist();
            },
            pause,
            opsSpot,
            spotOfThread: spotAt,
            now,
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
      prompt: (run) => askPrompt(run, { store, spotOf, refusalOf, threadFor }),
      monitor: (run, signal) => monitor(run, looking, signal),
      report: (run, signal) => report(run, looking, signal),
    },
  });

  return {
    runner,
    history: store.history,
    targetProblem,
  };
}
