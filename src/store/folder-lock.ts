import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { DatabaseError } from './database.ts';
import { processStartTime } from './process.ts';

const holderSchema = z.object({
  pid: z.number(),
  startTime: z.string(),
  host: z.string(),
  since: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

/** A held lock; `release` is idempotent. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes `<folder>.lock`, an exclusive file that names its holder. A holder is alive as long as its pid
 * runs with the same start time; age plays no part. Throws `DatabaseError` naming a live holder.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = `${folder}.lock`;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (await createExclusive(path)) return { release: () => rm(path, { force: true }) };
    const holder = await readHolder(path);
    if (holder !== undefined && (await isAlive(holder))) throw new DatabaseError(heldBy(path, holder));
    await rm(path, { force: true });
  }
  throw new DatabaseError(
    `The lock ${path} could not be taken: several processes try at once. Start one only.`,
  );
}

async function createExclusive(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(JSON.stringify(await thisProcess()));
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw new DatabaseError(`The lock ${path} cannot be written (${String(error)}). Check DATA_DIR.`, {
      cause: error,
    });
  }
}

async function thisProcess(): Promise<Holder> {
  const startTime = (await processStartTime(process.pid)) ?? '';
  return { pid: process.pid, startTime, host: hostname(), since: new Date().toISOString() };
}

/** Undefined when the file is gone or unreadable: its writer died before it was written. */
async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return true;
  return (await processStartTime(holder.pid)) === holder.startTime;
}

function heldBy(path: string, { pid, host, since }: Holder): string {
  return `The embedded database is in use by process ${pid} on ${host} since ${since} (${path}). Stop it, choose another DATA_DIR, or set DATABASE_URL to run several processes. Delete the lock only if that host is gone for good.`;
}
