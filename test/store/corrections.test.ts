import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Settlement } from '../../src/bot/port.ts';
import type { Work } from '../../src/inbox/port.ts';
import { checkpointStore } from '../../src/store/checkpoints.ts';
import { inboxStore } from '../../src/store/inbox.ts';
import { ledger } from '../../src/store/ledger.ts';
import { turnStore } from '../../src/store/turns.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';

const ada = { principal: 'web:ada', name: 'Ada' };
const bob = { principal: 'web:bob', name: 'Bob' };

describe.each(Object.entries(databases))('a message that changes, in the %s database', (_name, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  const store = () => turnStore(database.db);

  async function say(text: string) {
    const [threadId, dedupeKey] = [`web:ada:${randomUUID()}`, randomUUID()];
    const inbound = { threadId, dedupeKeys: [dedupeKey], author: ada, text };
    await inboxStore(database.db).receive(inbound, randomUUID(), { maxPending: 5 });
    return { threadId, dedupeKey, by: ada };
  }

  async function claim(threadId: string): Promise<Work> {
    const claimed = await inboxStore(database.db).claim('me', { leaseMs: 60_000, threadId });
    if (claimed?.work === undefined) throw new Error('nothing was claimed');
    return claimed.work;
  }

  async function end(work: Work, text: string) {
    const messages = [
      { role: 'user', text: `before it\n\n${text}` },
      { role: 'assistant', text: 'Seen.', calls: [] },
    ] as const;
    const settlement: Settlement = {
      ...{ turnId: work.turn?.id ?? '', platform: 'web', generation: 0, state: 'done', model: '', workMs: 1 },
      ...{ seq: work.seq, seen: work.seq, at: 0, steps: [], post: false, ordinal: 0, approvals: [] },
      checkpoint: { id: work.turn?.id ?? '', tokens: 7, messages },
    };
    return await store().settle(work.lease, settlement);
  }

  async function remembered({ threadId, turn }: { threadId: string; turn: string }) {
    const loaded = await checkpointStore(database.db).load(threadId, turn, 1000);
    return loaded?.flatMap((checkpoint) => checkpoint.messages.map((message) => message.text));
  }

  it('is changed and taken back by its author alone, under its own key, in its own thread', async () => {
    const message = await say('hello');
    for (const other of [
      { ...message, by: bob },
      { ...message, dedupeKey: 'another' },
      { ...message, threadId: 'web:ada:another' },
    ]) {
      expect(await store().retract(other)).toBe(false);
      expect(await store().amend({ ...other, text: 'mine' })).toBe('unknown');
    }
    expect((await claim(message.threadId)).turn?.question).toBe('hello');
  });

  it('is answered as it was changed, if its turn has not begun', async () => {
    const message = await say('old');
    expect(await store().amend({ ...message, text: 'new' })).toBe('replaced');
    const work = await claim(message.threadId);
    expect(work.turn?.question).toBe('new');
    expect(await store().amend({ ...message, text: 'newest' })).toBe('open');
  });

  it('is remembered as it was changed afterwards, with what it stood in', async () => {
    const message = await say('old');
    const work = await claim(message.threadId);
    await end(work, 'old');
    expect(await store().amend({ ...message, text: 'new' })).toBe('replaced');
    expect(await remembered({ ...message, turn: work.turn?.id ?? '' })).toEqual([
      'before it\n\nnew',
      'Seen.',
    ]);
  });

  it('makes the conversation another one, once for each change that was made', async () => {
    const message = await say('old');
    const { revision } = ledger(database.db);
    expect(await revision(message.threadId)).toBe('0.0');
    await end(await claim(message.threadId), 'old');
    await store().amend({ ...message, text: 'new' });
    expect(await revision(message.threadId)).toBe('0.1');
    await store().amend({ ...message, by: bob, text: 'mine' });
    await store().retract(message);
    await store().retract(message);
    expect(await revision(message.threadId)).toBe('0.2');
    await store().clear(message.threadId, ada);
    expect(await revision(message.threadId)).toBe('1.2');
  });

  it('is forgotten with its turn, whether it was taken back after the end or before', async () => {
    const [after, before] = [await say('secret'), await say('secret')];
    const ended = await claim(after.threadId);
    expect(await end(ended, 'secret')).toMatchObject({ isRetracted: false });
    expect(await store().retract(after)).toBe(true);
    const running = await claim(before.threadId);
    expect(await store().retract(before)).toBe(true);
    expect(await end(running, 'secret')).toMatchObject({ isRetracted: true });
    expect(await remembered({ ...after, turn: ended.turn?.id ?? '' })).toEqual([]);
    expect(await remembered({ ...before, turn: running.turn?.id ?? '' })).toEqual([]);
    for (const { threadId } of [after, before])
      expect(JSON.stringify(await store().history(threadId, 5))).not.toContain('secret');
    expect(await store().retract(after)).toBe(false);
  });

  it('stops its own turn and no other', async () => {
    const first = await say('first');
    const running = await claim(first.threadId);
    const second = { ...first, dedupeKey: randomUUID() };
    const inbound = { threadId: first.threadId, dedupeKeys: [second.dedupeKey], author: ada, text: 'second' };
    await inboxStore(database.db).receive(inbound, randomUUID(), { maxPending: 5 });
    expect(await store().retract(second)).toBe(true);
    const write = { turnId: running.turn?.id ?? '', at: 0, steps: [] };
    expect((await store().write(running.lease, write)).stopRequestedBy).toBeUndefined();
    expect(await store().retract(first)).toBe(true);
    expect((await store().write(running.lease, write)).stopRequestedBy).toBe('Ada');
  });
});
