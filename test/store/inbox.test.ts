import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BusyError } from '../../src/chat/errors.ts';
import type { Inbound } from '../../src/chat/inbound.ts';
import type { Claimed, InboxStore, Work } from '../../src/inbox/port.ts';
import { inboxStore } from '../../src/store/inbox.ts';
import { turnStore } from '../../src/store/turns.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';

const ada = { principal: 'web:ada', name: 'Ada' };
const leaseMs = 5000;

function message(threadId: string, text = 'hello', keys = [randomUUID()], author = ada): Inbound {
  return { threadId, dedupeKeys: keys, author, text };
}

describe.each(Object.entries(databases))('the inbox on %s', (_name, open) => {
  let database: TestDatabase;
  let inbox: InboxStore;
  const receive = (inbound: Inbound) => inbox.receive(inbound, randomUUID(), { maxPending: 5 });
  const newThread = () => `web:ada:${randomUUID()}`;
  const claim = (threadId: string, owner = 'me') => inbox.claim(owner, { leaseMs, threadId });

  beforeAll(async () => {
    database = await open();
    inbox = inboxStore(database.db);
  });
  afterAll(() => database.close());

  it('numbers the messages of a thread and hands them out in order', async () => {
    const threadId = newThread();
    const first = await receive(message(threadId, 'one'));
    await receive(message(threadId, 'two'));
    const claimed = workOf(await claim(threadId));
    expect(claimed).toMatchObject({
      seq: 1,
      attempts: 1,
      seen: 2,
      turn: { id: first.turnId, question: 'one' },
    });
    await inbox.drop(claimed.lease, claimed.seq);
    expect(workOf(await held(inbox, claimed))).toMatchObject({ seq: 2, turn: { question: 'two' } });
  });

  it('counts what waits, and not what is being answered, unless its process is gone', async () => {
    const waiting = async () => (await inbox.depth()).pending;
    const before = await waiting();
    const threadId = newThread();
    await receive(message(threadId));
    expect(await waiting()).toBe(before + 1);
    const claimed = workOf(await claim(threadId));
    expect(await waiting()).toBe(before);
    await receive(message(threadId, 'and this', undefined, { principal: 'web:bob', name: 'Bob' }));
    expect(await waiting()).toBe(before + 1);
    await inbox.handOver(claimed.lease, { delayMs: 0 });
    expect(await waiting()).toBe(before + 2);
  });

  it('stores a message once, whichever of its keys repeats', async () => {
    const threadId = newThread();
    const [event, ts] = [randomUUID(), randomUUID()];
    const first = await receive(message(threadId, 'one', [event, ts]));
    const again = await receive(message(threadId, 'one', [randomUUID(), ts]));
    expect(again).toEqual({ ...first, duplicate: true });
  });

  it('gives a repetition the fingerprint of the first delivery', async () => {
    const inbound = { ...message(newThread()), fingerprint: 'abc' };
    await receive(inbound);
    expect(await receive({ ...inbound, fingerprint: 'other' })).toMatchObject({
      duplicate: true,
      fingerprint: 'abc',
    });
  });

  it('keeps one of twenty simultaneous deliveries', async () => {
    const inbound = message(newThread());
    const all = await Promise.all(Array.from({ length: 20 }, () => receive(inbound)));
    expect(all.filter((received) => !received.duplicate)).toHaveLength(1);
    expect(new Set(all.map((received) => received.turnId)).size).toBe(1);
  });

  it('takes an idle thread together with its message, and runs the turn', async () => {
    const threadId = newThread();
    const stored = await inbox.receive(message(threadId), randomUUID(), {
      maxPending: 5,
      claim: { owner: 'me', leaseMs },
    });
    const work = workOf(stored.claimed);
    expect(work).toMatchObject({ seq: 1, attempts: 1, seen: 1, turn: { id: stored.turnId, activations: 1 } });
    expect(await claim(threadId, 'you')).toBeUndefined();
    await inbox.drop(work.lease, work.seq);
    expect(await inbox.release(work.lease, work.seen)).toBe(true);
    const again = await inbox.receive(message(threadId), randomUUID(), {
      maxPending: 5,
      claim: { owner: 'you', leaseMs },
    });
    expect(workOf(again.claimed).lease).toMatchObject({ owner: 'you', epoch: work.lease.epoch + 1 });
  });

  it('does not take a thread that has work or an owner', async () => {
    const threadId = newThread();
    await receive(message(threadId, 'first'));
    const options = { maxPending: 5, claim: { owner: 'me', leaseMs } };
    expect((await inbox.receive(message(threadId), randomUUID(), options)).claimed).toBeUndefined();
    expect(workOf(await claim(threadId)).turn?.question).toBe('first');
    expect((await inbox.receive(message(threadId), randomUUID(), options)).claimed).toBeUndefined();
  });

  it('gives an idle thread to one of twenty simultaneous messages', async () => {
    const threadId = newThread();
    const options = { maxPending: 50, claim: { owner: 'me', leaseMs } };
    const all = await Promise.all(
      Array.from({ length: 20 }, () => inbox.receive(message(threadId), randomUUID(), options)),
    );
    const taken = all.filter((stored) => stored.claimed !== undefined);
    expect(taken.map((stored) => stored.seq)).toEqual([1]);
  });

  it('leases a thread to one owner at a time', async () => {
    const threadId = newThread();
    await receive(message(threadId));
    expect(await claim(threadId, 'me')).toBeDefined();
    expect(await claim(threadId, 'you')).toBeUndefined();
  });

  it('lets another take over when the lease has run out, under a new epoch', async () => {
    const threadId = newThread();
    await receive(message(threadId));
    const mine = workOf(await inbox.claim('me', { leaseMs: 0, threadId }));
    const yours = workOf(await claim(threadId, 'you'));
    expect(yours.lease.epoch).toBe(mine.lease.epoch + 1);
    expect(yours.attempts).toBe(2);
    expect(await inbox.next(mine.lease)).toBe('lost');
    expect(await inbox.renew('me', [mine.lease], leaseMs)).toEqual([]);
  });

  it('is released only when nothing came since the last look', async () => {
    const threadId = newThread();
    await receive(message(threadId));
    const work = workOf(await claim(threadId));
    await inbox.drop(work.lease, work.seq);
    await receive(message(threadId, 'late'));
    expect(await inbox.release(work.lease, work.seen)).toBe(false);
    const next = workOf(await held(inbox, work));
    await inbox.drop(next.lease, next.seq);
    expect(await inbox.release(next.lease, next.seen)).toBe(true);
    expect(await claim(threadId)).toBeUndefined();
  });

  it('tells the owner who asked to stop', async () => {
    const threadId = newThread();
    await receive(message(threadId));
    const work = workOf(await claim(threadId));
    await turnStore(database.db).stop(threadId, { principal: 'web:bob', name: 'Bob' });
    expect(await inbox.renew('me', [work.lease], leaseMs)).toMatchObject([
      { threadId, stop: { turnId: work.turn?.id, by: 'Bob' } },
    ]);
  });

  it('refuses a thread that is too far behind, and counts the others', async () => {
    const threadId = newThread();
    for (let i = 0; i < 5; i += 1) await receive(message(threadId));
    await expect(receive(message(threadId))).rejects.toBeInstanceOf(BusyError);
    expect((await inbox.depth()).pending).toBeGreaterThanOrEqual(5);
  });

  it('keeps text with NUL characters and lone surrogates', async () => {
    const threadId = newThread();
    await receive(message(threadId, 'a\u0000b\ud800c'));
    expect(workOf(await claim(threadId)).turn?.question).toBe('ab\ufffdc');
  });
});

async function held(inbox: InboxStore, work: Work): Promise<Claimed> {
  const next = await inbox.next(work.lease);
  if (next === 'lost') throw new Error('the lease was lost');
  return next;
}

function workOf(claimed: Claimed | undefined): Work {
  if (claimed?.work === undefined) throw new Error('nothing was claimed');
  return claimed.work;
}
