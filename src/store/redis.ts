import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Log } from '../observe/port.ts';

/** An open Redis, which may come and go. */
export interface OpenRedis {
  readonly client: Redis;
  check(): Promise<{ readonly status: 'ok' | 'failed'; readonly detail: string }>;
  close(): Promise<void>;
}

/** Conversation checkpoints live in database 2 unless the URL names another, as in the reference app. */
const defaultDatabase = 2;
const defaultPort = '6379';
const checkMs = 500;
const firstWaitMs = 1000;

/**
 * Connects, and goes on connecting in the background when the first attempt fails or takes long.
 * Commands fail at once while it is away, so that the bot goes on without it.
 */
export async function openRedis(url: string, log: Log): Promise<OpenRedis> {
  const { pathname: path, hostname, port } = new URL(url);
  const client = new Redis(url, {
    ...(path === '' || path === '/' ? { db: defaultDatabase } : {}),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2000,
    retryStrategy: (attempt) => Math.min(5000, 100 * 2 ** attempt),
  });
  let up = true;
  client.on('error', (error) => {
    if (up) log.warn('redis_lost', { error });
    up = false;
  });
  client.on('ready', () => {
    if (!up) log.info('redis_back');
    up = true;
  });
  const first = new AbortController();
  const { signal } = first;
  const ready = once(client, 'ready', { signal });
  await Promise.race([ready, sleep(firstWaitMs, undefined, { signal })]).catch(() => undefined);
  first.abort();
  return {
    client,
    async check() {
      try {
        await Promise.race([client.ping(), reject(checkMs)]);
        return { status: 'ok', detail: 'connected' };
      } catch (error) {
        return { status: 'failed', detail: problemOf(error, `${hostname}:${port || defaultPort}`) };
      }
    },
    async close() {
      client.disconnect();
    },
  };
}

/** What Redis itself says is worth reading; of a lost connection the library only tells how it works inside. */
function problemOf(error: unknown, address: string): string {
  return error instanceof Error && error.name === 'ReplyError'
    ? `Redis at ${address} refuses: ${error.message}`
    : `Redis at ${address} cannot be reached.`;
}

function reject(afterMs: number): Promise<never> {
  return new Promise((_resolve, fail) =>
    setTimeout(() => fail(new Error(`no answer within ${afterMs} ms`)), afterMs).unref(),
  );
}
