import { Redis } from 'ioredis';
import { sql } from 'kysely';
import { describe, expect, inject, it } from 'vitest';
import { checkpointStore } from '../../src/store/checkpoints.ts';
import { redisSessionStore } from '../../src/store/redis-sessions.ts';
import { databases } from '../fakes/database.ts';
import { appendAll, checkpoint, conversation, headOf, hour, newThread } from './conversation.ts';
import { sessionStoreContract } from './store-contract.ts';

const redisUrl = inject('redisUrl');

describe.each(Object.entries(databases))('conversations in the %s database', (_name, open) => {
  sessionStoreContract(async () => {
    const database = await open();
    return { store: checkpointStore(database.db), close: database.close };
  });

  it('writes as much for a turn after 1000 turns as after 10', async () => {
    const database = await open();
    const store = checkpointStore(database.db);
    const position = async () => {
      const { rows } = await sql<{ at: number }>`
        select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as at`.execute(database.db);
      return rows[0]?.at ?? Number.NaN;
    };
    /** The least of several, because others write to the same server. */
    const bytesPerAppend = async (length: number) => {
      const threadId = newThread();
      const checkpoints = conversation(length);
      await appendAll(store, threadId, checkpoints);
      const costs: number[] = [];
      let last = checkpoints.at(-1);
      for (let n = 0; n < 15; n += 1) {
        last = checkpoint('and one more', last);
        const before = await position();
        await store.append(threadId, last, hour);
        costs.push((await position()) - before);
      }
      return Math.min(...costs);
    };
    const [few, many] = [await bytesPerAppend(10), await bytesPerAppend(1000)];
    expect(few).toBeGreaterThan(100);
    expect(many).toBeLessThan(few * 2);
    await database.close();
  });
});

describe.skipIf(redisUrl === '')('conversations in Redis (needs redis-server)', () => {
  const redis = new Redis(redisUrl, { db: 2, lazyConnect: true });
  const store = redisSessionStore(redis);
  const keysOf = async (threadId: string) =>
    (await redis.keys('*')).filter((key) => key.includes(threadId)).sort();

  sessionStoreContract(async () => ({ store, close: async () => redis.disconnect() }));

  it('holds each checkpoint under its thread and id, and one index, both with their time limit', async () => {
    const threadId = newThread();
    const [first] = conversation(1);
    await store.append(threadId, first, hour);
    const key = `checkpoint:${threadId}:${first.id}`;
    const index = `checkpoint-index:${threadId}`;
    expect(await keysOf(threadId)).toEqual([index, key].sort());
    for (const name of [key, index]) {
      const left = await redis.pttl(name);
      expect(left).toBeGreaterThan(hour - 60_000);
      expect(left).toBeLessThanOrEqual(hour);
    }
  });

  it('extends the index with each checkpoint, and a checkpoint never', async () => {
    const threadId = newThread();
    const [first, second = checkpoint('')] = conversation(2);
    await store.append(threadId, first, 60_000);
    await store.append(threadId, second, hour);
    expect(await redis.pttl(`checkpoint:${threadId}:${first.id}`)).toBeLessThanOrEqual(60_000);
    expect(await redis.pttl(`checkpoint-index:${threadId}`)).toBeGreaterThan(60_000);
  });

  it('does not serve a conversation of which a part has run out', async () => {
    const threadId = newThread();
    const checkpoints = conversation(3);
    await appendAll(store, threadId, checkpoints);
    await redis.del(`checkpoint:${threadId}:${checkpoints[1]?.id}`);
    expect(await store.load(threadId, headOf(checkpoints), 1000)).toBeUndefined();
  });

  it('does not serve a conversation of which it cannot read a part', async () => {
    const threadId = newThread();
    const checkpoints = conversation(3);
    await appendAll(store, threadId, checkpoints);
    for (const broken of ['{"id":', '{"id":"another version’s"}']) {
      await redis.set(`checkpoint:${threadId}:${checkpoints[1]?.id}`, broken);
      expect(await store.load(threadId, headOf(checkpoints), 1000)).toBeUndefined();
    }
  });

  it('leaves no key behind when it is cleared or begins anew', async () => {
    const threadId = newThread();
    await appendAll(store, threadId, conversation(3));
    const fresh = checkpoint('fresh');
    await store.append(threadId, fresh, hour);
    expect(await keysOf(threadId)).toHaveLength(2);
    await store.clear(threadId);
    expect(await keysOf(threadId)).toEqual([]);
  });

  it('is written anew in one step', async () => {
    const threadId = newThread();
    await appendAll(store, threadId, conversation(3));
    const [left, right] = [conversation(4), conversation(5)];
    await Promise.all([store.replace(threadId, left, hour), store.replace(threadId, right, hour)]);
    expect(await store.load(threadId, headOf(right), 1000)).toEqual(right);
  });

  it('says so when Redis takes a command but cannot do it', async () => {
    const threadId = newThread();
    await redis.set(`checkpoint-index:${threadId}`, 'not a list');
    await expect(store.append(threadId, checkpoint('2', checkpoint('1')), hour)).rejects.toThrow(/WRONGTYPE/);
    await redis.del(`checkpoint-index:${threadId}`);
  });
});
