import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Need } from '../../src/agent/tool.ts';
import type { Approval, Settlement } from '../../src/bot/port.ts';
import { signedIn } from '../../src/bot/sign-ins.ts';
import type { Work } from '../../src/inbox/port.ts';
import { systemClock } from '../../src/observe/port.ts';
import { inboxStore } from '../../src/store/inbox.ts';
import { turnStore } from '../../src/store/turns.ts';
import { openTestEmbedded, type TestDatabase } from '../fakes/database.ts';

const ada = { principal: 'web:ada', name: 'Ada' };
const bob = { principal: 'web:bob', name: 'Bob' };
const signIn: Need = { type: 'sign_in', server: 'github', serverId: 'g' };

describe('stored needs', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestEmbedded();
  });
  afterAll(() => database.close());

  const store = () => turnStore(database.db);

  async function claim(threadId: string): Promise<Work> {
    const claimed = await inboxStore(database.db).claim('me', { leaseMs: 60_000, threadId });
    if (claimed?.work === undefined) throw new Error('nothing was claimed');
    return claimed.work;
  }

  async function begin(): Promise<Work> {
    const threadId = `web:ada:${randomUUID()}`;
    const inbound = { threadId, dedupeKeys: [randomUUID()], author: ada, text: 'hello' };
    await inboxStore(database.db).receive(inbound, randomUUID(), { maxPending: 5 });
    return await claim(threadId);
  }

  function asked(work: Work, more: Partial<Approval> = {}): Approval {
    return {
      ...{ id: randomUUID(), turnId: work.turn?.id ?? '', threadId: work.lease.threadId, callId: 'a' },
      ...{ tool: 'github__issues', effect: 'read', arguments: {}, digest: 'd', policyVersion: 'v' },
      ...{ askedBy: ada, deciders: { permission: 'approve' }, state: 'pending', spent: false },
      expiresAt: new Date(Date.now() + 60_000),
      ...more,
    };
  }

  function settlement(work: Work, more: Pick<Settlement, 'state' | 'approvals'>): Settlement {
    const rest = { seq: work.seq, seen: work.seq, at: 0, steps: [], post: false, ordinal: 0 };
    return {
      turnId: work.turn?.id ?? '',
      platform: 'web',
      generation: 0,
      model: '',
      workMs: 1,
      ...rest,
      ...more,
    };
  }

  async function waiting(more: Partial<Approval>): Promise<Approval> {
    const work = await begin();
    const approval = asked(work, more);
    await store().settle(work.lease, settlement(work, { state: 'waiting', approvals: [approval] }));
    return approval;
  }

  it('are read back as they were asked, with who may decide', async () => {
    const deciders = { permission: 'chat', only: ['web:ada'], never: ['token:x'] };
    const { id } = await waiting({ need: signIn, deciders });
    expect(await store().approval(id)).toMatchObject({ need: signIn, deciders, state: 'pending' });
    const plain = await waiting({});
    expect(await store().approval(plain.id)).toMatchObject({ deciders: { permission: 'approve' } });
    expect(await store().approval(plain.id)).not.toHaveProperty('need');
  });

  it('are answered in all threads when the asker has signed in, and only those', async () => {
    const need: Need = { ...signIn, serverId: 'h' };
    const [mine, alsoMine] = [await waiting({ need }), await waiting({ need })];
    const others = [
      await waiting({ need, askedBy: bob }),
      await waiting({ need: signIn }),
      await waiting({}),
    ];
    const woken: string[] = [];
    const worker = { offer: (threadId: string) => void woken.push(threadId) };
    const tell = signedIn({ turns: store(), worker, clock: systemClock });
    expect(await tell('h', 'web:ada')).toBe(2);
    expect(woken).toEqual([mine.threadId, alsoMine.threadId]);
    for (const { id } of [mine, alsoMine])
      expect(await store().approval(id)).toMatchObject({ state: 'approved', decidedBy: ada });
    for (const { id } of others) expect(await store().approval(id)).toMatchObject({ state: 'pending' });
    expect((await claim(mine.threadId)).type).toBe('resume');
    expect(await tell('h', 'web:ada')).toBe(0);
  });

  it('are listed for those who asked alone, and take nobody else’s place in the list', async () => {
    const own = await waiting({ need: signIn, askedBy: bob });
    const byToken = await waiting({ need: signIn, deciders: { permission: 'chat', never: ['token:bob'] } });
    const plain = await waiting({});
    for (let n = 0; n < 3; n += 1) await waiting({ need: signIn });
    const shown = async (...principals: string[]) =>
      (await store().pending(new Date(), { own: new Set(principals), limit: 3 })).map(({ id }) => id);
    expect((await shown('web:nobody'))[0]).toBe(plain.id);
    expect(await shown(bob.principal, 'token:bob')).toEqual([plain.id, byToken.id, own.id]);
  });

  it('give back the approval of a run that ended in one, which only this turn can spend again', async () => {
    const approval = await waiting({ effect: 'write' });
    const now = new Date();
    await store().decide({ approvalId: approval.id, state: 'approved', by: bob, now });
    const { lease } = await claim(approval.threadId);
    const { turnId } = approval;
    const spend = { approvalId: approval.id, digest: 'd' };
    const begun = { type: 'begun', callId: 'a', digest: 'd', approvalId: approval.id } as const;
    await store().write(lease, { turnId, at: 0, steps: [begun], spend });
    await expect(store().write(lease, { turnId, at: 1, steps: [begun], spend })).rejects.toThrow('no longer');
    const needed = { type: 'needed', callId: 'a', need: 'form', durationMs: 1 } as const;
    await store().write(lease, { turnId, at: 1, steps: [needed], restore: approval.id });
    await store().write(lease, { turnId, at: 2, steps: [begun], spend });
    expect((await store().load(turnId)).steps.map(({ type }) => type)).toEqual(['begun', 'needed', 'begun']);
  });

  it('keep what a form was filled in with until the turn ends, and no longer', async () => {
    const need: Need = { type: 'form', server: 'cafe', message: 'How many?', schema: { type: 'object' } };
    const { id, threadId } = await waiting({ need });
    await store().decide({
      approvalId: id,
      state: 'approved',
      by: ada,
      content: { count: 2 },
      now: new Date(),
    });
    expect(await store().approval(id)).toMatchObject({ content: { count: 2 }, need });
    const work = await claim(threadId);
    await store().settle(work.lease, settlement(work, { state: 'done', approvals: [] }));
    const after = await store().approval(id);
    expect(after).toMatchObject({ state: 'approved', need: { message: '', schema: {} } });
    expect(after).not.toHaveProperty('content');
  });
});
