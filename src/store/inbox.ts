import { type RawBuilder, sql } from 'kysely';
import { BusyError } from '../chat/errors.ts';
import type { Inbound, Received } from '../chat/inbound.ts';
import type { Claimed, InboxStore, LeaseKey, Renewed, Stored, TurnRow, Work } from '../inbox/port.ts';
import type { Executor } from './database.ts';
import { cleanText } from './json.ts';
import { channel } from './signals.ts';

/** The durable inbox in SQL. Each method is one statement, and so one transaction, unless it says otherwise. */
export function inboxStore(db: Executor): InboxStore {
  return {
    receive: (inbound, turnId, options) => receive(db, inbound, turnId, options),
    async claim(owner, options) {
      const row = await look(db, takeThread(owner, options));
      return row === undefined ? undefined : toClaimed(row);
    },
    async next(lease) {
      const row = await look(db, heldThread(lease));
      return row === undefined ? 'lost' : toClaimed(row);
    },
    renew: (owner, leases, leaseMs) => renew(db, owner, leases, leaseMs),
    release: (lease, seen) => release(db, lease, seen),
    handOver: (lease, options) => handOver(db, lease, options),
    async drop(lease, seq) {
      await sql`
        with thread as (
          select generation from threads where ${holds(lease)} for share
        ), event as (
          update inbox_events set state = 'handled', handled_at = now() from thread
          where thread_id = ${lease.threadId} and seq = ${seq} returning turn_id
        )
        delete from turns using thread, event
        where turns.id = event.turn_id and turns.generation <> thread.generation`.execute(db);
    },
    async depth() {
      const { rows } = await sql<{ pending: number; oldest: number | null }>`
        select count(*)::int as pending, (extract(epoch from now() - min(received_at)) * 1000)::float8 as oldest
        from inbox_events where state = 'pending'`.execute(db);
      return { pending: rows[0]?.pending ?? 0, oldestMs: Math.max(0, rows[0]?.oldest ?? 0) };
    },
    async clearLeases() {
      await sql`update threads set owner = null, until = null where owner is not null`.execute(db);
    },
  };
}

/** The rows of `threads` that this lease holds. */
export function holds(lease: LeaseKey): RawBuilder<unknown> {
  return sql`thread_id = ${lease.threadId} and owner = ${lease.owner} and epoch = ${lease.epoch}`;
}

const titleCharacters = 80;

interface ReceiveRow {
  readonly seq: number | null;
  readonly known: boolean;
  readonly waiting: number;
  readonly thread_seq: number | null;
  readonly taken: boolean | null;
  readonly epoch: number;
  readonly generation: number;
  readonly head: string | null;
  readonly head_at: Date | null;
  readonly config_version: number;
  readonly created_at: Date;
}

/**
 * An idle thread (its row says that nothing is ready and nobody holds it) can be taken together with
 * the message; its turn is then already running when this commits.
 */
async function receive(
  db: Executor,
  inbound: Inbound,
  turnId: string,
  { maxPending, claim }: Parameters<InboxStore['receive']>[2],
): Promise<Stored> {
  const { threadId, author } = inbound;
  const text = cleanText(inbound.text);
  const keys = [...new Set(inbound.dedupeKeys)];
  const wanted = claim !== undefined;
  const owner = claim?.owner ?? null;
  const until = sql`now() + ${`${claim?.leaseMs ?? 0} ms`}::interval`;
  const takes = sql`${wanted}::boolean and threads.ready_at is null and threads.owner is null`;
  const { rows } = await sql<ReceiveRow>`
    with known as (
      select 1 from dedupe_keys where key = any(${keys}::text[]) limit 1
    ), waiting as (
      select count(*)::int as n from (
        select 1 from inbox_events where thread_id = ${threadId} and state = 'pending' limit ${maxPending}
      ) pending
    ), thread as (
      insert into threads (thread_id, platform, started_by, title, seq, ready_at, owner, until, epoch, taken_with)
      select ${threadId}, ${platformOf(threadId)}, ${author.principal}, ${text.slice(0, titleCharacters)}, 1, now(),
        ${owner}, case when ${wanted}::boolean then ${until} end, ${wanted}::boolean::int,
        case when ${wanted}::boolean then ${turnId}::uuid end
      from waiting where n < ${maxPending} and not exists (select from known)
      on conflict (thread_id) do update set
        seq = threads.seq + 1, ready_at = coalesce(threads.ready_at, now()),
        owner = case when ${takes} then ${owner} else threads.owner end,
        until = case when ${takes} then ${until} else threads.until end,
        epoch = case when ${takes} then threads.epoch + 1 else threads.epoch end,
        taken_with = case when ${takes} then ${turnId}::uuid else threads.taken_with end,
        title = coalesce(threads.title, excluded.title), updated_at = now()
      returning thread_id, seq, generation, epoch, head, head_at,
        taken_with is not distinct from ${turnId}::uuid as taken
    ), keys as (
      insert into dedupe_keys (key, thread_id, seq)
      select key, thread.thread_id, thread.seq from thread, unnest(${keys}::text[]) as key
      on conflict do nothing returning key
    ), turn as (
      insert into turns (id, thread_id, generation, state, asker, asker_name, question, activations, started_at,
        created_at)
      select ${turnId}::uuid, thread_id, generation, case when taken then 'running' else 'queued' end,
        ${author.principal}, ${cleanText(author.name)}, ${text}, taken::int, case when taken then now() end,
        clock_timestamp()
      from thread where (select count(*) from keys) = ${keys.length}
      returning id, created_at
    ), event as (
      insert into inbox_events (thread_id, seq, type, turn_id, author, payload, fingerprint, traceparent, attempts)
      select thread.thread_id, thread.seq, 'message', turn.id, ${author.principal}, '{}'::jsonb,
        ${inbound.fingerprint ?? null}, ${inbound.traceparent ?? null}, taken::int
      from thread, turn
      returning seq
    )
    select (select seq from event) as seq, exists (select from known) as known, (select n from waiting) as waiting,
      thread.seq as thread_seq, thread.taken, thread.epoch, thread.generation, thread.head, thread.head_at,
      (select version from config_version) as config_version, (select created_at from turn) as created_at,
      case when ${!wanted} and exists (select from event)
        then pg_notify(${channel}, 'ready ' || ${threadId}::text) end as notified
    from (select) as always left join thread on true`.execute(db);
  const row = rows[0];
  if (row?.seq != null) return stored(row, { inbound: { ...inbound, text }, turnId, owner: owner ?? '' });
  if (row !== undefined && !row.known && row.thread_seq === null) throw tooMany(row.waiting);
  if (row?.thread_seq != null) await forgetKeys(db, threadId, row.thread_seq);
  if (row?.thread_seq != null && row.taken === true) {
    const lease = { threadId, owner: owner ?? '', epoch: row.epoch };
    if (!(await release(db, lease, row.thread_seq))) await handOver(db, lease, { delayMs: 0 });
  }
  return await firstDelivery(db, inbound);
}

interface StoredMessage {
  readonly inbound: Inbound;
  readonly turnId: string;
  readonly owner: string;
}

function stored(row: ReceiveRow, { inbound, turnId, owner }: StoredMessage): Stored {
  const { threadId, author, traceparent } = inbound;
  const seq = row.seq ?? 0;
  const received = { duplicate: false, threadId, seq, turnId };
  if (row.taken !== true) return received;
  const lease = { threadId, owner, epoch: row.epoch };
  const work: Work = {
    lease,
    platform: platformOf(threadId),
    seq,
    type: 'message',
    attempts: 1,
    seen: seq,
    othersWait: false,
    configVersion: row.config_version,
    turn: {
      id: turnId,
      generation: row.generation,
      asker: { principal: author.principal, name: cleanText(author.name) },
      question: inbound.text,
      activations: 1,
      workMs: 0,
      replies: 0,
      createdAt: row.created_at,
    },
    ...(row.head === null ? {} : { head: row.head }),
    ...(row.head_at === null ? {} : { headAt: row.head_at }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
  return { ...received, claimed: { lease, seen: seq, work } };
}

function platformOf(threadId: string): string {
  return threadId.slice(0, threadId.indexOf(':'));
}

function tooMany(waiting: number): BusyError {
  return new BusyError(
    `${waiting} messages of this thread already wait for an answer. Try again when they are done.`,
    10,
  );
}

/** Two deliveries raced: the one that lost gives back the keys that only it had claimed. */
async function forgetKeys(db: Executor, threadId: string, seq: number): Promise<void> {
  await sql`delete from dedupe_keys where thread_id = ${threadId} and seq = ${seq}`.execute(db);
}

async function firstDelivery(db: Executor, inbound: Inbound): Promise<Received> {
  const { rows } = await sql<{ thread_id: string; seq: number; turn_id: string; fingerprint: string | null }>`
    select e.thread_id, e.seq, e.turn_id, e.fingerprint from dedupe_keys k
    join inbox_events e on e.thread_id = k.thread_id and e.seq = k.seq
    where k.key = any(${[...inbound.dedupeKeys]}::text[]) limit 1`.execute(db);
  const row = rows[0];
  if (row === undefined)
    throw new Error(`The first delivery of a repeated message in ${inbound.threadId} is gone.`);
  const first = { duplicate: true, threadId: row.thread_id, seq: row.seq, turnId: row.turn_id };
  return row.fingerprint === null ? first : { ...first, fingerprint: row.fingerprint };
}

/** The thread that waits longest (or the one named), taken under a new epoch. */
function takeThread(
  owner: string,
  { leaseMs, threadId }: { readonly leaseMs: number; readonly threadId?: string },
): RawBuilder<unknown> {
  const named = threadId === undefined ? sql`true` : sql`thread_id = ${threadId}`;
  return sql`
    picked as (
      select thread_id from threads
      where ready_at <= now() and (owner is null or until < now()) and ${named}
      order by ready_at limit 1 for update skip locked
    ), held as (
      update threads t set owner = ${owner}, until = now() + ${`${leaseMs} ms`}::interval, epoch = t.epoch + 1
      from picked where t.thread_id = picked.thread_id
      returning t.*
    )`;
}

function heldThread(lease: LeaseKey): RawBuilder<unknown> {
  return sql`held as (select * from threads where ${holds(lease)} for share)`;
}

interface LookRow {
  readonly thread_id: string;
  readonly owner: string;
  readonly epoch: number;
  readonly platform: string;
  readonly generation: number;
  readonly head: string | null;
  readonly head_at: Date | null;
  readonly seen: number;
  readonly others_wait: boolean;
  readonly config_version: number;
  readonly seq: number | null;
  readonly type: 'message' | 'resume' | null;
  readonly attempts: number | null;
  readonly traceparent: string | null;
  readonly turn_id: string | null;
  readonly turn_generation: number;
  readonly asker: string;
  readonly asker_name: string;
  readonly question: string;
  readonly activations: number;
  readonly work_ms: number;
  readonly stop_requested_by: string | null;
  readonly preview_ref: Readonly<Record<string, string>> | null;
  readonly replies: number;
  readonly checkpoint_id: string | null;
  readonly created_at: Date;
}

/**
 * The first pending event of a held thread, its attempt counted and its turn running. `seen` is read
 * from the same snapshot as the events, not from the locked row: a newer number there could belong to
 * an event that this statement does not see, and releasing on it would lose the wake-up.
 */
async function look(db: Executor, held: RawBuilder<unknown>): Promise<LookRow | undefined> {
  const { rows } = await sql<LookRow>`
    with ${held}, seen as (
      select t.seq from threads t join held using (thread_id)
    ), first as (
      select e.thread_id, e.seq from inbox_events e join held using (thread_id)
      where e.state = 'pending' order by e.seq limit 1
    ), tried as (
      update inbox_events e set attempts = e.attempts + 1 from first
      where e.thread_id = first.thread_id and e.seq = first.seq
      returning e.seq, e.type, e.attempts, e.turn_id, e.traceparent
    ), turn as (
      update turns t set state = 'running', activations = t.activations + 1,
        started_at = coalesce(t.started_at, now())
      from tried where t.id = tried.turn_id and t.state in ('queued', 'running', 'waiting')
      returning t.*
    )
    select held.thread_id, held.owner, held.epoch, held.platform, held.generation, held.head, held.head_at,
      (select seq from seen) as seen, (select version from config_version) as config_version,
      exists (
        select from inbox_events e join first on e.thread_id = first.thread_id and e.seq > first.seq
        where e.state = 'pending'
      ) as others_wait,
      tried.seq, tried.type, tried.attempts, tried.traceparent,
      turn.id as turn_id, turn.generation as turn_generation, turn.asker, turn.asker_name, turn.question,
      turn.activations, turn.work_ms, turn.stop_requested_by, turn.preview_ref, turn.replies,
      turn.checkpoint_id, turn.created_at
    from held left join tried on true left join turn on true`.execute(db);
  return rows[0];
}

function toClaimed(row: LookRow): Claimed {
  const lease = { threadId: row.thread_id, owner: row.owner, epoch: row.epoch };
  const work = toWork(row, lease);
  return { lease, seen: row.seen, ...(work === undefined ? {} : { work }) };
}

function toWork(row: LookRow, lease: LeaseKey): Work | undefined {
  if (row.seq === null || row.type === null) return undefined;
  return {
    lease,
    platform: row.platform,
    seq: row.seq,
    type: row.type,
    attempts: row.attempts ?? 1,
    seen: row.seen,
    othersWait: row.others_wait,
    configVersion: row.config_version,
    ...(row.turn_id === null || row.turn_generation !== row.generation
      ? {}
      : { turn: toTurn(row, row.turn_id) }),
    ...(row.head === null ? {} : { head: row.head }),
    ...(row.head_at === null ? {} : { headAt: row.head_at }),
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
  };
}

function toTurn(row: LookRow, id: string): TurnRow {
  return {
    id,
    generation: row.turn_generation,
    asker: { principal: row.asker, name: row.asker_name },
    question: row.question,
    activations: row.activations,
    workMs: row.work_ms,
    replies: row.replies,
    createdAt: row.created_at,
    ...(row.stop_requested_by === null ? {} : { stopRequestedBy: row.stop_requested_by }),
    ...(row.preview_ref === null ? {} : { previewRef: row.preview_ref }),
    ...(row.checkpoint_id === null ? {} : { checkpointId: row.checkpoint_id }),
  };
}

async function renew(
  db: Executor,
  owner: string,
  leases: readonly LeaseKey[],
  leaseMs: number,
): Promise<readonly Renewed[]> {
  const { rows } = await sql<RenewedRow>`
    with held as (
      update threads t set until = now() + ${`${leaseMs} ms`}::interval
      from unnest(${leases.map((lease) => lease.threadId)}::text[], ${leases.map((lease) => lease.epoch)}::int[])
        as mine (thread_id, epoch)
      where t.thread_id = mine.thread_id and t.epoch = mine.epoch and t.owner = ${owner}
      returning t.thread_id, t.epoch
    )
    select held.thread_id, held.epoch, stopped.id as turn_id, stopped.stop_requested_by as stopped_by
    from held left join lateral (
      select id, stop_requested_by from turns
      where turns.thread_id = held.thread_id and state = 'running' and stop_requested_at is not null limit 1
    ) stopped on true`.execute(db);
  return rows.map(({ thread_id: threadId, epoch, turn_id: turnId, stopped_by: by }) => ({
    threadId,
    epoch,
    ...(turnId === null ? {} : { stop: { turnId, by: by ?? '' } }),
  }));
}

interface RenewedRow {
  readonly thread_id: string;
  readonly epoch: number;
  readonly turn_id: string | null;
  readonly stopped_by: string | null;
}

async function release(db: Executor, lease: LeaseKey, seen: number): Promise<boolean> {
  const { rows } = await sql`
    update threads set owner = null, until = null, ready_at = null
    where ${holds(lease)} and seq = ${seen} returning thread_id`.execute(db);
  return rows.length === 1;
}

async function handOver(
  db: Executor,
  lease: LeaseKey,
  { delayMs, error }: Parameters<InboxStore['handOver']>[1],
): Promise<void> {
  await sql`
      with thread as (
        update threads set owner = null, until = null, ready_at = now() + ${`${delayMs} ms`}::interval
        where ${holds(lease)} returning thread_id
      ), event as (
        update inbox_events set error = coalesce(${error ?? null}, error)
        where (thread_id, seq) = (
          select e.thread_id, min(e.seq) from inbox_events e join thread using (thread_id)
          where e.state = 'pending' group by e.thread_id
        )
      )
      select pg_notify(${channel}, 'ready ' || thread_id) from thread`.execute(db);
}
