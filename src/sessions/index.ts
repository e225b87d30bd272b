import type { Exchange } from '../agent/budget.ts';
import type { ThreadId } from '../chat/inbound.ts';
import type { Log } from '../observe/port.ts';
import { createMemory } from './memory.ts';
import type { Checkpoint, SessionStore, Sessions } from './port.ts';

export interface SessionsOptions {
  /** PostgreSQL: has everything. */
  readonly durable: SessionStore;
  /** Redis: a faster copy that may be stale, slow or away. */
  readonly fast?: SessionStore;
  readonly log: Log;
  /** Tokens of conversation kept in this process. */
  readonly memoryTokens?: number;
  /** Redis is given up for a load or an append after this long. */
  readonly fastTimeoutMs?: number;
  /** After a failure Redis is left alone for this long. */
  readonly restMs?: number;
}

/** Loads from memory, Redis or PostgreSQL, whichever first has the whole chain that ends in the head. */
export function createSessions(options: SessionsOptions): Sessions {
  const { durable, fast, log, fastTimeoutMs = 250, restMs = 5000 } = options;
  const memory = createMemory(options.memoryTokens ?? 4_000_000);
  let restUntil = 0;

  async function tryFast<T>(what: string, work: (store: SessionStore) => Promise<T>): Promise<T | undefined> {
    if (fast === undefined || performance.now() < restUntil) return undefined;
    try {
      return await within(fastTimeoutMs, work(fast));
    } catch (error) {
      restUntil = performance.now() + restMs;
      log.warn('redis_failed', { what, error });
      return undefined;
    }
  }

  return {
    async load(threadId, head, { maxTokens, ttlMs, without }) {
      const remembered = memory.load(threadId, head, maxTokens);
      if (remembered !== undefined) return toExchanges(remembered, without);
      const copied = await tryFast('load', (store) => store.load(threadId, head, maxTokens));
      const loaded = copied ?? (await durable.load(threadId, head, maxTokens)) ?? [];
      memory.put(threadId, loaded, maxTokens);
      if (copied === undefined) void tryFast('repair', (store) => rewrite(store, threadId, loaded, ttlMs));
      return toExchanges(loaded, without);
    },
    async appended(threadId, checkpoint, ttlMs) {
      memory.append(threadId, checkpoint);
      await tryFast('append', (store) => store.append(threadId, checkpoint, ttlMs));
    },
    async clear(threadId) {
      memory.clear(threadId);
      if (fast !== undefined) await fast.clear(threadId);
    },
    fastIsUp: () => (fast === undefined ? undefined : performance.now() >= restUntil),
  };
}

/** Checkpoints as the model reads them: one that replaces another stands alone, at its own place. */
function toExchanges(checkpoints: readonly Checkpoint[], without?: string): readonly Exchange[] {
  const gone = new Set(checkpoints.flatMap((checkpoint) => checkpoint.replaces ?? []));
  return checkpoints
    .filter((checkpoint) => !gone.has(checkpoint.id) && checkpoint.id !== without)
    .map(({ messages, tokens }) => ({ messages, tokens }));
}

/** A stale or emptied copy becomes whole again. */
async function rewrite(
  store: SessionStore,
  threadId: ThreadId,
  checkpoints: readonly Checkpoint[],
  ttlMs: number,
) {
  await store.clear(threadId);
  for (const checkpoint of checkpoints) await store.append(threadId, checkpoint, ttlMs);
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
