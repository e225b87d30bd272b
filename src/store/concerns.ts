import { sql } from 'kysely';
import type { ConcernCard, Reply } from '../chat/reply.ts';
import type { Concern, ConcernStore, Notice } from '../inbox/port.ts';
import { type ConcernRow, readConcern } from './concern-rows.ts';
import type { Database, Executor } from './database.ts';
import { cleanText, toJson } from './json.ts';
import { holdThread, replaceWords, wordsOf } from './restating.ts';
import { transact } from './transact.ts';

/** Concerns in SQL, with the words that tell of them. `now` says when a snooze is over. */
export function concernStore(db: Database, now: () => number = Date.now): ConcernStore {
  return {
    async ofSubject(subject, sinceMs) {
      const { rows } = await sql<ConcernRow>`
        select c.*, t.thread_id from concerns c left join turns t using (id)
        where subject = ${subject} and (c.state <> 'resolved' or c.at > ${new Date(now() - sinceMs)})
        order by c.created desc, c.id`.execute(db);
      return rows.map((row) => readConcern(row, now()));
    },
    find: async (id) => (isUuid(id) ? await read(db, id, now()) : undefined),
    newestIn: async (threadId) => {
      const { rows } = await sql<ConcernRow>`
        select c.*, t.thread_id from concerns c join turns t using (id) join threads h using (thread_id)
        where thread_id = ${threadId} and t.generation = h.generation and c.state <> 'resolved'
        order by c.created desc, c.id limit 1`.execute(db);
      return rows[0] === undefined ? undefined : readConcern(rows[0], now());
    },
    async attend(id, change) {
      if (!isUuid(id)) return undefined;
      return await transact(db, (trx) => attend(trx, { id, now: now(), ...change }));
    },
    async placeOf(id) {
      if (!isUuid(id)) return undefined;
      const { rows } = await sql<{ place: string | null }>`
        select coalesce(
          (select thread_id from turns where id = ${id}::uuid),
          (select thread_id from outbox where turn_id = ${id}::uuid and ordinal = 0)) as place`.execute(db);
      return rows[0]?.place ?? undefined;
    },
    async wake(limit) {
      const { rows } = await sql<{ id: string }>`
        select id from concerns where state = 'snoozed' and until <= ${new Date(now())}
        order by until limit ${limit}`.execute(db);
      const failures: unknown[] = [];
      for (const { id } of rows)
        await transact(db, (trx) => wake(trx, id, now())).catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw new AggregateError(failures, 'Some snoozes could not be ended.');
      return rows.length;
    },
  };
}

/** What cannot be the id of a notice is none. */
function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}

/** Stores what a notice says needs attention, in the notice's transaction; stored twice, it is one. */
export async function insertConcern(trx: Executor, { id, concern }: Notice): Promise<void> {
  if (concern === undefined) return;
  await sql`
    insert into concerns (id, subject, items)
    values (${id}::uuid, ${cleanText(concern.subject)}, ${toJson(concern.items)}::jsonb)
    on conflict (id) do nothing`.execute(trx);
}

/** A notice whose concern, if it has one, is drawn with it from the first. */
export function withCard(notice: Notice): Notice {
  if (notice.concern === undefined) return notice;
  return { ...notice, reply: { ...notice.reply, concern: { id: notice.id, state: 'open' } } };
}

/**
 * Replaces what a notice says wherever it stands: in its thread at once, and on its platform by an edit, never
 * by a post. Its concern is drawn as it stands at `now`, whatever the reply says of it. False: nothing of it is left.
 */
export async function restateNotice(
  trx: Executor,
  noticeId: string,
  reply: Reply,
  now: number,
): Promise<boolean> {
  await holdThread(trx, noticeId);
  const concern = await read(trx, noticeId, now, 'locked');
  const drawn = concern === undefined ? reply : { ...reply, concern: cardOf(concern) };
  return await replaceWords(trx, noticeId, drawn);
}

/** It is over: nobody needs to attend to it, and its notice says so, in these words where they are given. */
export async function resolveConcern(trx: Executor, id: string, now: number, reply?: Reply): Promise<void> {
  await holdThread(trx, id);
  await sql`update concerns set state = 'resolved' where id = ${id}::uuid`.execute(trx);
  const words = reply ?? (await wordsOf(trx, id));
  if (words !== undefined) await restateNotice(trx, id, words, now);
}

type Change = Parameters<ConcernStore['attend']>[1] & { readonly id: string; readonly now: number };

/** Who acknowledged first stays the one who did; what is resolved stays so. */
async function attend(trx: Executor, change: Change): ReturnType<ConcernStore['attend']> {
  const { id, now } = change;
  await holdThread(trx, id);
  const before = await read(trx, id, now, 'locked');
  const words = await wordsOf(trx, id);
  if (before === undefined || words === undefined) return undefined;
  const isNews = before.state !== 'resolved' && (change.state === 'snoozed' || change.state !== before.state);
  if (isNews) await write(trx, change);
  const concern = (isNews ? await read(trx, id, now) : undefined) ?? before;
  const isLate = change.state === 'acknowledged' && before.state === 'acknowledged';
  const reply = { ...words, concern: cardOf(concern) };
  // A snooze that is over may still be drawn as one.
  if (isNews || words.concern?.state !== concern.state) await replaceWords(trx, id, reply);
  return { concern, reply, isOthers: isLate && before.by?.principal !== change.by.principal };
}

/** A snooze that is over is drawn so, once. */
async function wake(trx: Executor, id: string, now: number): Promise<void> {
  await holdAlerts(trx, id);
  await holdThread(trx, id);
  const { rows } = await sql`
    update concerns set state = 'open', by_principal = null, by_name = null, at = null, until = null
    where id = ${id}::uuid and state = 'snoozed' and until <= ${new Date(now)} returning id`.execute(trx);
  if (rows.length === 0) return;
  const words = await wordsOf(trx, id);
  if (words !== undefined) await restateNotice(trx, id, words, now);
  // What still fires is told of again, by whoever tells of alerts.
  await sql`
    update alert_groups set is_awake = true, due_at = ${new Date(now)}
    where notice_id = ${id}::uuid and state = 'firing'`.execute(trx);
}

/** Of the alerts that a notice tells of nobody else writes until the transaction ends. */
async function holdAlerts(trx: Executor, noticeId: string): Promise<void> {
  await sql`
    select from alert_route_states
    where route_id = (
      select route_id from alert_groups where state = 'firing' and notice_id = ${noticeId}::uuid limit 1
    ) for update`.execute(trx);
}

async function write(trx: Executor, { id, state, minutes = 0, by, now }: Change): Promise<void> {
  const isSaid = state !== 'open';
  const until = state === 'snoozed' ? new Date(now + minutes * 60_000) : null;
  await sql`
    update concerns set state = ${state}, by_principal = ${isSaid ? by.principal : null},
      by_name = ${isSaid ? cleanText(by.name) : null}, at = ${isSaid ? new Date(now) : null}, until = ${until}
    where id = ${id}::uuid`.execute(trx);
  await sql`
    insert into audit_log (source, actor, action, target, detail, thread_id)
    select 'chat', ${by.principal}, ${`concern.${state}`}, c.id::text,
      jsonb_strip_nulls(jsonb_build_object('subject', c.subject, 'until', c.until)), t.thread_id
    from concerns c left join turns t using (id) where c.id = ${id}::uuid`.execute(trx);
}

async function read(db: Executor, id: string, now: number, hold?: 'locked'): Promise<Concern | undefined> {
  const { rows } = await sql<ConcernRow>`
    select c.*, t.thread_id from concerns c left join turns t using (id) where c.id = ${id}::uuid
    ${hold === undefined ? sql`` : sql`for update of c`}`.execute(db);
  return rows[0] === undefined ? undefined : readConcern(rows[0], now);
}

/** A concern as its notice draws it. */
export function cardOf({ id, state, by, until }: Concern): ConcernCard {
  return {
    id,
    state,
    ...(by === undefined ? {} : { by: by.name }),
    ...(state === 'snoozed' && until !== undefined ? { until: until.toISOString() } : {}),
  };
}
