import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Lease, Work } from '../../src/inbox/port.ts';
import { createWorker, type Worker } from '../../src/inbox/worker.ts';
import { inboxStore } from '../../src/store/inbox.ts';
import { turnStore } from '../../src/store/turns.ts';
import { openTestPostgres, type TestDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';

const leaseMs = 900;

describe('the worker', () => {
  let database: TestDatabase;
  let worker: Worker;
  beforeAll(async () => {
    database = await openTestPostgres();
  });
  afterEach(() => worker.stop(0));
  afterAll(() => database.close());

  function startWorker(handle: (work: Work, lease: Lease) => Promise<{ released: boolean }>): void {
    const signals = { tell: () => undefined, on: () => () => undefined };
    const store = inboxStore(database.db);
    const options = { leaseMs, marginMs: 100, pollMs: 50, owner: randomUUID(), log: silentLog };
    worker = createWorker({ store, signals, handle, ...options });
    worker.start();
  }

  /** Receives as the bot does: an idle thread is taken with its message. */
  async function receive(threadId: string, text: string, name: string): Promise<void> {
    const place = worker.reserve();
    const author = { principal: `web:${name}`, name };
    const message = { threadId, dedupeKeys: [randomUUID()], author, text };
    const claim = place === undefined ? {} : { claim: place };
    const { claimed } = await inboxStore(database.db).receive(message, randomUUID(), {
      maxPending: 9,
      ...claim,
    });
    place?.take(claimed);
  }

  const settle = (work: Work, lease: Lease) =>
    turnStore(database.db).settle(lease, {
      turnId: work.turn?.id ?? '',
      platform: 'web',
      generation: 0,
      state: 'done',
      seq: work.seq,
      seen: work.seen,
      at: 0,
      steps: [],
      approvals: [],
      post: false,
      ordinal: 0,
      model: '',
      workMs: 1,
    });

  it('keeps a thread that it takes again while the turn before is still being put away', async () => {
    const threadId = `web:x:${randomUUID()}`;
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const settled = Promise.withResolvers<void>();
    const failures: unknown[] = [];
    startWorker(async (work, lease) => {
      if (work.turn?.question === 'one') {
        const outcome = await settle(work, lease);
        settled.resolve();
        await first.promise;
        return outcome;
      }
      await second.promise;
      return await settle(work, lease).catch((error: unknown) => {
        failures.push(error);
        throw error;
      });
    });
    await receive(threadId, 'one', 'ada');
    await settled.promise;
    await receive(threadId, 'two', 'ada');
    first.resolve();
    await sleep(leaseMs * 2);
    expect(worker.holds(threadId)).toBe(true);
    expect(await inboxStore(database.db).claim('another', { leaseMs, threadId })).toBeUndefined();
    second.resolve();
    await expect.poll(() => worker.holds(threadId)).toBe(false);
    expect(failures).toEqual([]);
  });

  it('stops the turn that was meant, and not the one after it', async () => {
    const threadId = `web:x:${randomUUID()}`;
    const reasons: string[] = [];
    startWorker(async (work, lease) => {
      if (work.turn?.asker.name === 'alice') {
        await new Promise<void>((resolve) => lease.signal.addEventListener('abort', () => resolve()));
        reasons.push(`${work.turn.question}: ${lease.signal.reason.message}`);
      } else {
        await sleep(leaseMs);
        reasons.push(`${work.turn?.question}: ${lease.signal.aborted ? 'aborted' : 'went on'}`);
      }
      return await settle(work, lease);
    });
    await receive(threadId, 'first', 'alice');
    await receive(threadId, 'second', 'bob');
    await turnStore(database.db).stop(threadId, { principal: 'web:alice', name: 'alice' });
    await expect.poll(() => reasons).toEqual(['first: Stopped by alice.', 'second: went on']);
  });
});
