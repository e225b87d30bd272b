import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Config, ConfigError, readConfig } from '../src/config.ts';
import { createLog } from '../src/observe/log.ts';
import type { AuditVerification } from '../src/observe/port.ts';
import { auditLog } from '../src/store/audit.ts';
import { DatabaseError, type OpenDatabase } from '../src/store/database.ts';
import { openEmbedded } from '../src/store/embedded.ts';
import { openPostgresql } from '../src/store/postgresql.ts';

/** Checks the audit log of the database that the environment names. Exit codes: 0 it holds, 1 it is broken, 2 cannot tell. */
async function run(): Promise<0 | 1 | 2> {
  try {
    const database = await open(readConfig(process.env));
    const found = await auditLog(database.db)
      .verify()
      .finally(() => database.close());
    process.stdout.write(`${sentence(found)}\n`);
    return found.ok ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    return 2;
  }
}

async function open(config: Config): Promise<OpenDatabase> {
  const log = createLog('silent');
  if (config.databaseUrl !== undefined) {
    return await openPostgresql({ url: config.databaseUrl, log, poolSize: 1, connectTimeoutMs: 5000 });
  }
  const folder = join(resolve(config.dataDir), 'database');
  await access(folder).catch((cause: unknown) => {
    throw new DatabaseError(`There is no database in ${folder}. Set DATA_DIR or DATABASE_URL.`, { cause });
  });
  return await openEmbedded(resolve(config.dataDir)).catch((cause: unknown) => {
    throw new DatabaseError(`${explain(cause)}\n${askTheBot}`, { cause });
  });
}

const askTheBot =
  'While the bot runs on its embedded database, let the bot check: GET /api/plugins/ai-ops/audit/verify/';

function sentence(found: AuditVerification): string {
  if (!found.ok) return `The audit log is broken at seal ${found.brokenSeal}. ${found.reason}`;
  const { seals, rows, unsealed, hash } = found;
  return `The audit log holds: seals ${seals}, sealed rows ${rows}, rows not sealed yet ${unsealed}, hash of the last seal ${hash}.`;
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DatabaseError) return error.message;
  const reason = error instanceof Error ? error.message : String(error);
  return `The audit log could not be read (${reason}). Start this version of the bot once on this database, so that its tables are up to date.`;
}

process.exitCode = await run();
