import type { Redis } from 'ioredis';
import type { SharedStore } from '../middleware/port.ts';

/** Stores the value only where the old one is what is there; a first argument of 0: where nothing is. */
const swapScript = `
local now = redis.call('GET', KEYS[1])
if (ARGV[1] == '0' and now) or (ARGV[1] == '1' and now ~= ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1`;

/** Values that all replicas share, in Redis: `shared:<key>`, each with its time. */
export function redisShared(redis: Redis): SharedStore {
  const keyOf = (key: string) => `shared:${key}`;
  return {
    get: async (key) => (await redis.get(keyOf(key))) ?? undefined,
    async set(key, value, ttlMs) {
      await redis.set(keyOf(key), value, 'PX', Math.max(1, Math.round(ttlMs)));
    },
    async swap(key, { before, after }, ttlMs) {
      const had = before === undefined ? '0' : '1';
      const ttl = String(Math.max(1, Math.round(ttlMs)));
      return (await redis.eval(swapScript, 1, keyOf(key), had, before ?? '', after, ttl)) === 1;
    },
  };
}
