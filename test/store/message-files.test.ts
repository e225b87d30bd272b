import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InboundFile } from '../../src/chat/files.ts';
import { inboxStore } from '../../src/store/inbox.ts';
import { turnStore } from '../../src/store/turns.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';
import { png } from '../fakes/files.ts';

const ada = { principal: 'web:ada', name: 'Ada' };
const graph: InboundFile = {
  ...{ name: 'graph.png', mediaType: 'image/png', bytes: png.length },
  data: png.toString('base64'),
};

describe.each(Object.entries(databases))('files of messages, in the %s database', (_name, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  const inbox = () => inboxStore(database.db);
  const turns = () => turnStore(database.db);
  const newThread = () => `web:ada:${randomUUID()}`;

  async function say(threadId: string, key: string = randomUUID(), files = [graph]) {
    const inbound = { threadId, dedupeKeys: [key], author: ada, text: 'look', context: 'c', files };
    return await inbox().receive(inbound, randomUUID(), { maxPending: 5 });
  }

  async function claim(threadId: string) {
    const work = (await inbox().claim('me', { leaseMs: 60_000, threadId }))?.work;
    if (work?.turn === undefined) throw new Error('nothing was claimed');
    return { lease: work.lease, turn: work.turn, ids: (work.turn.files ?? []).map(({ id }) => id) };
  }

  async function stored(threadId: string): Promise<number> {
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from message_files where thread_id = ${threadId}`.execute(database.db);
    return rows[0]?.n ?? 0;
  }

  it('come with the turn of their message, and again when another process takes it over', async () => {
    const threadId = newThread();
    await say(threadId);
    const first = await claim(threadId);
    expect(first.turn).toMatchObject({
      context: 'c',
      files: [{ name: 'graph.png', mediaType: 'image/png' }],
    });
    expect(JSON.stringify(first.turn)).not.toContain(graph.data);
    await inbox().handOver(first.lease, { delayMs: 0 });
    const second = await claim(threadId);
    expect(second.ids).toEqual(first.ids);
    expect(await turns().files(threadId, second.ids)).toEqual(new Map([[first.ids[0], graph.data]]));
  });

  it('come with a thread that is taken together with the message', async () => {
    const threadId = newThread();
    const inbound = {
      threadId,
      dedupeKeys: [randomUUID()],
      author: ada,
      text: 'look',
      files: [graph, graph],
    };
    const claim = { owner: 'me', leaseMs: 60_000 };
    const received = await inbox().receive(inbound, randomUUID(), { maxPending: 5, claim });
    const ids = received.claimed?.work?.turn?.files?.map(({ id }) => id) ?? [];
    expect([...(await turns().files(threadId, ids)).keys()].sort()).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(2);
  });

  it('are stored once, however often the message is delivered', async () => {
    const [threadId, key] = [newThread(), randomUUID()];
    const both = await Promise.all([say(threadId, key), say(threadId, key)]);
    expect(both.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    await say(threadId, key);
    expect(await stored(threadId)).toBe(1);
  });

  it('go with a message that steers into the turn that it steers', async () => {
    const threadId = newThread();
    await say(threadId, randomUUID(), []);
    const { lease, turn } = await claim(threadId);
    await say(threadId);
    const options = { turnId: turn.id, asker: ada.principal, at: 0, named: true };
    const { steps } = await turns().steer(lease, options);
    const [step] = steps;
    const files = step?.type === 'said' ? (step.message.files ?? []) : [];
    expect(files).toMatchObject([{ name: 'graph.png', bytes: png.length }]);
    const ids = files.map(({ id }) => id);
    expect((await turns().files(threadId, ids)).get(ids[0] ?? '')).toBe(graph.data);
    const [view] = (await turns().history(threadId, 5)) ?? [];
    expect(view?.files).toBeUndefined();
  });

  it('are of their thread alone', async () => {
    const [mine, theirs] = [newThread(), newThread()];
    await say(mine);
    const { ids } = await claim(mine);
    expect((await turns().files(theirs, ids)).size).toBe(0);
  });

  it('are deleted when the message is taken back', async () => {
    const [threadId, dedupeKey] = [newThread(), randomUUID()];
    await say(threadId, dedupeKey);
    expect((await turns().history(threadId, 5))?.[0]?.files).toHaveLength(1);
    expect(await turns().retract({ threadId, dedupeKey, by: ada })).toBe(true);
    expect(await stored(threadId)).toBe(0);
    expect((await turns().history(threadId, 5))?.[0]?.files).toBeUndefined();
  });

  it('are deleted with the thread; those of a turn that runs are no longer given', async () => {
    const [waiting, running] = [newThread(), newThread()];
    await say(waiting);
    await turns().clear(waiting, ada);
    expect(await stored(waiting)).toBe(0);
    await say(running);
    const { ids } = await claim(running);
    await turns().clear(running, ada);
    expect((await turns().files(running, ids)).size).toBe(0);
  });
});
