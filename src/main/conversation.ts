import { createAnswer } from '../bot/answer.ts';
import { decidersWith } from '../bot/deciders.ts';
import { createBot } from '../bot/index.ts';
import type { SignIns } from '../bot/port.ts';
import { createRecent } from '../bot/recent.ts';
import type { ChatAdapter, Poster } from '../chat/adapter.ts';
import type { Config } from '../config.ts';
import { lookAround, withoutDetails } from '../http/health.ts';
import { healthText } from '../http/health-text.ts';
import { createChanges } from '../inbox/changes.ts';
import { createOutbox } from '../inbox/outbox.ts';
import { createWorker } from '../inbox/worker.ts';
import { compose } from '../middleware/compose.ts';
import { createLayers } from '../middleware/index.ts';
import { createMetrics } from '../observe/metrics.ts';
import type { Clock, Log } from '../observe/port.ts';
import { isReadWhole } from '../providers/pdf.ts';
import type { Snapshots } from '../resources/snapshot.ts';
import { createSessions } from '../sessions/index.ts';
import { accessStore } from '../store/access.ts';
import { checkpointStore } from '../store/checkpoints.ts';
import { concernStore } from '../store/concerns.ts';
import { configStore } from '../store/config-store.ts';
import { type OpenDatabase, ping } from '../store/database.ts';
import { inboxStore } from '../store/inbox.ts';
import { ledger } from '../store/ledger.ts';
import { outboxStore } from '../store/outbox.ts';
import { openRedis } from '../store/redis.ts';
import { redisSessionStore } from '../store/redis-sessions.ts';
import { redisShared } from '../store/redis-shared.ts';
import { sharedValues } from '../store/shared-values.ts';
import { openSignals } from '../store/signals.ts';
import { turnStore } from '../store/turns.ts';
import { callDigest, gate, toolVersion } from '../tools/policy.ts';
import { namedModels } from './named-models.ts';
import type { Toolbox } from './toolbox.ts';

export interface ConversationOptions {
  readonly config: Config;
  readonly database: OpenDatabase;
  readonly toolbox: Toolbox;
  readonly snapshots: Snapshots;
  readonly signIns: SignIns;
  /** Of this process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a thread stays with a process that says nothing; the worker's own default when absent. */
  readonly leaseMs?: number;
}

export type Conversation = Awaited<ReturnType<typeof createConversation>>;

const toolsWaitMs = 3000;

/** The way of a message, from the inbox to the outbox, and the bot that adapters speak to. */
export async function createConversation(options: ConversationOptions) {
  const { config, database, toolbox, snapshots, owner, clock, log } = options;
  const { pool, servers, models } = toolbox;
  const { db } = database;
  const isLab = config.environment === 'LAB';
  const inbox = inboxStore(db);
  const outboxes = outboxStore(db);
  const turns = turnStore(db);
  const access = accessStore(db);
  const concerns = concernStore(db, () => clock.now());
  if (database.kind === 'embedded') await Promise.all([inbox.clearLeases(), outboxes.clearLeases()]);

  const metrics = createMetrics();
  const signals = await openSignals(database, log);
  const changes = createChanges(signals, (threadId) => worker.holds(threadId));
  const recent = createRecent();
  const redis = config.redisUrl === undefined ? undefined : await openRedis(config.redisUrl, log);
  const sessions = createSessions({
    durable: checkpointStore(db),
    log,
    ...(redis === undefined ? {} : { fast: redisSessionStore(redis.client) }),
  });

  const adapters = new Map<string, ChatAdapter>();
  const posters = new Map<string, Poster>();
  const outbox = createOutbox({ store: outboxes, posters, owner, log, metrics });
  const report = async () => {
    const found = await lookAround({
      database: async () => {
        await ping(db);
        return { kind: database.kind };
      },
      redis: redis?.check,
      model: async () => models.check((await snapshots.atLeast(0)).model),
      servers: servers.checks,
      ...platformChecks(adapters),
    });
    return isLab ? found : withoutDetails(found);
  };
  const answer = createAnswer({
    turns,
    sessions,
    concerns,
    config: snapshots.atLeast,
    model: models.load,
    async tools({ unhealthy = [] }) {
      await servers.ready(toolsWaitMs);
      return pool.tools().filter(({ source }) => !unhealthy.includes(source));
    },
    withheld: pool.withheld,
    serverInstructions: pool.instructions,
    policy: { gate, digest: callDigest, version: toolVersion },
    decidersOf: decidersWith({ selfApproval: isLab, principalsOf: access.principalsOf }),
    modelNamed: namedModels(configStore(db), models),
    layers: createLayers({
      ...{ log, metrics, clock, ledger: ledger(db), set: toolbox.middleware },
      async fileText(file, signal) {
        const text = await models.readPdf(file, signal);
        return { text, isWhole: isReadWhole(text) };
      },
      ...(redis === undefined ? {} : { redis: redisShared(redis.client) }),
      ...(database.kind === 'embedded' ? {} : { store: sharedValues(db) }),
    }),
    compose,
    adapters,
    posted: outbox.kick,
    changed: changes.tell,
    recent,
    health: async () => healthText(await report()),
    log,
    metrics,
    clock,
    showDetails: isLab,
    maxAttempts: 5,
    approvalHours: 24,
  });
  const { leaseMs } = options;
  const lease = leaseMs === undefined ? {} : { leaseMs, marginMs: leaseMs / 5 };
  const worker = createWorker({ store: inbox, signals, handle: answer, owner, log, ...lease });
  const bot = createBot({
    ...{ inbox, turns, sessions, concerns, worker, changes, recent, log, metrics, clock },
    posted: outbox.kick,
    selfApproval: isLab,
    digest: callDigest,
    principalsOf: access.principalsOf,
    signIns: options.signIns,
  });

  return {
    ...{ bot, inbox, turns, access, sessions, concerns, worker, outbox, signals, metrics, redis, adapters },
    report,
    /** Before the worker starts. */
    join(adapter: ChatAdapter): void {
      adapters.set(adapter.platform, adapter);
      if (adapter.poster !== undefined) posters.set(adapter.platform, adapter.poster);
    },
  };
}

/** How the platforms stand that can tell; nothing where none can. */
function platformChecks(adapters: ReadonlyMap<string, ChatAdapter>) {
  const checks = [...adapters.values()].flatMap(({ platform, check }) =>
    check === undefined ? [] : [[platform, check] as const],
  );
  if (checks.length === 0) return {};
  return {
    platforms: () => Object.fromEntries(checks.map(([platform, check]) => [platform, check()] as const)),
  };
}
