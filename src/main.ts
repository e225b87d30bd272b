import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nowAndThen } from './access/now-and-then.ts';
import { startVaultKeeper } from './access/vault-keeper.ts';
import { templateProblem } from './alerts/template.ts';
import { startExpiry } from './bot/expiry.ts';
import { signedIn } from './bot/sign-ins.ts';
import { startSnoozes } from './bot/snoozes.ts';
import type { ChatAdapter } from './chat/adapter.ts';
import type { Bot } from './chat/bot.ts';
import { type Config, ConfigError, readConfig, secretsOf } from './config.ts';
import { ListenError } from './http/server.ts';
import { type Alerts, createAlerts } from './main/alerts.ts';
import { createConversation } from './main/conversation.ts';
import { openDatabase } from './main/database.ts';
import { createDoors } from './main/doors.ts';
import { createKnowing } from './main/knowing.ts';
import { createManaging } from './main/managing.ts';
import { createSchedules, type Schedules } from './main/schedules.ts';
import { createSigningIn } from './main/signing-in.ts';
import { createToolbox } from './main/toolbox.ts';
import { watchUnhandled } from './main/unhandled.ts';
import { createLog } from './observe/log.ts';
import { createMask } from './observe/mask.ts';
import { type AuditEntry, type Clock, type Log, systemClock } from './observe/port.ts';
import { startSealer } from './observe/sealer.ts';
import { PricesError } from './providers/prices.ts';
import { BootstrapError } from './resources/bootstrap.ts';
import { cronProblem, nextTimes } from './schedules/cron.ts';
import { auditLog } from './store/audit.ts';
import { sealStore } from './store/audit-seals.ts';
import { configStore } from './store/config-store.ts';
import { DatabaseError } from './store/database.ts';
import { toolPins } from './store/tool-pins.ts';

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
  /** The console's built files; those of the project by default. */
  readonly assetsDir?: string;
  /** False: schedules can be managed, and nothing happens by itself. */
  readonly runsSchedules?: boolean;
  /** How runs of schedules wait between their looks; really, by default. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
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
/** How soon a replaced secret reaches the MCP servers that use it. */
const secretsEveryMs = 60_000;

/** Builds everything and starts it. Throws an error whose message is one sentence that says what to do. */
export async function start(options: StartOptions): Promise<Running> {
  const { config, log, clock = systemClock, environment = {} } = options;
  const dataDir = resolve(config.dataDir);
  const showDetails = config.environment === 'LAB';
  const owner = randomUUID();

  const { handedOut = () => undefined } = options;
  // What admins manage is there before what runs it.
  let scheduled: Schedules | undefined;
  let alerts: Alerts | undefined;
  let lookAgain: (serverId: string) => void = () => undefined;

  const database = await openDatabase(config, dataDir, log);
  const { db } = database;
  const trail = auditLog(db);
  const audit = (entry: AuditEntry) =>
    void trail.append([entry]).catch((error: unknown) => log.error('audit_not_written', { error }));
  let base = config.publicUrl?.replace(/\/$/, '') ?? `http://${config.host}:${config.port}`;
  const signing = await createSigningIn({
    ...{ config, db, dataDir, environment, owner, clock, log, audit },
    publicUrl: () => base,
    configs: configStore(db),
    servers: () => servers,
    changed({ type, serverId, identity }) {
      signals.tell({ type: 'signed_in', threadId: `${owner} ${serverId} ${identity}` });
      reconnected(serverId, identity, type === 'in').catch((error: unknown) =>
        log.error('sign_in_not_told', { error }),
      );
    },
  }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const toolbox = await createToolbox({
    ...{ config, log, clock, dataDir, root, version, environment, handedOut },
    authorizer: signing.authorizer,
    listed: (serverId) => lookAgain(serverId),
    signInRefusal: signing.refusal,
    pins: toolPins(db),
  });
  const { pool, pins, servers, models, vault } = toolbox;
  const managing = await createManaging({
    db,
    config,
    toolbox,
    signIns: signing.forWorld,
    schedules: {
      cronProblem,
      next: nextTimes,
      targetProblem: (target, principal) => scheduled?.targetProblem(target, principal),
      run: async (id, by) => await scheduled?.runner.run(id, by),
      history: async (id, limit) => (await scheduled?.history(id, limit)) ?? [],
    },
    alerts: {
      takesAnybody: config.environment === 'LAB',
      templateProblem,
      test: async (id) => (await alerts?.test(id)) ?? { ok: false, message: 'The bot is still starting.' },
      recent: async (id, limit) => (await alerts?.recent(id, limit)) ?? [],
      open: async (id) => (await alerts?.open(id)) ?? { count: 0, names: [] },
    },
    knowing: createKnowing(() => conversation.adapters),
    configured: () => scheduled?.runner.changed(),
    clock,
    log,
    audit,
  }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const { snapshots, lookAtServer } = managing;
  const conversation = await createConversation({
    ...{ config, database, toolbox, snapshots, owner, clock, log },
    signIns: signing.forBot,
    ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
  });
  const { turns, sessions, concerns, worker, outbox, signals, redis, adapters } = conversation;
  const resumeSignedIn = signedIn({ turns, worker, clock });
  /** The session begins anew before the turns that wait for it go on. */
  const reconnected = async (serverId: string, identity: string, isIn: boolean) => {
    await pool.reconnect(serverId, identity);
    if (isIn) await resumeSignedIn(serverId, identity);
    await lookAtServer(serverId);
  };
  signals.on(({ type, threadId }) => {
    if (type === 'relist') void pool.relist();
    // A copy in Redis that cannot be dropped was dropped by the process that told of it, or ends by itself.
    if (type === 'forget') sessions.clear(threadId).catch(() => undefined);
    const [from = '', serverId = '', ...identity] = threadId.split(' ');
    if (type === 'signed_in' && from !== owner) void pool.reconnect(serverId, identity.join(' '));
  });
  const { gate, rights, http, leave } = await createDoors({
    ...{ config, db, conversation, toolbox, managing, signing, trail, audit, version, clock, log },
    publicUrl: () => base,
    assetsDir: options.assetsDir ?? join(root, 'adapters/web/dist'),
    adapters: options.adapters,
    hooks(rights) {
      alerts = createAlerts({
        ...{ config, db, conversation, toolbox, managing, rights, clock, log },
        ...(options.clock === undefined ? {} : { now: options.clock.now }),
      });
      return [alerts.hook];
    },
  });
  const isFirstLook = nowAndThen({ clock, everyMs: secretsEveryMs / 2 });
  /** A server that was found unhealthy and lists its tools now is checked, rather than waited for. */
  lookAgain = (serverId) => {
    void snapshots
      .atLeast(0)
      .then(async ({ servers: rows, unhealthy = [] }) => {
        const server = rows.find(({ id }) => id === serverId);
        if (server !== undefined && unhealthy.includes(server.name) && isFirstLook(serverId))
          await lookAtServer(serverId);
      })
      .catch((error: unknown) => log.warn('server_not_looked_at', { error }));
  };
  const schedules = await createSchedules({
    ...{ config, db, dataDir, conversation, toolbox, managing, rights, owner, log },
    ...(options.clock === undefined ? {} : { now: options.clock.now }),
    ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
    ...(options.pause === undefined ? {} : { pause: options.pause }),
  });
  scheduled = schedules;
  const rotation = setInterval(() => {
    servers.refresh();
    pins.retry();
  }, secretsEveryMs).unref();
  const expiry = startExpiry({ turns, clock, log });
  const snoozes = startSnoozes({ concerns, posted: outbox.kick, log });
  const sealer = startSealer({ store: sealStore(db), log });
  const keeper = vault === undefined ? undefined : startVaultKeeper({ vault, clock, log });

  let closing: Promise<void> | undefined;
  const closeAll = async () => {
    leave();
    log.info('stopping');
    await schedules.runner.stop();
    await alerts?.bell.stop();
    await worker.stop(graceMs);
    clearInterval(rotation);
    await expiry.stop();
    await snoozes.stop();
    await Promise.all([...adapters.values()].map((adapter) => adapter.stop?.()));
    await http.close();
    await outbox.stop();
    await pool.close();
    await pins.settled();
    await sealer.stop();
    keeper?.stop();
    await signals.close();
    await redis?.close();
    await database.close();
    log.info('stopped');
  };

  try {
    const url = await http.listen(config.host, config.port);
    if (config.publicUrl === undefined) base = url;
    const model = await models.check((await snapshots.atLeast(0)).model);
    if (model.status === 'failed') log.warn('model_unusable', { reason: model.detail });
    if (!showDetails && (config.environmentModel !== undefined || config.modelName !== undefined))
      log.warn('model_variables_ignored', { environment: config.environment });
    worker.start();
    outbox.start();
    alerts?.bell.start();
    if (options.runsSchedules !== false) schedules.runner.start();
    await Promise.all([...adapters.values()].map((adapter) => adapter.start?.()));
    log.info('started', {
      url,
      environment: config.environment,
      database: database.kind,
      redis: redis !== undefined,
    });
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

const hardStopMs = 9500;

/** Runs until SIGTERM or SIGINT. Exit codes: 0 stopped, 1 cannot start or go on, 2 wrong configuration. */
async function run(): Promise<void> {
  let end = (): void => process.exit(1);
  try {
    const config = readConfig(process.env);
    const mask = createMask(secretsOf(config));
    const log = createLog(config.logLevel, undefined, mask.apply);
    watchUnhandled({ log, end: () => end() });
    const running = await start({ config, log, environment: process.env, handedOut: mask.add });
    process.stdout.write(banner(await running.newConsoleLink()));
    const stop = (code: number) =>
      void shutDown(running, code).catch((error: unknown) => {
        log.error('not_stopped_in_order', { error });
        process.exit(1);
      });
    end = () => stop(1);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(0));
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

async function shutDown(running: Running, code: number): Promise<void> {
  const hardStop = setTimeout(() => process.exit(1), hardStopMs);
  hardStop.unref();
  await running.stop();
  process.exit(code);
}

function banner(link: string): string {
  return `\nAI Ops Bot is running. Open the console (this link works once, within 15 minutes):\n\n  ${link}\n\n`;
}

function explain(error: unknown): string {
  const known = [ConfigError, DatabaseError, ListenError, BootstrapError, PricesError];
  if (known.some((type) => error instanceof type) && error instanceof Error) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

if (import.meta.main) await run();
