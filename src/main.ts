import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWebAdapter } from '../adapters/web/index.ts';
import { createGate } from './access/gate.ts';
import { resolveValues, secretResolver } from './access/secrets.ts';
import { createAnswer } from './bot/answer.ts';
import { startExpiry } from './bot/expiry.ts';
import { createBot } from './bot/index.ts';
import { createRecent } from './bot/recent.ts';
import type { ChatAdapter, Poster } from './chat/adapter.ts';
import type { Bot } from './chat/bot.ts';
import { type Config, ConfigError, readConfig, secretsOf } from './config.ts';
import { healthRoutes, lookAround } from './http/health.ts';
import { healthText } from './http/health-text.ts';
import { createHttpServer, ListenError } from './http/server.ts';
import { createChanges } from './inbox/changes.ts';
import { createOutbox } from './inbox/outbox.ts';
import { createWorker } from './inbox/worker.ts';
import { compose } from './middleware/compose.ts';
import { defaultMiddleware } from './middleware/index.ts';
import { createLog } from './observe/log.ts';
import { createMask } from './observe/mask.ts';
import { createMetrics } from './observe/metrics.ts';
import { type Clock, type Log, systemClock } from './observe/port.ts';
import { defaultModel, modelLoader } from './providers/load.ts';
import { BootstrapError } from './resources/bootstrap.ts';
import { seedsOf } from './resources/seeds.ts';
import { latestSnapshot } from './resources/snapshot.ts';
import { createSessions } from './sessions/index.ts';
import { checkpointStore } from './store/checkpoints.ts';
import { configStore } from './store/config-store.ts';
import { DatabaseError, type OpenDatabase, ping } from './store/database.ts';
import { openEmbedded } from './store/embedded.ts';
import { inboxStore } from './store/inbox.ts';
import { makeFolder } from './store/make-folder.ts';
import { migrate } from './store/migrate.ts';
import { outboxStore } from './store/outbox.ts';
import { openPostgresql } from './store/postgresql.ts';
import { openRedis } from './store/redis.ts';
import { redisSessionStore } from './store/redis-sessions.ts';
import { signInStore } from './store/sign-ins.ts';
import { openSignals } from './store/signals.ts';
import { turnStore } from './store/turns.ts';
import { reap } from './tools/mcp/children.ts';
import { createPool } from './tools/mcp/pool.ts';
import { callDigest, gate as policyGate, toolVersion } from './tools/policy.ts';
import { createServerSet } from './tools/servers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const version = '0.1.0';

/** What the process was started with, besides its configuration. Tests bring adapters and clocks of their own. */
export interface StartOptions {
  readonly config: Config;
  readonly log: Log;
  readonly clock?: Clock;
  /** More platforms. */
  readonly adapters?: (bot: Bot) => readonly ChatAdapter[];
  readonly leaseMs?: number;
  /** The environment that MCP servers get PATH, HOME and LANG from. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Hears of each secret that is used, so that the log can leave it out. */
  readonly handedOut?: (secret: string) => void;
}

/** A running bot. */
export interface Running {
  /** Where its HTTP server listens. */
  readonly url: string;
  /** A link that signs in to the console once. */
  newConsoleLink(): Promise<string>;
  /** Stops claiming, lets turns end or hands them over, and closes everything in order. */
  stop(): Promise<void>;
}

const graceMs = 4000;
const toolsWaitMs = 3000;

/** Builds everything and starts it. Throws an error whose message is one sentence that says what to do. */
export async function start(options: StartOptions): Promise<Running> {
  const { config, log, clock = systemClock, environment = {} } = options;
  const dataDir = resolve(config.dataDir);
  const showDetails = config.environment === 'LAB';
  const owner = randomUUID();

  const database = await openDatabase(config, dataDir, log);
  const { db } = database;
  try {
    const applied = await migrate(db);
    if (applied.length > 0) log.info('database_migrated', { migrations: applied });
    await configStore(db).seed(await seedsOf(config, defaultModel));
  } catch (error) {
    await database.close();
    throw error;
  }
  const inbox = inboxStore(db);
  const outboxes = outboxStore(db);
  const turns = turnStore(db);
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

  const childrenDir = childrenOf(dataDir);
  await reap(childrenDir, log);
  const pool = createPool({ log, childrenDir, environment, version });
  const resolveSecret = secretResolver({
    env: config.secretEnv,
    handedOut: options.handedOut ?? (() => undefined),
    ...(config.secretsDir === undefined ? {} : { dir: config.secretsDir }),
  });
  const servers = createServerSet({
    pool,
    log,
    resolveValues: (values) => resolveValues(values, resolveSecret),
    isFree: config.environment === 'LAB',
    allowed: config.stdioAllow,
    bundled: (name) => ({ command: process.execPath, args: [join(root, 'src/servers', name, 'main.ts')] }),
  });
  const snapshots = latestSnapshot(configStore(db), (snapshot) => servers.use(snapshot));
  const models = modelLoader({ resolveSecret, log });

  const adapters = new Map<string, ChatAdapter>();
  const posters = new Map<string, Poster>();
  const outbox = createOutbox({ store: outboxes, posters, owner, log, metrics });
  const report = () =>
    lookAround({
      database: async () => {
        await ping(db);
        return { kind: database.kind };
      },
      redis: redis?.check,
      model: async () => models.check((await snapshots.atLeast(0)).model),
      servers: servers.checks,
    });
  const answer = createAnswer({
    turns,
    sessions,
    config: snapshots.atLeast,
    model: models.load,
    async tools() {
      await servers.ready(toolsWaitMs);
      return pool.tools();
    },
    policy: {
      gate: (call) => policyGate(call, { autoApprove: new Set() }),
      digest: callDigest,
      version: toolVersion,
    },
    layers: () => defaultMiddleware({ log, metrics }),
    compose,
    adapters,
    posted: outbox.kick,
    changed: changes.tell,
    recent,
    health: async () => healthText(await report()),
    log,
    metrics,
    clock,
    showDetails,
    maxAttempts: 5,
    approvalHours: 24,
  });
  const leaseMs =
    options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs, marginMs: options.leaseMs / 5 };
  const worker = createWorker({ store: inbox, signals, handle: answer, owner, log, ...leaseMs });
  const bot = createBot({
    inbox,
    turns,
    sessions,
    worker,
    changes,
    recent,
    log,
    metrics,
    clock,
    selfApproval: config.environment === 'LAB',
  });

  const gate = createGate({
    store: signInStore(db),
    clock,
    ...(config.adminToken === undefined ? {} : { adminToken: config.adminToken }),
  });
  const web = createWebAdapter({
    bot,
    gate,
    log,
    assetsDir: join(root, 'adapters/web/dist'),
    secureCookies: config.publicUrl?.startsWith('https:') ?? false,
    publicUrl: config.publicUrl,
  });
  for (const adapter of [web, ...(options.adapters?.(bot) ?? [])]) {
    adapters.set(adapter.platform, adapter);
    if (adapter.poster !== undefined) posters.set(adapter.platform, adapter.poster);
  }

  let accepting = true;
  const health = healthRoutes({
    report,
    metrics: () => metrics.text({ queue: inbox.depth, busy: worker.busy }),
    mayRead: async (authorization) =>
      authorization !== undefined && (await gate.authenticate({ authorization })) !== undefined,
    showDetails,
    accepting: () => accepting,
  });
  const routes = [...health, ...[...adapters.values()].flatMap((adapter) => adapter.routes)];
  const http = await createHttpServer({ routes, log, showDetails });
  const expiry = startExpiry({ turns, clock, log });

  let closing: Promise<void> | undefined;
  const closeAll = async () => {
    accepting = false;
    log.info('stopping');
    await worker.stop(graceMs);
    await expiry.stop();
    await Promise.all([...adapters.values()].map((adapter) => adapter.stop?.()));
    await http.close();
    await outbox.stop();
    await pool.close();
    await signals.close();
    await redis?.close();
    await database.close();
    log.info('stopped');
  };

  try {
    const url = await http.listen(config.host, config.port);
    const model = await models.check((await snapshots.atLeast(0)).model);
    if (model.status === 'failed') log.warn('model_unusable', { reason: model.detail });
    if (!showDetails && (config.environmentModel !== undefined || config.modelName !== undefined))
      log.warn('model_variables_ignored', { environment: config.environment });
    worker.start();
    outbox.start();
    await Promise.all([...adapters.values()].map((adapter) => adapter.start?.()));
    log.info('started', {
      url,
      environment: config.environment,
      database: database.kind,
      redis: redis !== undefined,
    });
    const base = config.publicUrl?.replace(/\/$/, '') ?? url;
    return {
      url,
      newConsoleLink: async () => `${base}/console/sign-in?token=${await gate.newSignIn()}`,
      stop: () => (closing ??= closeAll()),
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function openDatabase(config: Config, dataDir: string, log: Log): Promise<OpenDatabase> {
  const options = { log, poolSize: 20, connectTimeoutMs: 5000 };
  const database =
    config.databaseUrl === undefined
      ? await openEmbedded(dataDir)
      : await openPostgresql({ url: config.databaseUrl, ...options });
  await makeFolder(childrenOf(dataDir)).catch(async (error: unknown) => {
    await database.close();
    throw new DatabaseError(
      `DATA_DIR ${dataDir} cannot be written (${String(error)}). Choose another folder.`,
    );
  });
  return database;
}

/** Where the running MCP servers are written down. */
function childrenOf(dataDir: string): string {
  return join(dataDir, 'children');
}

const hardStopMs = 9500;

/** Runs until SIGTERM or SIGINT. Exit codes: 0 stopped, 1 cannot start, 2 wrong configuration. */
async function run(): Promise<void> {
  try {
    const config = readConfig(process.env);
    const mask = createMask(secretsOf(config));
    const log = createLog(config.logLevel, undefined, mask.apply);
    const running = await start({ config, log, environment: process.env, handedOut: mask.add });
    process.stdout.write(banner(await running.newConsoleLink()));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void shutDown(running));
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

async function shutDown(running: Running): Promise<void> {
  const hardStop = setTimeout(() => process.exit(1), hardStopMs);
  hardStop.unref();
  await running.stop();
  process.exit(0);
}

function banner(link: string): string {
  return `\nAI Ops Bot is running. Open the console (this link works once, within 15 minutes):\n\n  ${link}\n\n`;
}

function explain(error: unknown): string {
  const known = [ConfigError, DatabaseError, ListenError, BootstrapError];
  if (known.some((type) => error instanceof type) && error instanceof Error) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

if (import.meta.main) await run();
