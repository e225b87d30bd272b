import { mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../../observe/port.ts';
import { isSameProcess, processStartTime, readProcess, readText } from '../../observe/process.ts';
import { killGroup } from './kill-group.ts';

/** Remembers which processes this bot has started, so that a later one can end them should it be killed. */
export interface ChildRecords {
  /** Writes a child down; the returned function forgets it. Never throws. */
  add(pid: number, server: string): () => void;
}

const recordSchema = z.object({
  server: z.string(),
  pid: z.number().int().positive(),
  startTime: z.number().optional(),
  ownerPid: z.number().int().positive(),
  ownerStartTime: z.number().optional(),
  /** Boot and pid namespace: process ids mean nothing in another one. */
  world: z.string(),
});

type ChildRecord = z.output<typeof recordSchema>;

/** Records in one folder, one small file for each child. The folder is made when the first child is written down. */
export function createChildRecords(childrenDir: string, log: Log): ChildRecords {
  return {
    add: (pid, server) => {
      const path = join(childrenDir, `${process.pid}-${pid}.json`);
      try {
        mkdirSync(childrenDir, { recursive: true, mode: 0o700 });
        writeFileSync(path, JSON.stringify(recordOf(pid, server)), { mode: 0o600 });
      } catch (error) {
        log.warn('mcp_child_not_recorded', { server, pid, error });
      }
      return () => rmSync(path, { force: true });
    },
  };
}

/**
 * Ends the process groups that a killed bot left behind, and removes their records. To be called at
 * start, before any server is started. A child is ended only if its owner is dead and it is still the
 * same process, by pid and start time; where there is no `/proc` (not Linux), liveness alone decides.
 * Returns how many groups were ended. Never throws.
 */
export function reap(childrenDir: string, log: Log): number {
  return recordFiles(childrenDir).filter((path) => reapOne(path, log)).length;
}

function reapOne(path: string, log: Log): boolean {
  const record = readRecord(path);
  if (record !== undefined && isOwned(record)) return false;
  const killed = record !== undefined && isLeftBehind(record) && killGroup(record.pid, 'SIGKILL');
  if (killed)
    log.warn('mcp_child_reaped', { server: record.server, pid: record.pid, owner_pid: record.ownerPid });
  rmSync(path, { force: true });
  return killed;
}

function isOwned(record: ChildRecord): boolean {
  return record.world === currentWorld() && isSameProcess(record.ownerPid, record.ownerStartTime);
}

/** The child itself still runs, or it has ended and others of its group and session live on. */
function isLeftBehind(record: ChildRecord): boolean {
  if (record.world !== currentWorld()) return false;
  if (isSameProcess(record.pid, record.startTime)) return true;
  return readProcess(record.pid) === undefined && hasMembers(record);
}

function hasMembers({ pid, startTime }: ChildRecord): boolean {
  if (startTime === undefined) return false;
  const stats = listNames('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)));
  return stats.some((stat) => stat?.group === pid && stat.session === pid && stat.startTime >= startTime);
}

function recordOf(pid: number, server: string): ChildRecord {
  const owner = process.pid;
  return {
    server,
    pid,
    startTime: processStartTime(pid),
    ownerPid: owner,
    ownerStartTime: processStartTime(owner),
    world: currentWorld(),
  };
}

function currentWorld(): string {
  return `${readText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''} ${readLink('/proc/self/ns/pid')}`;
}

function readRecord(path: string): ChildRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(readText(path) ?? '')).data;
  } catch {
    return undefined;
  }
}

function recordFiles(dir: string): readonly string[] {
  return listNames(dir)
    .filter((name) => /^\d+-\d+\.json$/.test(name))
    .map((name) => join(dir, name));
}

function listNames(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
