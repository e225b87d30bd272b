import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, ConfigError, readConfig } from '../src/config.ts';
import { createLog } from '../src/observe/log.ts';
import { DatabaseError, type OpenDatabase } from '../src/store/database.ts';
import { openEmbedded } from '../src/store/embedded.ts';
import { HouseError } from '../src/store/house-file.ts';
import { openPostgresql } from '../src/store/postgresql.ts';

/** What was asked for on the command line. */
export interface Asked {
  readonly file: string;
  readonly replace: boolean;
  readonly config: Config;
}

export interface Script {
  /** `export` or `import`. */
  readonly name: string;
  readonly usage: string;
  readonly takesReplace: boolean;
  /** What to do when it failed for a reason that nobody foresaw. */
  readonly again: string;
  /** Exit codes: 0 done, 1 done, but something is wrong. */
  readonly run: (asked: Asked) => Promise<0 | 1>;
}

/** Runs a script. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function runScript(script: Script): Promise<0 | 1 | 2> {
  const asked = ask(script);
  if (typeof asked === 'string') {
    process.stderr.write(`${asked}\n`);
    return 2;
  }
  try {
    return await script.run(asked);
  } catch (error) {
    process.stderr.write(`${explain(error, script)}\n`);
    return 1;
  }
}

/** Sentences where it cannot be understood. */
function ask({ usage, takesReplace }: Script): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: takesReplace ? { replace: { type: 'boolean' } } : {},
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return usage;
    return { file, replace: values.replace === true, config: readConfig(process.env) };
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    if (isAboutArguments(error)) return `${reasonOf(error)}\n${usage}`;
    throw error;
  }
}

function isAboutArguments(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

/** The database that the environment names. An embedded one that does not exist is made where `make` says so. */
export async function openHouse(config: Config, make: boolean): Promise<OpenDatabase> {
  if (config.databaseUrl !== undefined) {
    const log = createLog('silent');
    return await openPostgresql({ url: config.databaseUrl, log, poolSize: 1, connectTimeoutMs: 5000 });
  }
  const dataDir = resolve(config.dataDir);
  const folder = join(dataDir, 'database');
  if (!make)
    await access(folder).catch((cause: unknown) => {
      throw new DatabaseError(`There is no database in ${folder}. Set DATA_DIR or DATABASE_URL.`, { cause });
    });
  return await openEmbedded(dataDir).catch((cause: unknown) => {
    throw new DatabaseError(`${reasonOf(cause)}\n${stopTheBot}`, { cause });
  });
}

const stopTheBot =
  'An embedded database belongs to one process: where the bot runs on it, stop the bot first.';

/** What to call the database before people. */
export function nameOf({ databaseUrl, dataDir }: Config): string {
  if (databaseUrl === undefined) return `the embedded database in ${dataDir}`;
  const { host, pathname } = new URL(databaseUrl);
  return `the PostgreSQL database at ${host}${pathname}`;
}

export function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

function explain(error: unknown, { name, again }: Script): string {
  if (error instanceof HouseError || error instanceof DatabaseError) return error.message;
  return `The ${name} failed (${reasonOf(error)}). ${again}`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
