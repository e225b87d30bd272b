import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Approval, Settlement } from '../../src/bot/port.ts';
import type { Work } from '../../src/inbox/port.ts';
import type { Executor } from '../../src/store/database.ts';
import { inboxStore } from '../../src/store/inbox.ts';
import { turnStore } from '../../src/store/turns.ts';
import { openTestPostgres, type TestDatabase } from '../fakes/database.ts';

const ada = { principal: 'web:ada', name: 'Ada' };

/** A person decides or stops in one session while the turn is settled in another. */
describe('a person and a turn that write at the same moment', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestPostgres();
  });
  afterAll(() => database.close());

  async function claimOne(): Promise<Work> {
    const threadId = `web:ada:${randomUUID()}`;
    const inbox = inboxStore(database.db);
    const inbound = { threadId, dedupeKeys: [randomUUID()], author: ada, text: 'hello' };
    await inbox.receive(inbound, randomUUID(), { maxPending: 5 });
    const claimed = await inbox.claim('me', { leaseMs: 60_000, threadId });
    if (claimed?.work === undefined) throw new Error('nothing was claimed');
    return claimed.work;
  }

  function settlement(work: Work, more: Pick<Settlement, 'state' | 'approvals'>): Settlement {
    const turnId = work.turn?.id ?? '';
    const rest = { seq: work.seq, seen: work.seq, at: 0, steps: [], post: false, ordinal: 0 };
    return { turnId, platform: 'web', generation: 0, model: '', workMs: 1, ...rest, ...more };
  }

  function question(work: Work): Approval {
    return {
      id: randomUUID(),
      turnId: work.turn?.id ?? '',
      threadId: work.lease.threadId,
      callId: 'a',
      tool: 'restart',
      effect: 'write',
      arguments: {},
      digest: 'd',
      askedBy: ada,
      policyVersion: 'v',
      deciders: { permission: 'approve' },
      state: 'pending',
      spent: false,
      expiresAt: new Date(Date.now() + 60_000),
    };
  }

  /** The session of the turn holds the thread's row already when the person comes. */
  async function meet<T>(
    { lease }: Work,
    person: () => Promise<T>,
    turn: (db: Executor) => Promise<unknown>,
  ): Promise<T> {
    let acting: Promise<T> | undefined;
    await database.db.transaction().execute(async (trx) => {
      await sql`select from threads where thread_id = ${lease.threadId} for update`.execute(trx);
      acting = person();
      acting.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await turn(trx);
    });
    if (acting === undefined) throw new Error('nobody came');
    return await acting;
  }

  it('do not deadlock when an approval is decided while its turn ends, which is first', async () => {
    const work = await claimOne();
    const asked = question(work);
    const store = turnStore(database.db);
    await store.settle(work.lease, settlement(work, { state: 'waiting', approvals: [asked] }));
    const again = await claimResumed(work);
    const decision = { approvalId: asked.id, state: 'approved', by: ada, now: new Date() } as const;
    const decided = await meet(
      again,
      () => store.decide(decision),
      (db) => turnStore(db).settle(again.lease, settlement(again, { state: 'stopped', approvals: [] })),
    );
    expect(decided).toBe(false);
    expect(await store.approval(asked.id)).toMatchObject({ state: 'cancelled' });
  });

  /** Stopped while it waited: the event of the stop resumes the turn. */
  async function claimResumed({ lease }: Work): Promise<Work> {
    await turnStore(database.db).stop(lease.threadId, ada);
    const claimed = await inboxStore(database.db).claim('me', { leaseMs: 60_000, threadId: lease.threadId });
    if (claimed?.work === undefined) throw new Error('nothing was claimed');
    return claimed.work;
  }

  it('do not deadlock when a turn is stopped while it ends', async () => {
    const work = await claimOne();
    const stopped = await meet(
      work,
      () => turnStore(database.db).stop(work.lease.threadId, ada),
      (db) => turnStore(db).settle(work.lease, settlement(work, { state: 'done', approvals: [] })),
    );
    expect(stopped).toBe(0);
  });
});
