import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { isSameProcess, processStartTime } from '../observe/process.ts';
import { DatabaseError } from './database.ts';

const holderSchema = z.object({
  pid: z.number(),
  startTime: z.number().optional(),
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
  const claim = `${path}.${randomUUID()}`;
  try {
    const text = JSON.stringify({ ...thisProcess(), id: randomUUID() });
    await writeFile(claim, text, { flag: 'wx' });
    const holder = await take(path, claim);
    if (holder !== undefined) throw new DatabaseError(heldBy(path, holder));
    return { release: () => release(path, text) };
  } catch (error) {
    throw error instanceof DatabaseError ? error : new DatabaseError(notTaken(path, error), { cause: error });
  } finally {
    await rm(claim, { force: true }).catch(() => undefined);
  }
}

function thisProcess(): Holder {
  const { pid } = process;
  return { pid, startTime: processStartTime(pid), host: hostname(), since: new Date().toISOString() };
}

/**
 * Puts the claim at `path`, whole from the first moment because it is a link. A live holder in the way
 * is returned; undefined: taken.
 */
async function take(path: string, claim: string): Promise<Holder | undefined> {
  for (;;) {
    if (await linked(claim, path)) return undefined;
    const text = await readIfThere(path);
    if (text === undefined) continue;
    const holder = readHolder(text);
    if (holder !== undefined && isAlive(holder)) return holder;
    const successor = await succeed(path, text, claim);
    if (successor !== 'changed') return successor;
  }
}

/**
 * Replaces the lock of a dead process. Only who holds the lock on exactly that text may do so: of two
 * that find the same dead holder, the second must not remove the first one's fresh lock.
 */
async function succeed(path: string, dead: string, claim: string): Promise<Holder | undefined | 'changed'> {
  const right = `${path}.${createHash('sha256').update(dead).digest('hex').slice(0, 12)}`;
  const rival = await take(right, claim);
  if (rival !== undefined) return rival;
  try {
    if ((await readIfThere(path)) !== dead) return 'changed';
    const copy = `${claim}.copy`;
    await link(claim, copy);
    await rename(copy, path);
    return undefined;
  } finally {
    await rm(right, { force: true });
  }
}

async function release(path: string, text: string): Promise<void> {
  if ((await readIfThere(path)) === text) await rm(path, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Undefined for a file that no living process wrote: it was emptied by a power cut. */
function readHolder(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isAlive({ host, pid, startTime }: Holder): boolean {
  return host !== hostname() || isSameProcess(pid, startTime);
}

function heldBy(path: string, { pid, host, since }: Holder): string {
  return `The embedded database is in use by process ${pid} on ${host} since ${since} (${path}). Stop it, choose another DATA_DIR, or set DATABASE_URL to run several processes. Delete the lock only if that host is gone for good.`;
}

function notTaken(path: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `The lock ${path} cannot be written (${reason}). Choose a DATA_DIR that this user may write.`;
}
