import type { z } from 'zod';
import type { Log } from '../observe/port.ts';
import type { SharedStore } from './port.ts';

interface Kept {
  readonly value: string;
  readonly until: number;
}

/** Values in this process alone; the one that was used longest ago goes first. */
export function memoryStore(maxEntries = 10_000, now: () => number = () => performance.now()): SharedStore {
  const values = new Map<string, Kept>();

  function read(key: string): string | undefined {
    const kept = values.get(key);
    if (kept === undefined) return undefined;
    values.delete(key);
    if (kept.until <= now()) return undefined;
    values.set(key, kept);
    return kept.value;
  }

  function write(key: string, value: string, ttlMs: number): void {
    values.delete(key);
    values.set(key, { value, until: now() + ttlMs });
    const [oldest] = values.keys();
    if (values.size > maxEntries && oldest !== undefined) values.delete(oldest);
  }

  return {
    get: async (key) => read(key),
    set: async (key, value, ttlMs) => write(key, value, ttlMs),
    async swap(key, { before, after }, ttlMs) {
      if (read(key) !== before) return false;
      write(key, after, ttlMs);
      return true;
    },
  };
}

/** After a failure a store is left alone for this long. */
const restMs = 5000;
const timeoutMs = 500;

/** A store that never fails and is never slow: while it is away, this process goes on with what it knows alone. */
export function restful(
  store: SharedStore,
  { log, now = () => performance.now() }: RestfulParts,
): SharedStore {
  const alone = memoryStore();
  let restUntil = 0;

  async function attempt<T>(ask: (store: SharedStore) => Promise<T>): Promise<T> {
    if (now() < restUntil) return await ask(alone);
    try {
      return await within(timeoutMs, ask(store));
    } catch (error) {
      restUntil = now() + restMs;
      log.warn('shared_values_away', { rest_ms: restMs, error });
      return await ask(alone);
    }
  }

  return {
    get: (key) => attempt((from) => from.get(key)),
    set: (key, value, ttlMs) => attempt((to) => to.set(key, value, ttlMs)),
    swap: (key, values, ttlMs) => attempt((to) => to.swap(key, values, ttlMs)),
  };
}

interface RestfulParts {
  readonly log: Log;
  readonly now?: () => number;
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const mostTries = 20;

/**
 * Changes a shared value by a pure function; of changes at the same time none is lost. `change` gives the
 * value to store (undefined: leave it) and what to make of it.
 */
export async function changeShared<T>(
  store: SharedStore,
  { key, ttlMs }: { readonly key: string; readonly ttlMs: number },
  change: (before: string | undefined) => { readonly after?: string | undefined; readonly result: T },
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const before = await store.get(key);
    const { after, result } = change(before);
    if (after === undefined || after === before) return result;
    // Who loses so often stands in a crowd that changes the value without end; one change is given up then.
    if ((await store.swap(key, { before, after }, ttlMs)) || tries === mostTries) return result;
  }
}

/** A shared value as JSON; undefined for none, and for what was not written like this. */
export function readShared<T>(text: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
