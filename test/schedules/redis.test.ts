import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type OpenRedis, openRedis } from '../../src/store/redis.ts';
import { redisSessionStore, sweepCopies } from '../../src/store/redis-sessions.ts';
import { silentLog } from '../fakes/log.ts';
import { type RedisServer, startRedis } from '../fakes/redis.ts';

const weekMs = 7 * 86_400_000;

describe.skipIf(inject('redisUrl') === '')('checkpoints in Redis (needs redis-server)', () => {
  let server: RedisServer;
  let redis: OpenRedis;

  beforeAll(async () => {
    const started = await startRedis();
    if (started === undefined) throw new Error('redis-server did not start.');
    server = started;
    redis = await openRedis(server.url, silentLog);
  });
  afterAll(async () => {
    await redis?.close();
    await server?.stop();
  });
  beforeEach(() => redis.client.flushdb());

  const keep = (threadId: string) =>
    redisSessionStore(redis.client).append(threadId, { id: 'c1', tokens: 1, messages: [] }, 60_000);

  it('that live within their time are left alone', async () => {
    await keep('web:a:1');
    expect(await sweepCopies(redis.client)(weekMs)).toEqual({ processed: 2, deleted: 0, limited: 0 });
    expect(await redis.client.pttl('checkpoint:web:a:1:c1')).toBeLessThanOrEqual(60_000);
  });

  it('that would live for ever get the retention as their time', async () => {
    await keep('web:a:1');
    await redis.client.persist('checkpoint:web:a:1:c1');
    expect(await sweepCopies(redis.client)(weekMs)).toEqual({ processed: 2, deleted: 0, limited: 1 });
    expect(await redis.client.pttl('checkpoint:web:a:1:c1')).toBeGreaterThan(weekMs - 60_000);
  });

  it('that no index names any more are removed, and those of other threads stay', async () => {
    await keep('web:a:1');
    await keep('web:a:12');
    await redis.client.del('checkpoint-index:web:a:1');
    expect(await sweepCopies(redis.client)(weekMs)).toMatchObject({ deleted: 1 });
    expect(await redis.client.exists('checkpoint:web:a:1:c1')).toBe(0);
    expect(await redis.client.exists('checkpoint:web:a:12:c1')).toBe(1);
  });

  it('are looked at in batches, however many there are, and nothing else is touched', async () => {
    const keys = Array.from({ length: 1500 }, (_, n) => [`checkpoint:web:a:${n}:c`, '{}']).flat();
    await redis.client.mset(keys);
    await redis.client.set('rate:web:a', '1');
    const { processed, deleted } = await sweepCopies(redis.client)(weekMs);
    expect(processed).toBeGreaterThanOrEqual(1500);
    expect(deleted).toBe(1500);
    expect(await redis.client.keys('*')).toEqual(['rate:web:a']);
  });
});
