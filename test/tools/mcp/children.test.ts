import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { readProcess } from '../../../src/observe/process.ts';
import { createChildRecords, reap } from '../../../src/tools/mcp/children.ts';
import { killGroup } from '../../../src/tools/mcp/kill-group.ts';
import { memoryLog, program, said, stop, tempDir, until } from './helpers.ts';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    await stop(child);
    if (child.pid !== undefined) killGroup(child.pid, 'SIGKILL');
  }
});

const isRunning = (pid: number) => readProcess(pid) !== undefined;
const pidsSchema = z.object({ pid: z.number(), grandchild: z.number() });

/** A bot in small that runs one server; see the program. */
async function startOwner(childrenDir: string, ...habits: readonly string[]) {
  const owner = spawn(process.execPath, [program('owner.ts'), childrenDir, ...habits], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(owner);
  return { owner, pids: pidsSchema.parse(JSON.parse(await said(owner, /pids (\{.*\})/))) };
}

function sleeper(): ChildProcess & { readonly pid: number } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], {
    detached: true,
    stdio: 'ignore',
  });
  children.push(child);
  if (child.pid === undefined) throw new Error('not started');
  return Object.assign(child, { pid: child.pid });
}

test('after a SIGKILL of the bot, a well-behaved server ends because its stdin closes', async () => {
  const { owner, pids } = await startOwner(tempDir());
  expect(isRunning(pids.pid)).toBe(true);
  await stop(owner);
  await until(() => !isRunning(pids.pid), 3_000);
});

test('after a SIGKILL of the bot, the next one ends a stubborn server and its children', async () => {
  const dir = join(tempDir(), 'children');
  const { owner, pids } = await startOwner(dir, 'stubborn');
  await stop(owner);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(isRunning(pids.pid) && isRunning(pids.grandchild)).toBe(true);
  const log = memoryLog();
  expect(reap(dir, log)).toBe(1);
  expect(log.entries).toMatchObject([{ event: 'mcp_child_reaped', fields: { server: 's', pid: pids.pid } }]);
  await until(() => !isRunning(pids.pid) && !isRunning(pids.grandchild), 2_000);
  expect(readdirSync(dir)).toEqual([]);
});

test('what a dead server left in its group is ended too', async () => {
  const dir = join(tempDir(), 'children');
  const { owner, pids } = await startOwner(dir, 'stubborn');
  await stop(owner);
  process.kill(pids.pid, 'SIGKILL');
  await until(() => !isRunning(pids.pid), 2_000);
  expect(isRunning(pids.grandchild)).toBe(true);
  reap(dir, memoryLog());
  await until(() => !isRunning(pids.grandchild), 2_000);
});

test('the children of a bot that lives are left alone', async () => {
  const dir = join(tempDir(), 'children');
  const { pids } = await startOwner(dir);
  expect(reap(dir, memoryLog())).toBe(0);
  expect(isRunning(pids.pid)).toBe(true);
  expect(readdirSync(dir)).toHaveLength(1);
});

test('another process that got the same pid is left alone', async () => {
  const dir = join(tempDir(), 'children');
  const child = sleeper();
  createChildRecords(dir, memoryLog()).add(child.pid, 's');
  rewrite(dir, { ownerPid: 2 ** 22 + 1, startTime: 1 });
  expect(reap(dir, memoryLog())).toBe(0);
  expect(isRunning(child.pid)).toBe(true);
  expect(readdirSync(dir)).toEqual([]);
});

test('a record of another boot or container ends nothing', async () => {
  const dir = join(tempDir(), 'children');
  const child = sleeper();
  createChildRecords(dir, memoryLog()).add(child.pid, 's');
  rewrite(dir, { ownerPid: 2 ** 22 + 1, world: 'elsewhere' });
  expect(reap(dir, memoryLog())).toBe(0);
  expect(isRunning(child.pid)).toBe(true);
});

test('a record that cannot be read is removed, other files stay, and a missing folder is nothing to do', () => {
  const dir = join(tempDir(), 'children');
  expect(reap(dir, memoryLog())).toBe(0);
  mkdirSync(dir);
  writeFileSync(join(dir, '1-2.json'), '{');
  writeFileSync(join(dir, 'notes.txt'), 'mine');
  expect(reap(dir, memoryLog())).toBe(0);
  expect(readdirSync(dir)).toEqual(['notes.txt']);
});

test('a child is forgotten when it has ended', () => {
  const dir = join(tempDir(), 'children');
  const forget = createChildRecords(dir, memoryLog()).add(sleeper().pid, 's');
  expect(readdirSync(dir)).toHaveLength(1);
  forget();
  expect(readdirSync(dir)).toEqual([]);
});

function rewrite(dir: string, changes: Record<string, unknown>): void {
  const path = join(dir, readdirSync(dir)[0] ?? '');
  const record = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
  writeFileSync(path, JSON.stringify({ ...record, ...changes }));
}
