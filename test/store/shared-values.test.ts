import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SharedStore } from '../../src/middleware/port.ts';
import { createRates } from '../../src/middleware/rates.ts';
import { changeShared, memoryStore, restful } from '../../src/middleware/shared.ts';
import { systemClock } from '../../src/observe/port.ts';
import { type OpenRedis, openRedis } from '../../src/store/redis.ts';
import { redisShared } from '../../src/store/redis-shared.ts';
import { sharedValues } from '../../src/store/shared-values.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';
import { type RedisServer, startRedis } from '../fakes/redis.ts';

const longMs = 600_000;

let opened: { readonly postgresql: TestDatabase; readonly embedded: TestDatabase };
let server: RedisServer | undefined;
let redis: OpenRedis | undefined;

beforeAll(async () => {
  opened = { postgresql: await databases.postgresql(), embedded: await databases.embedded() };
  server = await startRedis();
  redis = server === undefined ? undefined : await openRedis(server.url, silentLog);
});
afterAll(async () => {
  await redis?.close();
  await server?.stop();
  await Promise.all([opened.postgresql.close(), opened.embedded.close()]);
});

const stores: Readonly<Record<string, () => SharedStore | undefined>> = {
  memory: () => memoryStore(),
  postgresql: () => sharedValues(opened.postgresql.db),
  embedded: () => sharedValues(opened.embedded.db),
  redis: () => (redis === undefined ? undefined : redisShared(redis.client)),
};

describe.each(Object.keys(stores))('shared values in %s', (name) => {
  /** Without redis-server there is none to be proved. */
  function open(skip: () => void): SharedStore {
    const store = stores[name]?.();
    if (store === undefined) skip();
    return store ?? memoryStore();
  }

  it('keeps a value for its time', async ({ skip }) => {
    const store = open(skip);
    const key = randomUUID();
    expect(await store.get(key)).toBeUndefined();
    await store.set(key, 'one', longMs);
    await store.set(key, 'two', longMs);
    expect(await store.get(key)).toBe('two');
    await store.set(key, 'short', 1);
    await expect.poll(() => store.get(key)).toBeUndefined();
  });

  it('swaps only what is there', async ({ skip }) => {
    const store = open(skip);
    const key = randomUUID();
    expect(await store.swap(key, { before: 'x', after: 'y' }, longMs)).toBe(false);
    expect(await store.swap(key, { before: undefined, after: 'a' }, longMs)).toBe(true);
    expect(await store.swap(key, { before: undefined, after: 'b' }, longMs)).toBe(false);
    expect(await store.swap(key, { before: 'b', after: 'c' }, longMs)).toBe(false);
    expect(await store.swap(key, { before: 'a', after: 'c' }, longMs)).toBe(true);
    expect(await store.get(key)).toBe('c');
    await store.set(key, 'over', 1);
    await expect.poll(() => store.get(key)).toBeUndefined();
    expect(await store.swap(key, { before: undefined, after: 'new' }, longMs)).toBe(true);
    expect(await store.get(key)).toBe('new');
  });

  it('loses none of the changes that come at the same time', async ({ skip }) => {
    const store = open(skip);
    const key = randomUUID();
    const add = () =>
      changeShared(store, { key, ttlMs: longMs }, (before) => ({
        after: String(Number(before ?? 0) + 1),
        result: undefined,
      }));
    await Promise.all([add(), add(), add(), add(), add(), add()]);
    expect(await store.get(key)).toBe('6');
  });

  it('holds a limit over two processes', async ({ skip }) => {
    const store = open(skip);
    const key = randomUUID();
    const [one, two] = [1, 2].map(() => createRates({ store, clock: systemClock }));
    const windows = [{ limit: 4, ms: longMs }];
    const verdicts = [];
    for (let n = 0; n < 4; n++) verdicts.push(await one?.hit(key, windows), await two?.hit(key, windows));
    expect(verdicts.filter((verdict) => verdict?.isAllowed === true)).toHaveLength(4);
  });
});

it('a store that fails is left alone for a while, and this process goes on with what it knows', async () => {
  let now = 0;
  let asked = 0;
  const broken = async () => {
    asked += 1;
    throw new Error('away');
  };
  const store = restful({ get: broken, set: broken, swap: broken }, { log: silentLog, now: () => now });
  await store.set('a', '1', longMs);
  expect(await store.get('a')).toBe('1');
  expect(asked).toBe(1);
  now = 5001;
  expect(await store.swap('a', { before: '1', after: '2' }, longMs)).toBe(true);
  expect(asked).toBe(2);
});
