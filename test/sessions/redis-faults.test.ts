import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createSessions } from '../../src/sessions/index.ts';
import type { Checkpoint, SessionStore, Sessions } from '../../src/sessions/port.ts';
import { checkpointStore } from '../../src/store/checkpoints.ts';
import { type OpenRedis, openRedis } from '../../src/store/redis.ts';
import { redisSessionStore } from '../../src/store/redis-sessions.ts';
import { openTestPostgres, type TestDatabase } from '../fakes/database.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { type RedisServer, startRedis } from '../fakes/redis.ts';
import { appendAll, conversation, headOf, hour, newThread, said } from './conversation.ts';

const limits = { maxTokens: 1000, ttlMs: hour };
const [fastTimeoutMs, restMs] = [200, 600];
/** The limit, and what a busy machine adds. */
const soonMs = fastTimeoutMs + 500;

describe.skipIf(inject('redisUrl') === '')('sessions when Redis fails (needs redis-server)', () => {
  let database: TestDatabase;
  let durable: SessionStore;
  let server: RedisServer;
  let threadId: string;
  const opened: OpenRedis[] = [];
  const { log, entries } = recordingLog();

  beforeAll(async () => {
    database = await openTestPostgres();
    durable = checkpointStore(database.db);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    threadId = newThread();
    server = await newServer();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((redis) => redis.close()));
    await server.stop();
  });

  async function newServer(port?: number): Promise<RedisServer> {
    const started = await startRedis(port);
    if (started === undefined) throw new Error('redis-server is gone');
    return started;
  }

  /** What one process of the bot has: its own memory and its own connection. */
  async function newProcess(): Promise<Sessions> {
    const redis = await openRedis(server.url, log);
    opened.push(redis);
    return createSessions({ durable, fast: redisSessionStore(redis.client), log, fastTimeoutMs, restMs });
  }

  async function keep(sessions: Sessions, checkpoints: readonly Checkpoint[]): Promise<void> {
    for (const item of checkpoints) {
      await durable.append(threadId, item, hour);
      await sessions.appended(threadId, item, hour);
    }
  }

  /** What Redis itself holds, read by a connection of the test's own. */
  async function copied(checkpoints: readonly Checkpoint[]): Promise<readonly string[] | undefined> {
    const redis = new Redis(server.url, { db: 2 });
    const loaded = await redisSessionStore(redis).load(threadId, headOf(checkpoints), 1000);
    redis.disconnect();
    return said(loaded);
  }

  async function timed<T>(work: Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
    const begun = performance.now();
    const value = await work;
    return { value, ms: performance.now() - begun };
  }

  /** The same server, all of its data lost. */
  async function restart(): Promise<void> {
    await server.stop();
    server = await newServer(Number(new URL(server.url).port));
  }

  it('are served by Redis while it is well, and PostgreSQL is not asked', async () => {
    const checkpoints = conversation(3);
    const sessions = await newProcess();
    for (const item of checkpoints) await sessions.appended(threadId, item, hour);
    expect(said(await (await newProcess()).load(threadId, headOf(checkpoints), limits))).toEqual([
      '1',
      '2',
      '3',
    ]);
  });

  it('are whole when Redis is down from the start', async () => {
    await server.stop();
    const checkpoints = conversation(3);
    await appendAll(durable, threadId, checkpoints);
    const { value: sessions, ms } = await timed(newProcess());
    expect(ms).toBeLessThan(5000);
    expect(said(await sessions.load(threadId, headOf(checkpoints), limits))).toEqual(['1', '2', '3']);
    expect(sessions.fastIsUp()).toBe(false);
  });

  it('are whole when Redis is killed in mid-conversation', async () => {
    const [mine, yours] = [await newProcess(), await newProcess()];
    const checkpoints = conversation(4);
    await keep(mine, checkpoints.slice(0, 2));
    await server.stop();
    await keep(mine, checkpoints.slice(2));
    for (const sessions of [mine, yours])
      expect(said(await sessions.load(threadId, headOf(checkpoints), limits))).toEqual(['1', '2', '3', '4']);
  });

  it('wait no longer than the limit for a Redis that hangs, and then leave it alone for a while', async () => {
    const [mine, yours] = [await newProcess(), await newProcess()];
    const checkpoints = conversation(4);
    await keep(mine, checkpoints.slice(0, 2));
    process.kill(server.pid, 'SIGSTOP');
    const { ms: toKeep } = await timed(keep(mine, checkpoints.slice(2)));
    expect(toKeep).toBeLessThan(soonMs);
    const first = await timed(yours.load(threadId, headOf(checkpoints), limits));
    const failures = entries.length;
    await yours.load(newThread(), 'unknown', limits);
    expect(said(first.value)).toEqual(['1', '2', '3', '4']);
    expect(first.ms).toBeLessThan(soonMs);
    expect(entries.slice(failures).map(([event]) => event)).not.toContain('redis_failed');
    process.kill(server.pid, 'SIGCONT');
  });

  it('are whole when a Redis that hung comes back with an old copy, and make the copy whole', async () => {
    const sessions = await newProcess();
    const checkpoints = conversation(5);
    await keep(sessions, checkpoints.slice(0, 2));
    process.kill(server.pid, 'SIGSTOP');
    await keep(sessions, checkpoints.slice(2, 4));
    process.kill(server.pid, 'SIGCONT');
    await expect.poll(() => sessions.fastIsUp()).toBe(true);
    await keep(sessions, checkpoints.slice(4));
    expect(await copied(checkpoints)).toBeUndefined();
    const other = await newProcess();
    expect(said(await other.load(threadId, headOf(checkpoints), limits))).toEqual(['1', '2', '3', '4', '5']);
    await expect.poll(() => copied(checkpoints)).toEqual(['1', '2', '3', '4', '5']);
  });

  it('are whole when Redis comes back empty, and make the copy whole', async () => {
    const mine = await newProcess();
    const checkpoints = conversation(3);
    await keep(mine, checkpoints);
    await restart();
    const yours = await newProcess();
    expect(said(await yours.load(threadId, headOf(checkpoints), limits))).toEqual(['1', '2', '3']);
    await expect.poll(() => copied(checkpoints)).toEqual(['1', '2', '3']);
  });

  it('find Redis again after it was restarted', async () => {
    const sessions = await newProcess();
    await restart();
    const checkpoints = conversation(1);
    await expect
      .poll(async () => {
        await sessions.appended(threadId, checkpoints[0], hour);
        return await copied(checkpoints);
      })
      .toEqual(['1']);
    expect(sessions.fastIsUp()).toBe(true);
  });

  it('are whole when somebody flushes Redis in mid-conversation, and make the copy whole', async () => {
    const [mine, yours] = [await newProcess(), await newProcess()];
    const checkpoints = conversation(4);
    await keep(mine, checkpoints.slice(0, 2));
    const redis = new Redis(server.url, { db: 2 });
    await redis.flushdb();
    redis.disconnect();
    await keep(mine, checkpoints.slice(2));
    expect(said(await yours.load(threadId, headOf(checkpoints), limits))).toEqual(['1', '2', '3', '4']);
    await expect.poll(() => copied(checkpoints)).toEqual(['1', '2', '3', '4']);
  });

  it('are whole when the head moved while Redis was away, and appending goes on from there', async () => {
    const [mine, yours] = [await newProcess(), await newProcess()];
    const checkpoints = conversation(4);
    await keep(mine, checkpoints.slice(0, 2));
    await appendAll(durable, threadId, checkpoints.slice(2, 3));
    expect(said(await yours.load(threadId, checkpoints[2]?.id ?? '', limits))).toEqual(['1', '2', '3']);
    await keep(yours, checkpoints.slice(3));
    await expect.poll(() => copied(checkpoints)).toEqual(['1', '2', '3', '4']);
  });

  it('are forgotten by a process at once, even when Redis cannot be told in time', async () => {
    const sessions = await newProcess();
    const checkpoints = conversation(2);
    for (const item of checkpoints) await sessions.appended(threadId, item, hour);
    process.kill(server.pid, 'SIGSTOP');
    const { ms } = await timed(expect(sessions.clear(threadId)).rejects.toThrow('no answer within 200 ms'));
    expect(ms).toBeLessThan(soonMs);
    expect(await sessions.load(threadId, headOf(checkpoints), limits)).toEqual([]);
    process.kill(server.pid, 'SIGCONT');
    await expect.poll(() => copied(checkpoints)).toBeUndefined();
  });

  it('send as many bytes for a turn after 1000 turns as after 10', async () => {
    const redis = new Redis(server.url, { db: 2 });
    const store = redisSessionStore(redis);
    const bytes = async () => {
      const stats = await redis.info('stats');
      const read = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(stats)?.[1]);
      return read('total_net_input_bytes') + read('total_net_output_bytes');
    };
    const bytesPerAppend = async (length: number) => {
      const [id, all] = [newThread(), conversation(length + 1)];
      await appendAll(store, id, all.slice(0, -1));
      const asking = -(await bytes()) + (await bytes());
      const before = await bytes();
      await appendAll(store, id, all.slice(-1));
      return (await bytes()) - before - asking;
    };
    const [few, many] = [await bytesPerAppend(10), await bytesPerAppend(1000)];
    redis.disconnect();
    expect(few).toBeGreaterThan(100);
    expect(many).toBeLessThan(few * 1.5);
  });
});
