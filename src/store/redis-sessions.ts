import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Message } from '../agent/messages.ts';
import type { Checkpoint, SessionStore } from '../sessions/port.ts';

/** A checkpoint is written by this program alone, so its messages are taken as they were stored. */
const stored = z.object({
  id: z.string(),
  prev: z.string().optional(),
  replaces: z.string().optional(),
  tokens: z.number(),
  messages: z.custom<readonly Message[]>(Array.isArray),
});

/**
 * Conversations in plain Redis: `checkpoint:{thread_id}:{checkpoint_id}` holds one turn, and the list
 * `checkpoint-index:{thread_id}` names them in order, so that no key is ever found by a pattern.
 */
export function redisSessionStore(redis: Redis): SessionStore {
  return {
    async load(threadId, head, maxTokens) {
      const ids = newest(await redis.lrange(indexKey(threadId), 0, -1), head, maxTokens);
      if (ids.length === 0) return undefined;
      const texts = await redis.mget(ids.map((id) => checkpointKey(threadId, id)));
      const checkpoints = texts.flatMap((text) => (text === null ? [] : [readCheckpoint(text)]));
      return isWhole(checkpoints, head, maxTokens) ? checkpoints : undefined;
    },
    async append(threadId, checkpoint, ttlMs) {
      const pipeline = redis.multi();
      if (checkpoint.prev === undefined) pipeline.del(indexKey(threadId));
      pipeline
        .set(checkpointKey(threadId, checkpoint.id), JSON.stringify(checkpoint), 'PX', ttlMs)
        .rpush(indexKey(threadId), `${checkpoint.tokens} ${checkpoint.id}`)
        .pexpire(indexKey(threadId), ttlMs);
      await pipeline.exec();
    },
    async clear(threadId) {
      const ids = (await redis.lrange(indexKey(threadId), 0, -1)).map((entry) => parseEntry(entry).id);
      await redis.del(indexKey(threadId), ...ids.map((id) => checkpointKey(threadId, id)));
    },
  };
}

function checkpointKey(threadId: string, checkpointId: string): string {
  return `checkpoint:${threadId}:${checkpointId}`;
}

function indexKey(threadId: string): string {
  return `checkpoint-index:${threadId}`;
}

function parseEntry(entry: string): { readonly tokens: number; readonly id: string } {
  const at = entry.indexOf(' ');
  return { tokens: Number(entry.slice(0, at)), id: entry.slice(at + 1) };
}

/** The ids that end in `head` and fit, oldest first; none when the index ends elsewhere: it is stale. */
function newest(entries: readonly string[], head: string, maxTokens: number): readonly string[] {
  const parsed = entries.map(parseEntry);
  if (parsed.at(-1)?.id !== head) return [];
  let newer = 0;
  const first = parsed.findLastIndex(({ tokens }) => {
    newer += tokens;
    return newer >= maxTokens;
  });
  return parsed.slice(Math.max(first, 0)).map(({ id }) => id);
}

/** Each links to the one before it, down to the conversation's first or to the limit. */
function isWhole(checkpoints: readonly Checkpoint[], head: string, maxTokens: number): boolean {
  const linked = checkpoints.every(
    (checkpoint, at) => at === 0 || checkpoint.prev === checkpoints[at - 1]?.id,
  );
  const tokens = checkpoints.reduce((sum, checkpoint) => sum + checkpoint.tokens, 0);
  const reachesFar = checkpoints[0]?.prev === undefined || tokens >= maxTokens;
  return linked && reachesFar && checkpoints.at(-1)?.id === head;
}

function readCheckpoint(text: string): Checkpoint {
  const { prev, replaces, ...rest } = stored.parse(JSON.parse(text));
  return {
    ...rest,
    ...(prev === undefined ? {} : { prev }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}
