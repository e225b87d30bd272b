import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Claimed } from '../../src/inbox/port.ts';
import { inboxStore } from '../../src/store/inbox.ts';
import { turnStore } from '../../src/store/turns.ts';
import { openTestPostgres, type TestDatabase } from '../fakes/database.ts';

const ada = { principal: 'web:ada', name: 'Ada' };

/** A message is stored in one session while the worker lets go of its thread in another. */
describe('a message that comes while its thread is released', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestPostgres();
  });
  afterAll(() => database.close());

  const message = (threadId: string) => ({
    threadId,
    dedupeKeys: [randomUUID()],
    author: ada,
    text: 'hello',
  });

  async function claimOne(threadId: string): Promise<Claimed> {
    const inbox = inboxStore(database.db);
    await inbox.receive(message(threadId), randomUUID(), { maxPending: 5 });
    const claimed = await inbox.claim('me', { leaseMs: 5000, threadId });
    if (claimed?.work === undefined) throw new Error('nothing was claimed');
    return claimed;
  }

  /** Runs `release` while a receive is done but not committed; both must wait for each other's row. */
  async function releaseDuringReceive(threadId: string, release: () => Promise<boolean>): Promise<boolean> {
    let releasing: Promise<boolean> = Promise.resolve(true);
    await database.db.transaction().execute(async (trx) => {
      await inboxStore(trx).receive(message(threadId), randomUUID(), { maxPending: 5 });
      releasing = release();
      await new Promise((resolve) => setTimeout(resolve, 150));
    });
    return await releasing;
  }

  it('keeps the thread awake when the worker has just looked in vain', async () => {
    const threadId = `web:ada:${randomUUID()}`;
    const inbox = inboxStore(database.db);
    const { lease, work } = await claimOne(threadId);
    await inbox.drop(lease, work?.seq ?? 0);
    const looked = await inbox.next(lease);
    if (looked === 'lost') throw new Error('lost');
    expect(looked.work).toBeUndefined();
    expect(await releaseDuringReceive(threadId, () => inbox.release(lease, looked.seen))).toBe(false);
    expect(await inbox.next(lease)).toMatchObject({ work: { seq: 2 } });
  });

  it('keeps the thread awake when the turn is just being settled', async () => {
    const threadId = `web:ada:${randomUUID()}`;
    const { lease, work } = await claimOne(threadId);
    const settle = () =>
      turnStore(database.db).settle(lease, {
        turnId: work?.turn?.id ?? '',
        platform: 'web',
        generation: 0,
        state: 'done',
        seq: 1,
        seen: 1,
        at: 0,
        steps: [],
        approvals: [],
        post: false,
        ordinal: 0,
        model: '',
        workMs: 1,
        reply: { kind: 'answer', text: 'done', turnId: work?.turn?.id ?? '' },
      });
    expect(await releaseDuringReceive(threadId, async () => (await settle()).released)).toBe(false);
    expect(await inboxStore(database.db).next(lease)).toMatchObject({
      work: { seq: 2, turn: { question: 'hello' } },
    });
  });
});
