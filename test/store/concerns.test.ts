import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AlertBooks } from '../../src/alerts/port.ts';
import { type MessageRef, type Post, PostError, type Poster } from '../../src/chat/adapter.ts';
import type { Reply } from '../../src/chat/reply.ts';
import { createOutbox, type Outbox } from '../../src/inbox/outbox.ts';
import type { Notice } from '../../src/inbox/port.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { alertBooks } from '../../src/store/alert-books.ts';
import { concernStore, resolveConcern, restateNotice } from '../../src/store/concerns.ts';
import type { Database, Executor } from '../../src/store/database.ts';
import { storeNotice } from '../../src/store/notices.ts';
import { outboxStore } from '../../src/store/outbox.ts';
import { tellOver } from '../../src/store/schedule-concerns.ts';
import { databases, openTestPostgres, type TestDatabase } from '../fakes/database.ts';
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
    await inTransaction((trx) => resolveConcern(trx, id, time, saying(id, 'The disk has room again.')));
    await settled();
    expect(platform.texts()).toEqual([['The disk has room again.', 'resolved']]);
  });

  it('keeps the first who acknowledged, and leaves what is resolved', async () => {
    const id = await tell();
    await concerns().attend(id, { state: 'acknowledged', by: ann });
    const second = await concerns().attend(id, { state: 'acknowledged', by: bob });
    expect(second?.concern).toMatchObject({ state: 'acknowledged', by: ann });
    expect((await concerns().attend(id, { state: 'open', by: bob }))?.concern.by).toBeUndefined();
    await inTransaction((trx) => resolveConcern(trx, id, time));
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
    for (const id of [attended, untouched]) await inTransaction((trx) => resolveConcern(trx, id, time));
    const ids = async () => (await concerns().ofSubject('alert:1', 60_000)).map(({ id }) => id);
    expect(await ids()).toEqual([open_, attended]);
    time += 61_000;
    expect(await ids()).toEqual([open_]);
  });

  it('says new words in the post itself while nobody has tried to send it', async () => {
    const id = await tell();
    expect(await inTransaction((trx) => restateNotice(trx, id, saying(id, 'It is fuller.'), time))).toBe(
      true,
    );
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
    await inTransaction((trx) => restateNotice(trx, id, saying(id, 'It is fuller.'), time));
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
      await inTransaction((trx) => restateNotice(trx, id, saying(id, text), time));
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
    await inTransaction((trx) => restateNotice(trx, id, saying(id, 'It is fuller.'), time));
    refused.reject(new PostError('no such channel', { outcome: 'refused', retryable: false }));
    await settled();
    expect(platform.texts()).toEqual([]);
    expect(await inTransaction((trx) => restateNotice(trx, id, saying(id, 'Again.'), time))).toBe(false);
  });

  it('says the newest words although the edit before them is refused for good', async () => {
    const id = await tell();
    outbox.start();
    await settled();
    const { edit } = platform.poster;
    const refused = Promise.withResolvers<void>();
    let edits = 0;
    platform.poster.edit = async (ref, post, signal) => {
      edits += 1;
      return edits === 1 ? await refused.promise : await edit(ref, post, signal);
    };
    await inTransaction((trx) => restateNotice(trx, id, saying(id, 'Too much.'), time));
    await expect.poll(() => edits).toBe(1);
    await inTransaction((trx) => restateNotice(trx, id, saying(id, 'It is fuller.'), time));
    refused.reject(new PostError('too long', { outcome: 'refused', retryable: false }));
    await settled();
    expect(platform.texts()).toEqual([['It is fuller.', 'open']]);
  });

  it('knows people by who they are, and not by their names', async () => {
    const id = await tell();
    const namesake = { principal: 'chat:t:ann2', name: 'Ann' };
    const acknowledged = async (by: typeof ann) => await concerns().attend(id, { state: 'acknowledged', by });
    expect((await acknowledged(ann))?.isOthers).toBe(false);
    expect((await acknowledged({ ...ann, name: 'Ann Miller' }))?.isOthers).toBe(false);
    expect((await acknowledged(namesake))?.isOthers).toBe(true);
  });

  it('knows where it is told, before and after that has a thread', async () => {
    const id = await tell();
    expect(await concerns().placeOf(id)).toBe(channelId);
    outbox.start();
    await settled();
    expect(await concerns().placeOf(id)).toBe(`chat:ops:${[...platform.messages.keys()][0]}`);
    for (const other of ['nonsense', randomUUID()]) expect(await concerns().placeOf(other)).toBeUndefined();
  });

  it('draws what was snoozed as open, once, when its time is over', async () => {
    const [id, later] = [await tell(), await tell()];
    outbox.start();
    await settled();
    await concerns().attend(id, { state: 'snoozed', minutes: 60, by: ann });
    await concerns().attend(later, { state: 'snoozed', minutes: 90, by: ann });
    expect(await concerns().wake(10)).toBe(0);
    time += 3_601_000;
    expect(await concerns().wake(10)).toBe(1);
    await settled();
    expect(platform.texts().map(([, state]) => state)).toEqual(['open', 'snoozed']);
    expect((await stored(id))?.concern).toEqual({ id, state: 'open' });
    expect(await concerns().wake(10)).toBe(0);
  });

  it('ends every snooze that it can, though one of them cannot be ended', async () => {
    const [stuck, id] = [await tell(), await tell()];
    await concerns().attend(stuck, { state: 'snoozed', minutes: 30, by: ann });
    await concerns().attend(id, { state: 'snoozed', minutes: 60, by: ann });
    await sql`create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'It is stuck.'; end $$`.execute(db);
    await sql`create trigger stuck before update on concerns for each row
      when (old.id = ${sql.lit(stuck)}::uuid) execute function refuse()`.execute(db);
    try {
      time += 3_601_000;
      await expect(concerns().wake(10)).rejects.toThrow('Some snoozes could not be ended.');
      const { rows } = await sql<{ id: string }>`select id from concerns where state = 'open'`.execute(db);
      expect(rows).toEqual([{ id }]);
    } finally {
      await sql`drop trigger stuck on concerns`.execute(db);
      await sql`drop function refuse()`.execute(db);
    }
  });

  it('goes by one clock where a run ends', async () => {
    const [older, changed] = [await tell(), await tell()];
    for (const id of [older, changed])
      await concerns().attend(id, { state: 'snoozed', minutes: 60, by: ann });
    time += 3_601_000;
    const restated = [{ noticeId: changed, text: 'It is fuller.', title: 'Disk' }];
    await inTransaction((trx) => tellOver(trx, { superseded: [older], restated }, time));
    expect((await concerns().find(older))?.state).toBe('resolved');
    outbox.start();
    await settled();
    expect(platform.texts()).toEqual([
      ['The disk is full.', undefined],
      ['It is fuller.', 'open'],
    ]);
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
    await inTransaction((trx) => resolveConcern(trx, newer, time));
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

describe('concerns that several write to at once', () => {
  let database: TestDatabase;
  let db: Database;
  let books: Books;
  beforeAll(async () => {
    database = await openTestPostgres();
    db = database.db;
    books = openBooks(db);
  });
  afterAll(() => database.close());

  const concerns = () => concernStore(db);
  const inTransaction = (work: (trx: Executor) => Promise<void>) => db.transaction().execute(work);
  const saying = (id: string): Reply => ({ kind: 'answer', text: 'The disk is fuller.', turnId: id });

  /** In a thread of its own. */
  async function tell(): Promise<string> {
    const id = randomUUID();
    await inTransaction((trx) =>
      storeNotice(trx, {
        ...{ id, platform: 'web', title: 'Disk', author: { principal: 'bot', name: 'Bot' }, isPosted: false },
        ...{ place: { type: 'thread', threadId: threadOf(id) }, reply: saying(id) },
        concern: { subject: 'alert:1', items: [] },
      }),
    );
    return id;
  }

  /** All that writes to a concern, without any retry but its own. */
  const writers: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
    attended: (id) => concerns().attend(id, { state: 'snoozed', minutes: 1, by: ann }),
    superseded: (id) => inTransaction((trx) => tellOver(trx, { superseded: [id] }, Date.now())),
    restated: (id) =>
      inTransaction((trx) => {
        const restated = [{ noticeId: id, text: 'The disk is fuller.', title: 'Disk' }];
        return tellOver(trx, { restated }, Date.now());
      }),
    resolved: (id) => inTransaction((trx) => resolveConcern(trx, id, Date.now())),
    reopened: (id) => books((held) => held.reopen(id, saying(id))),
  };

  const waiting = async () => {
    const { rows } = await sql`
      select from pg_locks l join pg_stat_activity a using (pid)
      where not l.granted and a.datname = current_database()`.execute(db);
    return rows.length;
  };

  it.each(Object.keys(writers))('are %s by a transaction that holds the thread first', async (name) => {
    const id = await tell();
    // Only what is over can begin again.
    if (name === 'reopened') await writers.resolved?.(id);
    let work: Promise<unknown> | undefined;
    await inTransaction(async (trx) => {
      await sql`select from threads where thread_id = ${threadOf(id)} for update`.execute(trx);
      work = writers[name]?.(id);
      await expect.poll(waiting, { interval: 5 }).toBe(1);
      // Throws where the one that waits for the thread holds it already.
      await sql`select from concerns where id = ${id}::uuid for update nowait`.execute(trx);
    });
    await work;
  });

  it('are written to by all of them, many times, and none is in the way of another', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, tell));
    const rounds = ids.flatMap((id) => Object.values(writers).map((write) => write(id)));
    const results = await Promise.allSettled(rounds);
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  it('are told of in the same order of threads by runs that end together', async () => {
    const [one, two] = [await tell(), await tell()];
    const ends = Array.from({ length: 20 }, (_unused, n) =>
      inTransaction((trx) => {
        const superseded = n % 2 === 0 ? [one, two] : [two, one];
        return tellOver(
          trx,
          { superseded, resolved: superseded.map((id) => ({ concernId: id })) },
          Date.now(),
        );
      }),
    );
    expect((await Promise.allSettled(ends)).filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  it('are attended to although the transaction was given up once for another', async () => {
    const id = await tell();
    let work: ReturnType<ReturnType<typeof concerns>['attend']> | undefined;
    await inTransaction(async (trx) => {
      await sql`select from concerns where id = ${id}::uuid for update`.execute(trx);
      work = concerns().attend(id, { state: 'acknowledged', by: ann });
      await expect.poll(waiting, { interval: 5 }).toBe(1);
      // Each waits for the other: PostgreSQL ends the one that has waited longer.
      await sql`select from threads where thread_id = ${threadOf(id)} for update`.execute(trx);
    });
    expect((await work)?.concern.by).toEqual(ann);
  });
});

const threadOf = (id: string) => `web:ops:${id}`;

type Books = (work: (books: AlertBooks) => Promise<void>) => Promise<unknown>;

/** The books of a route, in transactions that are not begun again. */
function openBooks(db: Database): Books {
  const state = { minute: 0, alerts: 0, investigated: [] };
  return (work) =>
    db
      .transaction()
      .execute((trx) => work(alertBooks(trx, { routeId: randomUUID(), now: Date.now(), state })));
}
