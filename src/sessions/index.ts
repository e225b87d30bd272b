import type { Exchange } from '../agent/budget.ts';
import type { ThreadId } from '../chat/inbound.ts';
import type { Log } from '../observe/port.ts';
import { createMemory } from './memory.ts';
import type { Checkpoint, CopyStore, SessionStore, Sessions } from './port.ts';

export interface SessionsOptions {
  /** PostgreSQL: has everything. */
  readonly durable: SessionStore;
  /** Redis: a faster copy that may be stale, slow or away. */
  readonly fast?: CopyStore;
  readonly log: Log;
  /** Tokens of conversation kept in this process. */
  readonly memoryTokens?: number;
  /** Redis is given up for a load, an append or a clear after this long. */
  readonly fastTimeoutMs?: number;
  /** After a failure Redis is left alone for this long. */
  readonly restMs?: number;
}

/** Loads from memory, Redis or PostgreSQL, whichever first has the whole chain that ends in the head. */
export function createSessions(options: SessionsOptions): Sessions {
  const { durable, fast, log, fastTimeoutMs = 250, restMs = 5000 } = options;
  const memory = createMemory(options.memoryTokens ?? 4_000_000);
  const repairs = new Map<ThreadId, Promise<void>>();
  let restUntil = 0;

  async function askFast<T>(store: CopyStore, work: (store: CopyStore) => Promise<T>): Promise<T> {
    return await within(fastTimeoutMs, work(store)).catch((error: unknown) => {
      restUntil = performance.now() + restMs;
      throw error;
    });
  }

  async function tryFast<T>(what: string, work: (store: CopyStore) => Promise<T>): Promise<T | undefined> {
    if (fast === undefined || performance.now() < restUntil) return undefined;
    return await askFast(fast, work).catch((error: unknown) => {
      log.warn('redis_failed', { what, error });
      return undefined;
    });
  }

  /** What comes after a repair waits for it, or it would be overwritten. */
  function repair(threadId: ThreadId, checkpoints: readonly Checkpoint[], ttlMs: number): void {
    const repaired = tryFast('repair', (store) => store.replace(threadId, checkpoints, ttlMs)).finally(() => {
      if (repairs.get(threadId) === repaired) repairs.delete(threadId);
    });
    repairs.set(threadId, repaired);
  }

  async function loadDurable(threadId: ThreadId, head: string, maxTokens: number) {
    const loaded = await durable.load(threadId, head, maxTokens);
    if (loaded === undefined) log.warn('conversation_incomplete', { thread_id: threadId, head });
    return loaded ?? [];
  }

  return {
    async load(threadId, head, { maxTokens, ttlMs, without }) {
      const remembered = memory.load(threadId, head, maxTokens);
      if (remembered !== undefined) return toExchanges(remembered, without);
      const copied = await tryFast('load', (store) => store.load(threadId, head, maxTokens));
      const loaded = copied ?? (await loadDurable(threadId, head, maxTokens));
      memory.put(threadId, loaded, maxTokens);
      if (copied === undefined) repair(threadId, loaded, ttlMs);
      return toExchanges(loaded, without);
    },
    async appended(threadId, checkpoint, ttlMs) {
      memory.append(threadId, checkpoint);
      await repairs.get(threadId);
      await tryFast('append', (store) => store.append(threadId, checkpoint, ttlMs));
    },
    async clear(threadId) {
      memory.clear(threadId);
      await repairs.get(threadId);
      if (fast !== undefined) await askFast(fast, (store) => store.clear(threadId));
    },
    fastIsUp: () => (fast === undefined ? undefined : performance.now() >= restUntil),
  };
}

/** Checkpoints as the model reads them: one that replaces another stands alone, at its own place; empty ones are left out. */
function toExchanges(checkpoints: readonly Checkpoint[], without?: string): readonly Exchange[] {
  const gone = new Set(checkpoints.flatMap((checkpoint) => checkpoint.replaces ?? []));
  return checkpoints
    .filter(({ id, messages }) => !gone.has(id) && id !== without && messages.length > 0)
    .map(({ messages, tokens }) => ({ messages, tokens }));
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
