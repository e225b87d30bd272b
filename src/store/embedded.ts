import { join } from 'node:path';
import { Kysely, PGliteDialect } from 'kysely';
import { DatabaseError, type OpenDatabase } from './database.ts';
import { lockFolder } from './folder-lock.ts';
import { makeFolder } from './make-folder.ts';

/**
 * Opens the embedded database in `<dataDir>/database`. One process only: PGlite takes no lock itself
 * and two writers lose data, so the folder is guarded by our own lock. Runs with fsync off: a killed
 * process loses nothing, a power cut may.
 */
export async function openEmbedded(dataDir: string): Promise<OpenDatabase> {
  const folder = join(dataDir, 'database');
  await makeFolder(folder).catch((error: unknown) => {
    throw new DatabaseError(unwritable(dataDir, error), { cause: error });
  });
  const lock = await lockFolder(folder);
  const { PGlite } = await import('@electric-sql/pglite');
  const pglite = await PGlite.create(folder).catch(async (error: unknown) => {
    await lock.release();
    throw new DatabaseError(`The embedded database in ${folder} cannot be opened (${String(error)}).`, {
      cause: error,
    });
  });
  const db = new Kysely<unknown>({ dialect: new PGliteDialect({ pglite }) });
  return {
    db,
    kind: 'embedded',
    listen: (channel, hear) => pglite.listen(channel, hear),
    async close() {
      await db.destroy();
      await lock.release();
    },
  };
}

function unwritable(dataDir: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `DATA_DIR ${dataDir} cannot be written (${reason}). Choose a folder this user may write, or set DATABASE_URL.`;
}
