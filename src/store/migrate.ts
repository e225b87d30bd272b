import { readdir } from 'node:fs/promises';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { type Database, DatabaseError } from './database.ts';

const folder = new URL('../../migrations/', import.meta.url);

/**
 * Brings the tables up to date and names what was done. Runs under the migrator's lock, in one
 * transaction: it happens once over all processes, and wholly or not at all. Throws `DatabaseError`.
 */
export async function migrate(
  db: Database,
  provider: MigrationProvider = { getMigrations: readMigrations },
): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw new DatabaseError(sentence(error), { cause: error });
  return (results ?? [])
    .filter((result) => result.status === 'Success')
    .map((result) => result.migrationName);
}

async function readMigrations(): Promise<Record<string, Migration>> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}-[a-z0-9-]+\.ts$/.test(file)).sort();
  const entries = files.map(
    async (file) => [file.slice(0, -3), await import(new URL(file, folder).href)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

function sentence(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `The database could not be brought up to date; nothing was changed (${reason}).`;
}
