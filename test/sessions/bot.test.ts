import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startTestBot, type TestBot } from '../fakes/bot.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { type NotingModel, startNotingModel } from '../fakes/noting-model.ts';
import { type RedisServer, startRedis } from '../fakes/redis.ts';

const minute = 60_000;

describe.skipIf(inject('redisUrl') === '')('a bot with Redis (needs redis-server)', () => {
  let model: NotingModel;
  let redisServer: RedisServer;
  let redis: Redis;
  let database: pg.Client;
  let bot: TestBot;
  let folder: string;
  let ahead = 0;

  beforeAll(async () => {
    const started = await startRedis();
    if (started === undefined) throw new Error('redis-server is gone');
    redisServer = started;
    redis = new Redis(redisServer.url, { db: 2 });
    const databaseUrl = await createPostgresDatabase('migrated');
    database = new pg.Client({ connectionString: databaseUrl });
    await database.connect();
    folder = await mkdtemp(join(tmpdir(), 'ai-ops-bootstrap-'));
    const bootstrap = join(folder, 'bootstrap.json');
    await writeFile(bootstrap, JSON.stringify({ settings: { chat_session_ttl_minutes: 30 } }));
    model = await startNotingModel();
    bot = await startTestBot({
      env: {
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisServer.url,
        ...model.env,
        AI_OPS_BOOTSTRAP: bootstrap,
      },
      clock: { now: () => Date.now() + ahead },
    });
  });
  afterAll(async () => {
    await bot.stop();
    await model.stop();
    await database.end();
    redis.disconnect();
    await redisServer.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const keysOf = async (id: string) => (await redis.keys('*')).filter((key) => key.split(':').includes(id));
  const clear = (id: string) => bot.fetch(`/plugins/ai-ops/api/chat/${id}/`, { method: 'DELETE' });

  async function threadsWorkedOn(): Promise<number> {
    const metrics = await (await bot.fetch('/metrics')).text();
    return Number(/^ai_ops_threads_busy (\d+)/m.exec(metrics)?.[1]);
  }

  /** The tables that hold a text anywhere. */
  async function tablesWith(text: string): Promise<readonly string[]> {
    const { rows } = await database.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public'`,
    );
    const found: string[] = [];
    for (const { name } of rows) {
      const hit = await database.query(`select from "${name}" t where position($1 in t::text) > 0 limit 1`, [
        text,
      ]);
      if (hit.rows.length > 0) found.push(name);
    }
    return found;
  }

  it('copies each checkpoint to checkpoint:{thread_id}:{id} in database 2, with the session’s time limit', async () => {
    const id = randomUUID();
    await bot.ask('one', id);
    await bot.ask('two', id);
    const { rows } = await database.query<{ key: string }>(
      `select 'checkpoint:' || thread_id || ':' || id as key from checkpoints where thread_id like '%' || $1`,
      [id],
    );
    expect(rows).toHaveLength(2);
    for (const { key } of rows) {
      expect(await redis.get(key)).toContain('Noted.');
      const left = await redis.pttl(key);
      expect(left).toBeGreaterThan(29 * minute);
      expect(left).toBeLessThanOrEqual(30 * minute);
    }
    expect(await keysOf(id)).toHaveLength(3);
  });

  it('starts fresh and says so when the thread was idle for longer than chat_session_ttl_minutes', async () => {
    const id = randomUUID();
    await bot.ask('one', id);
    ahead = 29 * minute;
    const { body: soon } = await bot.ask('two', id);
    expect(soon.response).toBe('Noted.');
    expect(model.told()).toEqual(['one', 'two']);
    ahead += 31 * minute;
    const { body: late } = await bot.ask('three', id);
    ahead = 0;
    expect(late.response).toBe(
      '_This conversation was idle for more than 30 minutes, so I started fresh._\n\nNoted.',
    );
    expect(model.told()).toEqual(['three']);
  });

  it('clears a thread everywhere, and only it', async () => {
    const [id, other] = [randomUUID(), randomUUID()];
    await bot.ask('The launch code is tangerine.', id);
    await bot.ask('The launch code is pomegranate.', other);
    expect((await clear(id)).status).toBe(204);
    expect(await tablesWith('tangerine')).toEqual([]);
    expect(await keysOf(id)).toEqual([]);
    expect(await tablesWith('pomegranate')).not.toEqual([]);
    expect(await keysOf(other)).toHaveLength(2);
    await bot.ask('What is it?', id);
    expect(model.told()).toEqual(['What is it?']);
    await bot.ask('And what is it here?', other);
    expect(model.told()).toEqual(['The launch code is pomegranate.', 'And what is it here?']);
  });

  it('clears a thread whose turn is running, everywhere', async () => {
    const id = randomUUID();
    await bot.ask('The password is rosebud.', id);
    const letGo = model.hold();
    const asked = bot.fetch('/plugins/ai-ops/api/chat/', {
      method: 'POST',
      body: JSON.stringify({ message: 'Is it still rosebud?', thread_id: id }),
    });
    await expect.poll(() => model.told()).toContain('Is it still rosebud?');
    expect((await clear(id)).status).toBe(204);
    letGo();
    expect((await asked).status).toBe(404);
    await expect.poll(threadsWorkedOn).toBe(0);
    expect(await tablesWith('rosebud')).toEqual([]);
    expect(await keysOf(id)).toEqual([]);
    await bot.ask('What was it?', id);
    expect(model.told()).toEqual(['What was it?']);
  });

  it('answers with the whole history when Redis hangs in mid-conversation', async () => {
    const id = randomUUID();
    await bot.ask('one', id);
    await bot.ask('two', id);
    process.kill(redisServer.pid, 'SIGSTOP');
    const begun = performance.now();
    const { status } = await bot.ask('three', id);
    expect(performance.now() - begun).toBeLessThan(15_000);
    process.kill(redisServer.pid, 'SIGCONT');
    expect(status).toBe(200);
    expect(model.told()).toEqual(['one', 'two', 'three']);
  });
});
