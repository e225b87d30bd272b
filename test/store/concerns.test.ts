import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MessageRef, type Post, PostError, type Poster } from '../../src/chat/adapter.ts';
import type { Reply } from '../../src/chat/reply.ts';
import { createOutbox, type Outbox } from '../../src/inbox/outbox.ts';
import type { Notice } from '../../src/inbox/port.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { concernStore, resolveConcern, restateNotice } from '../../src/store/concerns.ts';
import type { Database } from '../../src/store/database.ts';
import { storeNotice } from '../../src/store/notices.ts';
import { outboxStore } from '../../src/store/outbox.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';

const ann = { principal: 'chat:t:ann', name: 'Ann' };
const bob = { principal: 'chat:t:bob', name: 'Bob' };
const channelId = 'chat:ops';

/** A platform whose messages can be deleted, and whose answers can be held back. */
function openPlatform() {
  const messages = new Map<string, Reply>();
  let held: Promise<void> = Promise.resolve();
  const poster: Poster = {
    async post({ key, reply }: Post) {
      const id = `m${messages.size}-${key}`;
      messages.set(id, reply);
      await held;
      return { id };
    },
    async edit({ id = '' }: MessageRef, { reply }: Post) {
      if (!messages.has(id)) throw new PostError('gone', { outcome: 'refused', retryable: false });
      await held;
      messages.set(id, reply);
    },
    threadOf: ({ id = '' }) => `chat:ops:${id}`,
  };
  return {
    messages,
    poster,
    /** Requests get their answers when what this returns is called. */
    hold(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    texts: () => [...messages.values()].map(({ text, concern }) => [text, concern?.state]),
  };
}

describe.each(Object.entries(databases))('concerns on %s', (_name, open) => {
  let database: TestDatabase;
  let db: Database;
  let platform: ReturnType<typeof openPlatform>;
  let outbox: Outbox;
  let time: number;
  const concerns = () => concernStore(db, () => time);

  beforeAll(async () => {
    database = await open();
    db = database.db;
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await sql`truncate threads, inbox_events, turns, checkpoints, outbox, concerns cascade`.execute(db);
    time = Date.now();
    platform = openPlatform();
    outbox = createOutbox({
      store: outboxStore(db),
      posters: new Map([['chat', platform.poster]]),
      owner: 'me',
      log: silentLog,
      metrics: createMetrics(),
      pollMs: 20,
    });
    return async () => await outbox.stop();
  });

  const inTransaction = <T>(work: (trx: Database) => Promise<T>) => db.transaction().execute(work);
  const saying = (id: string, text: string): Reply => ({ kind: 'answer', text, turnId: id });

  /** Tells of something bad, in a channel or in a thread of the console. */
  async function tell(changes: Partial<Notice> = {}): Promise<string> {
    const id = randomUUID();
    const notice: Notice = {
      id,
      platform: 'chat',
      place: { type: 'channel', address: channelId },
      title: 'Disk',
      author: { principal: 'bot', name: 'Bot' },
      reply: saying(id, 'The disk is full.'),
      isPosted: true,
      concern: { subject: 'alert:1', items: [{ key: 'disk', verdict: 'critical' }] },
      ...changes,
    };
    await inTransaction((trx) => storeNotice(trx, notice));
    return id;
  }

  const settled = async () => {
    await expect
      .poll(async () => (await sql`select from outbox where state = 'pending'`.execute(db)).rows.length, {
        interval: 10,
      })
      .toBe(0);
  };
  const stored = async (id: string) =>
    (await sql<{ reply: Reply }>`select reply from turns where id = ${id}::uuid`.execute(db)).rows[0]?.reply;

  it('draws a concern from the first, and what becomes of it where it was posted', async () => {
    const id = await tell();
    outbox.start();
    await settled();
    expect(platform.texts()).toEqual([['The disk is full.', 'open']]);
    const attended = await concerns().attend(id, { state: 'acknowledged', by: ann });
    expect(attended?.reply.concern).toEqual({ id, state: 'acknowledged', by: 'Ann' });
    await settled();
    expect(platform.texts()).toEqual([['The disk is full.', 'acknowledged']]);
    expect((await stored(id))?.concern?.state).toBe('acknowledged');
    await inTransaction((trx) => resolveConcern(trx, id, saying(id, 'The disk has room again.')));
    await settled();
    expect(platform.texts()).toEqual([['The disk has room again.', 'resolved']]);
  });

  it('keeps the first who acknowledged, and leaves what is resolved', async () => {
    const id = await tell();
    await concerns().attend(id, { state: 'acknowledged', by: ann });
    const second = await concerns().attend(id, { state: 'acknowledged', by: bob });
    expect(second?.concern).toMatchObject({ state: 'acknowledged', by: ann });
    expect((await concerns().attend(id, { state: 'open', by: bob }))?.concern.by).toBeUndefined();
    await inTransaction((trx) => resolveConcern(trx, id));
    const late = await concerns().attend(id, { state: 'snoozed', minutes: 5, by: bob });
    expect(late?.concern.state).toBe('resolved');
    const { rows } = await sql<{ actor: string; action: string }>`
      select actor, action from audit_log where target = ${id} order by id`.execute(db);
    expect(rows.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      'chat:t:ann concern.acknowledged',
      'chat:t:bob concern.open',
    ]);
  });

  it('takes a snooze that is over for open', async () => {
    const id = await tell();
    const snoozed = await concerns().attend(id, { state: 'snoozed', minutes: 60, by: ann });
    expect(snoozed?.reply.concern).toEqual({
      ...{ id, state: 'snoozed', by: 'Ann' },
      until: new Date(time + 3_600_000).toISOString(),
    });
    time += 3_599_000;
    expect((await concerns().find(id))?.state).toBe('snoozed');
    time += 2000;
    expect(await concerns().find(id)).toMatchObject({ state: 'open' });
    expect((await concerns().find(id))?.by).toBeUndefined();
    expect((await concerns().attend(id, { state: 'acknowledged', by: bob }))?.concern.by).toEqual(bob);
  });

  it('lists what of a subject is open, or was attended to of late', async () => {
    const [attended, untouched, open_] = [await tell(), await tell(), await tell()];
    await tell({ concern: { subject: 'alert:2', items: [] } });
    await concerns().attend(attended, { state: 'acknowledged', by: ann });
    for (const id of [attended, untouched]) await inTransaction((trx) => resolveConcern(trx, id));
    const ids = async () => (await concerns().ofSubject('alert:1', 60_000)).map(({ id }) => id);
    expect(await ids()).toEqual([open_, attended]);
    time += 61_000;
    expect(await ids()).toEqual([open_]);
  });

  it('says new words in the post itself while nobody has tried to send it', async () => {
    const id = await tell();
    expect(await inTransaction((trx) => restateNotice(trx, id, saying(id, 'It is fuller.')))).toBe(true);
    outbox.start();
    await settled();
    expect(platform.texts()).toEqual([['It is fuller.', 'open']]);
    expect((await stored(id))?.text).toBe('It is fuller.');
    expect((await sql`select from outbox`.execute(db)).rows).toHaveLength(1);
  });

  it('edits a post that was on its way when the words changed, once it is out', async () => {
    const release = platform.hold();
    const id = await tell();
    outbox.start();
    await expect.poll(() => platform.messages.size).toBe(1);
    await inTransaction((trx) => restateNotice(trx, id, saying(id, 'It is fuller.')));
    release();
    await settled();
    expect(platform.texts()).toEqual([['It is fuller.', 'open']]);
    expect((await stored(id))?.text).toBe('It is fuller.');
  });

  it('sends the newest words last, however many came while an edit was on its way', async () => {
    const id = await tell();
    outbox.start();
    await settled();
    const release = platform.hold();
    for (const text of ['one', 'two', 'three']) {
      await inTransaction((trx) => restateNotice(trx, id, saying(id, text)));
      await expect
        .poll(async () => (await sql`select from outbox where owner is not null`.execute(db)).rows.length)
        .toBe(1);
    }
    release();
    await settled();
    expect(platform.texts()).toEqual([['three', 'open']]);
  });

  it('posts nothing where the message is gone', async () => {
    const id = await tell();
    outbox.start();
    await settled();
    platform.messages.clear();
    await concerns().attend(id, { state: 'acknowledged', by: ann });
    await settled();
    expect(platform.texts()).toEqual([]);
    const { rows } = await sql<{ state: string }>`select state from outbox where restates`.execute(db);
    expect(rows).toEqual([{ state: 'dead' }]);
  });

  it('gives up the new words of a post that never came out', async () => {
    const refused = Promise.withResolvers<MessageRef>();
    platform.poster.post = () => refused.promise;
    const id = await tell();
    outbox.start();
    await expect
      .poll(async () => (await sql`select from outbox where owner is not null`.execute(db)).rows.length)
      .toBe(1);
    await inTransaction((trx) => restateNotice(trx, id, saying(id, 'It is fuller.')));
    refused.reject(new PostError('no such channel', { outcome: 'refused', retryable: false }));
    await settled();
    expect(platform.texts()).toEqual([]);
    expect(await inTransaction((trx) => restateNotice(trx, id, saying(id, 'Again.')))).toBe(false);
  });

  it('does not let an edit that fails hold up what else is said in the channel', async () => {
    const id = await tell();
    outbox.start();
    await settled();
    platform.poster.edit = async () => {
      throw new PostError('slow down', { outcome: 'refused', retryable: true, retryAfterMs: 60_000 });
    };
    await concerns().attend(id, { state: 'acknowledged', by: ann });
    await tell();
    await expect.poll(() => platform.messages.size).toBe(2);
  });

  it('finds the newest that a thread tells of', async () => {
    const place = { type: 'thread', threadId: 'web:ops:1' } as const;
    const web = { platform: 'web', isPosted: false, place };
    const older = await tell(web);
    expect(await concerns().newestIn('web:ops:1')).toMatchObject({ id: older, threadId: 'web:ops:1' });
    const newer = await tell(web);
    expect((await concerns().newestIn('web:ops:1'))?.id).toBe(newer);
    await inTransaction((trx) => resolveConcern(trx, newer));
    expect((await concerns().newestIn('web:ops:1'))?.id).toBe(older);
    expect((await stored(newer))?.concern?.state).toBe('resolved');
    expect((await sql`select from outbox`.execute(db)).rows).toEqual([]);
  });

  it('knows nothing of other ids', async () => {
    expect(await concerns().find('nonsense')).toBeUndefined();
    expect(await concerns().attend(randomUUID(), { state: 'open', by: ann })).toBeUndefined();
    expect(await concerns().attend('nonsense', { state: 'open', by: ann })).toBeUndefined();
  });
});
