import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processStartTime } from '../../src/observe/process.ts';
import { lockFolder } from '../../src/store/folder-lock.ts';

const program = new URL('./programs/lock-holder.ts', import.meta.url).pathname;

/** A process that tried to take the lock, and what it said. */
interface Tried {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly said: string;
}

describe('the lock beside a folder', () => {
  let parent: string;
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'ai-ops-lock-'));
    folder = join(parent, 'database');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(parent, { recursive: true, force: true });
  });

  /** Another process that tries, at that time. */
  async function another(atMs = 0): Promise<Tried> {
    const child = spawn(process.execPath, [program, folder, String(atMs)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    const [said] = await once(child.stdout, 'data');
    return { child, pid: child.pid ?? 0, said: String(said).trim() };
  }

  async function kill({ child }: Tried): Promise<void> {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async function write(holder: Readonly<Record<string, unknown>> | string): Promise<void> {
    const text =
      typeof holder === 'string'
        ? holder
        : JSON.stringify({ since: 'yesterday', host: hostname(), ...holder });
    await writeFile(`${folder}.lock`, text);
  }

  async function holderPid(): Promise<unknown> {
    return JSON.parse(await readFile(`${folder}.lock`, 'utf8')).pid;
  }

  it('refuses a second process and names the first', async () => {
    const first = await another();
    const second = await another();
    expect(first.said).toBe('held');
    expect(second.said).toContain(`in use by process ${first.pid} on ${hostname()}`);
  });

  it('refuses the same process as well', async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(`in use by process ${process.pid}`);
    await lock.release();
  });

  it('is free again once it is released, and nothing is left of it', async () => {
    const lock = await lockFolder(folder);
    await lock.release();
    await lock.release();
    expect(await readdir(parent)).toEqual([]);
    const first = await another();
    first.child.stdin?.end();
    await once(first.child, 'exit');
    expect((await another()).said).toBe('held');
  });

  it('is taken over from a process that was killed', async () => {
    const first = await another();
    await kill(first);
    const second = await another();
    expect(second.said).toBe('held');
    expect(await holderPid()).toBe(second.pid);
    expect(await readdir(parent)).toEqual([basename(`${folder}.lock`)]);
  });

  it('is taken over when its pid belongs to another process by now', async () => {
    await write({ pid: process.pid, startTime: 1 });
    expect((await another()).said).toBe('held');
  });

  it('is not taken from a living process, however old it is', async () => {
    await write({
      pid: process.pid,
      startTime: processStartTime(process.pid),
      since: '1970-01-01T00:00:00Z',
    });
    expect((await another()).said).toContain(`in use by process ${process.pid}`);
  });

  it('is not taken from another host, whose processes cannot be seen from here', async () => {
    await write({ pid: 1, startTime: 1, host: 'elsewhere' });
    expect((await another()).said).toContain('in use by process 1 on elsewhere');
  });

  it.each(['', '{"pid":', '{}'])(
    'is taken over when a power cut left nothing readable of it: %j',
    async (text) => {
      await write(text);
      expect((await another()).said).toBe('held');
    },
  );

  it('is taken over from a process that ended and that its parent has not noticed', async () => {
    const shell = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 30']);
    children.push(shell);
    const pid = Number(String((await once(shell.stdout, 'data'))[0]));
    await expect.poll(() => readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
    expect(processStartTime(pid)).toBeUndefined();
  });

  it.each([
    ['free', undefined],
    ['left by a dead process', { pid: 999_999_999, startTime: 1 }],
  ])('goes to exactly one of several processes that try at once: %s', async (_state, holder) => {
    for (let round = 0; round < 3; round += 1) {
      await rm(`${folder}.lock`, { force: true });
      if (holder !== undefined) await write(holder);
      const at = Date.now() + 1200;
      const tried = await Promise.all(Array.from({ length: 5 }, () => another(at)));
      const winners = tried.filter(({ said }) => said === 'held');
      expect(winners).toHaveLength(1);
      expect(await holderPid()).toBe(winners[0]?.pid);
      await Promise.all(winners.map(kill));
    }
  });

  it('goes to exactly one of many takers in one process, over and over', async () => {
    for (let round = 0; round < 50; round += 1) {
      await write({ pid: 999_999_999, startTime: round });
      const taken = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
      const locks = taken.flatMap((item) => (item.status === 'fulfilled' ? [item.value] : []));
      expect(locks).toHaveLength(1);
      await locks[0]?.release();
      expect(await readdir(parent)).toEqual([]);
    }
  });

  it('says what to do when the folder cannot be written', async () => {
    await expect(lockFolder('/proc/none/database')).rejects.toThrow(
      /^The lock \/proc\/none\/database.lock cannot be written/,
    );
  });
});
