import type { ChainableCommander, Redis } from 'ioredis';
import { z } from 'zod';
import type { Message } from '../agent/messages.ts';
import type { CopySweep } from '../schedules/port.ts';
import { isWhole } from '../sessions/chain.ts';
import type { Checkpoint, CopyStore } from '../sessions/port.ts';

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
export function redisSessionStore(redis: Redis): CopyStore {
  async function replace(threadId: string, checkpoints: readonly Checkpoint[], ttlMs: number): Promise<void> {
    const old = (await redis.lrange(indexKey(threadId), 0, -1)).map((entry) => parseEntry(entry).id);
    const commands = redis.multi().del(indexKey(threadId), ...old.map((id) => checkpointKey(threadId, id)));
    await run(checkpoints.reduce((all, checkpoint) => add(all, threadId, checkpoint, ttlMs), commands));
  }

  return {
    async load(threadId, head, maxTokens) {
      const ids = newest(await redis.lrange(indexKey(threadId), 0, -1), head, maxTokens);
      if (ids.length === 0) return undefined;
      const texts = await redis.mget(ids.map((id) => checkpointKey(threadId, id)));
      const checkpoints = texts.flatMap((text) => readCheckpoint(text ?? '') ?? []);
      return isWhole(checkpoints, head, maxTokens) ? checkpoints : undefined;
    },
    async append(threadId, checkpoint, ttlMs) {
      if (checkpoint.prev === undefined) return await replace(threadId, [checkpoint], ttlMs);
      await run(add(redis.multi(), threadId, checkpoint, ttlMs));
    },
    replace,
    clear: (threadId) => replace(threadId, [], 0),
  };
}

/** Looks at all checkpoints in batches, without holding Redis up. */
export function sweepCopies(redis: Redis): CopySweep {
  return async (retentionMs) => {
    const counts = { processed: 0, deleted: 0, limited: 0 };
    for await (const keys of redis.scanStream({ match: 'checkpoint*', count: 100 })) {
      for (const key of z.array(z.string()).parse(keys)) {
        counts.processed += 1;
        if (await isOrphan(redis, key)) counts.deleted += await redis.unlink(key);
        else if ((await redis.pttl(key)) === -1) counts.limited += await redis.pexpire(key, retentionMs);
      }
    }
    return counts;
  };
}

/** A checkpoint that no index names can never be found again. */
async function isOrphan(redis: Redis, key: string): Promise<boolean> {
  const threadId = /^checkpoint:(.+):[^:]+$/.exec(key)?.[1];
  return threadId !== undefined && (await redis.exists(indexKey(threadId))) === 0;
}

function add(
  commands: ChainableCommander,
  threadId: string,
  checkpoint: Checkpoint,
  ttlMs: number,
): ChainableCommander {
  return commands
    .set(checkpointKey(threadId, checkpoint.id), JSON.stringify(checkpoint), 'PX', ttlMs)
    .rpush(indexKey(threadId), `${checkpoint.tokens} ${checkpoint.id}`)
    .pexpire(indexKey(threadId), ttlMs);
}

/** A transaction reports what its commands could not do in its results. */
async function run(commands: ChainableCommander): Promise<void> {
  const failed = (await commands.exec())?.find(([error]) => error !== null)?.[0];
  if (failed != null) throw failed;
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

/** Undefined for what is missing or was not written like this: the copy is not whole then. */
function readCheckpoint(text: string): Checkpoint | undefined {
  const parsed = stored.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const { prev, replaces, ...rest } = parsed.data;
  return {
    ...rest,
    ...(prev === undefined ? {} : { prev }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
