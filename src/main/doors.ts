import { createWebAdapter } from '../../adapters/web/index.ts';
import { createGate } from '../access/gate.ts';
import { createRights, type Rights } from '../access/rights.ts';
import type { ChatAdapter } from '../chat/adapter.ts';
import type { Bot } from '../chat/bot.ts';
import type { Route } from '../chat/route.ts';
import type { Config } from '../config.ts';
import { healthRoutes } from '../http/health.ts';
import { healthText } from '../http/health-text.ts';
import { oauthRoutes } from '../http/oauth-mcp.ts';
import { restRoutes } from '../http/rest/index.ts';
import { createHttpServer } from '../http/server.ts';
import type { AuditEntry, AuditLog, Clock, Log } from '../observe/port.ts';
import { feedbackEmoji } from '../resources/settings.ts';
import { adapterMemory } from '../store/adapter-memory.ts';
import { commandClaims } from '../store/command-claims.ts';
import type { Database } from '../store/database.ts';
import { heardLast } from '../store/heard-last.ts';
import { ledger } from '../store/ledger.ts';
import { signInStore } from '../store/sign-ins.ts';
import { threadSwitches } from '../store/thread-switches.ts';
import { usageLog } from '../store/usage-sums.ts';
import { createAdministering } from './administering.ts';
import type { Conversation } from './conversation.ts';
import type { createManaging } from './managing.ts';
import { createPeople } from './people.ts';
import { platformAdapters } from './platforms.ts';
import type { createSigningIn } from './signing-in.ts';
import type { Toolbox } from './toolbox.ts';

export interface DoorOptions {
  readonly config: Config;
  readonly db: Database;
  readonly conversation: Conversation;
  readonly toolbox: Toolbox;
  readonly managing: Awaited<ReturnType<typeof createManaging>>;
  readonly signing: Awaited<ReturnType<typeof createSigningIn>>;
  readonly trail: AuditLog;
  /** Writes into the audit log; never throws. */
  readonly audit: (entry: AuditEntry) => void;
  /** Where people reach the bot, without a slash at the end; asked when it is needed. */
  readonly publicUrl: () => string;
  /** The console's built files. */
  readonly assetsDir: string;
  /** More platforms. */
  readonly adapters?: ((bot: Bot) => readonly ChatAdapter[]) | undefined;
  /** Paths where other programs tell of things, for whoever knows what people may do. */
  readonly hooks: (rights: Rights) => readonly Route[];
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where people and programs come in: who may, the platforms, and the one HTTP server. */
export async function createDoors(options: DoorOptions) {
  const { config, db, conversation, toolbox, managing, publicUrl, audit, clock, log } = options;
  const { bot, access, report, signals } = conversation;
  const { pool } = toolbox;
  const { manage, permissions } = managing;
  const showDetails = config.environment === 'LAB';
  const secureCookies = config.publicUrl?.startsWith('https:') ?? false;
  let accepting = true;

  const rights = createRights({ store: access, all: permissions, admins: config.admins, clock });
  const gate = createGate({
    signIns: signInStore(db),
    ...{ access, rights, clock, log, audit, publicUrl },
    ...(config.issuer === undefined ? {} : { issuer: config.issuer }),
    ...(config.adminToken === undefined ? {} : { adminToken: config.adminToken }),
  });
  const { desk, administration } = createAdministering({ db, config, conversation, managing, clock });
  const web = createWebAdapter({
    bot,
    gate,
    log,
    administration,
    assetsDir: options.assetsDir,
    secureCookies,
  });
  const platforms = await platformAdapters({
    config,
    bot,
    people: createPeople({ access, rights, clock, log, audit }),
    desk,
    administration,
    switches: threadSwitches(db),
    claims: commandClaims(db),
    status: async () => healthText(await report()),
    tools: pool.tools,
    memory: memoryOf(options),
    heardOf: (platform) => heardLast(db, { platform, clock, log }),
    sensitivity: async () => (await managing.snapshots.atLeast(0)).settings.answer_sensitivity,
    feedbackEmoji: async () => feedbackEmoji((await managing.snapshots.atLeast(0)).settings),
    clock,
    log,
  });
  const adapters = [web, ...platforms, ...(options.adapters?.(bot) ?? [])];
  for (const adapter of adapters) conversation.join(adapter);

  const { inbox, worker, metrics } = conversation;
  const health = healthRoutes({
    report,
    metrics: () => metrics.text({ queue: inbox.depth, busy: worker.busy, servers: pool.states }),
    gate,
    showDetails,
    accepting: () => accepting,
  });
  const rest = restRoutes({
    resources: manage,
    gate,
    audit: options.trail,
    usage: usageLog(db),
    traces: ledger(db),
    publicUrl: config.publicUrl,
    version: options.version,
    showDetails,
    clearToolCache() {
      signals.tell({ type: 'relist', threadId: '*' });
      return pool.relist();
    },
  });
  const { signIns } = options.signing;
  const oauth = signIns === undefined ? [] : oauthRoutes({ signIns, gate, secureCookies, publicUrl });
  const hooks = options.hooks(rights);
  const routes = [...health, ...rest, ...oauth, ...hooks, ...adapters.flatMap((adapter) => adapter.routes)];
  const http = await createHttpServer({
    ...{ routes, log, showDetails },
    limits: { sessionCookie: gate.sessionCookie },
  });
  return {
    gate,
    rights,
    http,
    /** Tells load balancers to send nothing more; what comes all the same is still answered. */
    leave(): void {
      accepting = false;
    },
  };
}

/** What adapters keep; nothing without a key to encrypt it. */
function memoryOf({ db, signing, clock, log }: DoorOptions) {
  const { cipher } = signing;
  if (cipher === undefined) return undefined;
  return adapterMemory(db, {
    cipher,
    clock,
    unreadable: (key) => log.warn('secret_not_opened', { what: key }),
  });
}
