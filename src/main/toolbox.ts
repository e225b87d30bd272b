import { join, resolve } from 'node:path';
import { createSecrets, resolveValues } from '../access/secrets.ts';
import { createVault } from '../access/vault.ts';
import type { Config } from '../config.ts';
import { middlewareSet } from '../middleware/index.ts';
import type { Clock, Log } from '../observe/port.ts';
import { modelLoader } from '../providers/load.ts';
import { readPrices } from '../providers/prices.ts';
import type { Surroundings } from '../providers/vendor.ts';
import { promptFiles } from '../resources/prompt-files.ts';
import { guardedFetch } from '../tools/guarded-fetch.ts';
import type { Authorizer } from '../tools/mcp/auth/authorizer.ts';
import { reap } from '../tools/mcp/children.ts';
import { createPool } from '../tools/mcp/pool.ts';
import { createPinKeeper } from '../tools/pin-keeper.ts';
import type { PinStore } from '../tools/port.ts';
import { createServerSet } from '../tools/servers.ts';
import { type Program, refusalOfProgram } from '../tools/stdio-rules.ts';
import { childrenOf } from './database.ts';

export interface ToolboxOptions {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly pins: PinStore;
  /** Says to servers who we are; without it, `signInRefusal` says why it cannot. */
  readonly authorizer?: Authorizer | undefined;
  readonly signInRefusal: string | undefined;
  /** The project's folder. */
  readonly root: string;
  readonly version: string;
  /** The environment that MCP servers get PATH, HOME and LANG from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Hears of each secret that is used. */
  readonly handedOut: (secret: string) => void;
  /** Hears that a server was listed, by its id. */
  readonly listed: (serverId: string) => void;
}

/** What reaches out of the process: secrets, MCP servers, models, prompt files. */
export async function createToolbox(options: ToolboxOptions) {
  const { config, log, clock, root, version, environment, handedOut } = options;
  const priceOf = await readPrices(config.pricesFile);
  const childrenDir = childrenOf(options.dataDir);
  await reap(childrenDir, log);
  const dial = {
    log,
    childrenDir,
    environment,
    version,
    fetchFor: guardedFetch({ environment }),
    older: new Set<string>(),
    ...(options.authorizer === undefined ? {} : { authorizer: options.authorizer }),
  };
  const keeper = createPinKeeper({ store: options.pins, log });
  const onListed: typeof keeper.seen = (server, listing) => {
    keeper.seen(server, listing);
    options.listed(server.id);
  };
  const pool = createPool({ ...dial, onListed, now: clock.now });
  const vault =
    config.vault === undefined ? undefined : createVault({ ...config.vault, clock, log, handedOut });
  const secrets = createSecrets({
    env: config.secretEnv,
    handedOut,
    ...(vault === undefined ? {} : { vault }),
    ...(config.secretsDir === undefined ? {} : { dir: config.secretsDir }),
  });
  const programs = { isFree: config.environment === 'LAB', allowed: config.stdioAllow };
  const servers = createServerSet({
    pool,
    log,
    dial,
    resolveValues: (values) => resolveValues(values, secrets.resolve),
    acceptsAll: config.environment === 'LAB',
    signInRefusal: options.signInRefusal,
    programs,
    bundled: (name) => (bundledServers.has(name) ? programOf(name, root) : undefined),
  });
  return {
    pool,
    pins: { ...options.pins, ...keeper },
    vault,
    servers,
    refusalOfProgram: (program: Program) => refusalOfProgram(program, programs),
    models: modelLoader({
      resolveSecret: secrets.resolve,
      forgetSecret: secrets.forget,
      log,
      surroundings: surroundingsOf(config),
      priceOf,
    }),
    priceOf,
    resolveSecret: secrets.resolve,
    middleware: await middlewareSet(config.pluginsDir, log, { hasRedis: config.redisUrl !== undefined }),
    prompts: promptFiles(promptFolders(config, root)),
  };
}

/** Folders of src/servers. */
const bundledServers: ReadonlySet<string> = new Set(['host']);

function programOf(name: string, root: string) {
  return { command: process.execPath, args: [join(root, 'src/servers', name, 'main.ts')] };
}

export type Toolbox = Awaited<ReturnType<typeof createToolbox>>;

function surroundingsOf({ pluginsDir, entra }: Config): Surroundings {
  return {
    ...(pluginsDir === undefined ? {} : { pluginsDir: resolve(pluginsDir) }),
    ...(entra === undefined ? {} : { entra }),
  };
}

/** An operator's prompt files come before the bundled ones of the same names. */
function promptFolders({ pluginsDir }: Config, root: string): readonly string[] {
  const bundled = join(root, 'src/resources/prompts');
  return pluginsDir === undefined ? [bundled] : [join(resolve(pluginsDir), 'prompts'), bundled];
}
