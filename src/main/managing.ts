import { nowAndThen } from '../access/now-and-then.ts';
import { permissionNames } from '../access/permissions.ts';
import { secretStanding } from '../access/secret-standing.ts';
import type { UsageRecord } from '../bot/port.ts';
import { mayNameVariable } from '../config/secret-environment.ts';
import type { Config } from '../config.ts';
import type { AuditEntry, Clock, Log } from '../observe/port.ts';
import { defaultModel } from '../providers/load.ts';
import type { Created } from '../resources/bootstrap.ts';
import { furnish } from '../resources/furnish.ts';
import { resources } from '../resources/index.ts';
import { createLooking, type Looking } from '../resources/look-into.ts';
import { createResources } from '../resources/manage.ts';
import { found, mcpServers } from '../resources/mcp-servers.ts';
import { latestSnapshot } from '../resources/snapshot.ts';
import type { AlertWorld, ScheduleWorld, ServerCheck, World } from '../resources/world.ts';
import { configStore } from '../store/config-store.ts';
import type { Database } from '../store/database.ts';
import { resourceStore } from '../store/resources.ts';
import { recordLoneUsage } from '../store/usage-rows.ts';
import type { Knowing } from './knowing.ts';
import type { Toolbox } from './toolbox.ts';
import { createWorld } from './world.ts';

/** The same denial is written once in so long: nobody can fill the log with them. */
const deniedEveryMs = 60_000;

export interface ManagingOptions {
  readonly db: Database;
  readonly config: Config;
  readonly toolbox: Toolbox;
  readonly signIns: World['signIns'];
  readonly schedules: ScheduleWorld;
  readonly alerts: AlertWorld;
  readonly knowing: Knowing;
  /** Hears that anything was configured by this process. */
  readonly configured: () => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Writes into the audit log; never throws. */
  readonly audit: (entry: AuditEntry) => void;
}

/**
 * What admins manage: resources with all that their rules may ask, and the newest configuration. Creates
 * what is there from the start; throws `BootstrapError`.
 */
export async function createManaging(options: ManagingOptions) {
  const { signIns, schedules, alerts, knowing, db, config, toolbox, clock, log, audit } = options;
  const configs = configStore(db);
  const { pool, pins, servers, models, prompts, priceOf, middleware, refusalOfProgram } = toolbox;
  const snapshots = latestSnapshot({
    store: configs,
    files: prompts,
    changed: (snapshot) => servers.use(snapshot),
    log,
  });
  const permissions = permissionNames(resources.map(({ suffix }) => suffix));
  const showDetails = config.environment === 'LAB';
  const charged = (record: UsageRecord) => {
    recordLoneUsage(db, record).catch((error: unknown) => log.error('usage_not_recorded', { error }));
  };
  const parts = {
    ...{
      charged,
      signIns,
      configs,
      servers,
      models,
      middleware,
      snapshots,
      prompts,
      priceOf,
      pool,
      pins,
      clock,
      log,
    },
  };
  const world = createWorld({
    ...parts,
    schedules,
    alerts,
    knowing,
    secrets: standingOf(config),
    showDetails,
    permissions,
    refusalOfProgram,
  });
  const isFirst = nowAndThen({ clock, everyMs: deniedEveryMs });
  const denied = (entry: AuditEntry) => {
    if (isFirst(`${entry.actor} ${entry.target} ${JSON.stringify(entry.detail)}`)) audit(entry);
  };
  const store = resourceStore(db, (version) => {
    options.configured();
    snapshots.atLeast(version).catch((error: unknown) => log.warn('configuration_not_read', { error }));
  });
  const created = await furnish({ config, configs, store, resources, world, defaultModel });
  const byPath = new Map(resources.map((resource) => [resource.path, resource]));
  const looking = createLooking({ store, world, byPath });
  const looked = lookIntoAll(created, looking).catch((error: unknown) =>
    log.warn('not_looked_into', { error }),
  );
  const by = { author: { principal: 'bot', name: 'Bot' }, permissions, source: 'bot' } as const;
  return {
    snapshots,
    permissions,
    /** Resolves when it is known how everything stands that this start has created; never rejects. */
    looked,
    manage: createResources({ resources, store, world, denied }),
    /** Asks a server how it is, within 5 s, in words for everybody; undefined when there is no such server. */
    async checkServer(id: string): Promise<ServerCheck | undefined> {
      if ((await configs.server(id)) === undefined) return undefined;
      const { guarded, ...check } = await world.checkServer(id, checkWithinMs);
      return guarded === undefined || guarded === check.message
        ? check
        : { ...check, message: guarded, details: '' };
    },
    /** Stores what a check has found. */
    async noteServer(id: string, check: ServerCheck): Promise<void> {
      const row = await store.find(mcpServers, { id });
      if (row !== undefined) await looking.note(mcpServers, row, { values: found(check), by });
    },
    /** Finds out how a server stands, because something outside its row has changed. */
    async lookAtServer(id: string): Promise<void> {
      const row = await store.find(mcpServers, { id });
      if (row !== undefined) await looking.lookInto(mcpServers, [{ row }], by);
    },
  };
}

function standingOf({ secretEnv: env, secretNames: names, secretsDir, vault }: Config) {
  const dir = secretsDir === undefined ? {} : { dir: secretsDir };
  return secretStanding({
    env,
    names,
    mayName: mayNameVariable(names),
    hasVault: vault !== undefined,
    ...dir,
  });
}

const checkWithinMs = 5000;

export type Managing = Awaited<ReturnType<typeof createManaging>>;

/** A server may be slow to answer; the start does not wait for it. */
async function lookIntoAll(created: readonly Created[], { lookInto }: Looking): Promise<void> {
  for (const { resource, changed, by } of created) await lookInto(resource, [changed], by);
}
