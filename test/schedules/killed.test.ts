import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatPlatform, startChatPlatform } from '../fakes/chat-platform/server.ts';
import { childEnv } from '../fakes/child-env.ts';
import { createPostgresDatabase } from '../fakes/database.ts';

const program = fileURLToPath(new URL('./programs/skewed.ts', import.meta.url));
const everyMs = 2000;
const ticks = 12;
const kills = 4;
const minutes = 60_000;
/** Behind, right, a little ahead, and wildly ahead. */
const offsets = [-7 * minutes, 0, 45_000, 3 * 60 * minutes];

interface RunRow {
  readonly id: string;
  readonly fire_at: Date;
  readonly started_at: Date;
  readonly state: string;
  readonly missed: number;
}

/**
 * Four processes with clocks of their own on one PostgreSQL, which are killed and started anew while a
 * report is due every two seconds.
 */
describe('four processes with wrong clocks, killed at random', () => {
  let platform: ChatPlatform;
  let db: pg.Pool;
  let url: string;
  let folder: string;
  const processes: ChildProcess[] = [];

  beforeAll(async () => {
    url = await createPostgresDatabase('migrated');
    db = new pg.Pool({ connectionString: url, max: 2 });
    platform = await startChatPlatform({ delayMs: () => Math.random() * 20 });
    folder = await mkdtemp(join(tmpdir(), 'ai-ops-skewed-'));
  });
  afterAll(async () => {
    await Promise.all(processes.map((child) => ended(child, 'SIGKILL')));
    await platform.close();
    await db.end();
    await rm(folder, { recursive: true, force: true });
  });

  async function begin(n: number): Promise<void> {
    const child = fork(program, {
      env: {
        ...childEnv(),
        ...{
          PORT: '0',
          DATA_DIR: join(folder, String(n)),
          DATABASE_URL: url,
          LOG_FILE: join(folder, `${n}.log`),
        },
        ...{ CLOCK_OFFSET_MS: String(offsets[n]), PLATFORM_URL: platform.url, PLATFORM_CAN_FIND: 'true' },
        ...{ AI_OPS_OPS_CHANNEL: 'fake:channel-ops', AI_OPS_ADMIN_TOKEN: 'test-token-long-enough' },
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    processes[n] = child;
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('the process ended before it served'))),
    ]);
  }

  async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }

  const runs = async () =>
    (
      await db.query<RunRow>(`select r.id, fire_at, started_at, r.state, missed from schedule_runs r
        join schedules s on s.id = r.schedule_id where s.name = 'Often' order by fire_at`)
    ).rows;

  it('one report for each time, never before it, and posted once', async () => {
    await Promise.all(offsets.map((_offset, n) => begin(n)));
    await db.query(`delete from schedules`);
    await db.query(`insert into schedules (name, kind, cron, target, owner_name)
      values ('Often', 'report', '*/2 * * * * *', 'fake:channel-ops', 'Ada')`);
    for (let killed = 0; killed < kills; killed += 1) {
      const before = (await runs()).length;
      await expect.poll(async () => (await runs()).length, { timeout: 60_000 }).toBeGreaterThan(before + 1);
      const n = killed % offsets.length;
      const victim = processes[n];
      if (victim !== undefined) await ended(victim, 'SIGKILL');
      await begin(n);
    }
    await expect.poll(async () => (await runs()).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(ticks);
    await db.query(`update schedules set is_enabled = false`);
    const isOver = async () => {
      const { rows } = await db.query(`select (select count(*) from schedule_runs where state = 'running')
        + (select count(*) from outbox where state = 'pending') as open`);
      return Number(rows[0].open);
    };
    await expect.poll(isOver, { timeout: 90_000, interval: 200 }).toBe(0);

    const all = await runs();
    const times = all.map(({ fire_at: at }) => at.getTime());
    expect(new Set(times).size).toBe(times.length);
    // Every time is there: with a run of its own, or counted as missed by the one after it.
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    const counted = all.reduce((sum, { missed }, n) => sum + 1 + (n === 0 ? 0 : missed), 0);
    expect(counted).toBe((last - first) / everyMs + 1);
    expect(all.filter(({ fire_at, started_at }) => started_at < fire_at)).toEqual([]);
    const done = all.filter(({ state }) => state === 'done');
    expect(done.length).toBeGreaterThan(kills);
    expect(all.filter(({ state }) => !['done', 'skipped'].includes(state))).toEqual([]);
    const posts = platform.messages.filter(
      ({ thread, text }) => thread === 'fake:channel-ops' && text.includes('Often'),
    );
    expect(new Set(posts.map(({ key }) => key)).size).toBe(posts.length);
    expect(posts).toHaveLength(done.length);
    const { rows: threads } = await db.query(
      `select thread_id, head is not null as remembers from threads where thread_id like 'fake:channel-ops/%' and title like '%Often%'`,
    );
    expect(threads).toHaveLength(done.length);
    expect(threads.every(({ remembers }) => remembers === true)).toBe(true);
  }, 300_000);
});
