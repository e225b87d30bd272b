import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Log } from '../observe/port.ts';
import { DatabaseError, type OpenDatabase } from '../store/database.ts';
import { openEmbedded } from '../store/embedded.ts';
import { requireWholeHouse } from '../store/house.ts';
import { makeFolder } from '../store/make-folder.ts';
import { migrate } from '../store/migrate.ts';
import { openPostgresql } from '../store/postgresql.ts';

/** Opens the configured database and brings its tables up to date. Throws `DatabaseError`. */
export async function openDatabase(config: Config, dataDir: string, log: Log): Promise<OpenDatabase> {
  const options = { log, poolSize: 20, connectTimeoutMs: 5000 };
  const database =
    config.databaseUrl === undefined
      ? await openEmbedded(dataDir)
      : await openPostgresql({ url: config.databaseUrl, ...options });
  try {
    await makeFolder(childrenOf(dataDir)).catch((error: unknown) => {
      throw new DatabaseError(
        `DATA_DIR ${dataDir} cannot be written (${String(error)}). Choose another folder.`,
      );
    });
    const applied = await migrate(database.db);
    await requireWholeHouse(database.db);
    if (applied.length > 0) log.info('database_migrated', { migrations: applied });
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Where the running MCP servers are written down. */
export function childrenOf(dataDir: string): string {
  return join(dataDir, 'children');
}
