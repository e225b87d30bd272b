import { sql } from 'kysely';
import { BusyError } from '../chat/errors.ts';
import type { Inbound, Received } from '../chat/inbound.ts';
import type { InboxStore, Stored, TurnRow, Work } from '../inbox/port.ts';
import type { Executor } from './database.ts';
import { cleanText, toJson } from './json.ts';
import { handOver, release } from './leases.ts';
import { type MessageFile, named, storing } from './message-files.ts';
import { channel } from './signals.ts';

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
export async function receive(
  db: Executor,
  inbound: Inbound,
  turnId: string,
  { maxPending, claim }: Parameters<InboxStore['receive']>[2],
): Promise<Stored> {
  const { threadId, author } = inbound;
  const text = cleanText(inbound.text);
  const keys = [...new Set(inbound.dedupeKeys)];
  const files = named(inbound.files);
  const payload = payloadOf(inbound, files);
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
      select thread.thread_id, thread.seq, 'message', turn.id, ${author.principal}, ${toJson(payload)}::jsonb,
        ${inbound.fingerprint ?? null}, ${inbound.traceparent ?? null}, taken::int
      from thread, turn
      returning seq
    )${storing(files)}
    select (select seq from event) as seq, exists (select from known) as known, (select n from waiting) as waiting,
      thread.seq as thread_seq, thread.taken, thread.epoch, thread.generation, thread.head, thread.head_at,
      (select version from config_version) as config_version, (select created_at from turn) as created_at,
      case when ${!wanted} and exists (select from event)
        then pg_notify(${channel}, 'ready ' || ${threadId}::text) end as notified
    from (select) as always left join thread on true`.execute(db);
  const row = rows[0];
  if (row?.seq != null)
    return stored(row, { inbound: { ...inbound, text }, payload, turnId, owner: owner ?? '' });
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
  readonly payload: Payload;
  readonly turnId: string;
  readonly owner: string;
}

function stored(row: ReceiveRow, { inbound, payload, turnId, owner }: StoredMessage): Stored {
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
      ...payload,
    },
    ...(row.head === null ? {} : { head: row.head }),
    ...(row.head_at === null ? {} : { headAt: row.head_at }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
  return { ...received, claimed: { lease, seen: seq, work } };
}

/** What is kept of a message besides its words; of files their names, the bytes are stored apart. */
type Payload = Pick<TurnRow, 'context' | 'files' | 'isUnattended' | 'readsOnly' | 'tools'>;

function payloadOf(inbound: Inbound, files: readonly MessageFile[]): Payload {
  const { context, isUnattended, readsOnly, tools } = inbound;
  return {
    ...(context === undefined ? {} : { context: cleanText(context) }),
    ...(isUnattended === true ? { isUnattended } : {}),
    ...(readsOnly === undefined ? {} : { readsOnly }),
    ...(tools === undefined ? {} : { tools }),
    ...(files.length === 0 ? {} : { files: files.map(({ data: _, ...file }) => file) }),
  };
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

/** Commands are no events; their keys say that they were run. */
async function wasCommand(db: Executor, { dedupeKeys }: Inbound): Promise<boolean> {
  const { rows } = await sql`
    select 1 from dedupe_keys where key = any(${[...dedupeKeys]}::text[]) and seq < 1 limit 1`.execute(db);
  return rows.length > 0;
}

async function firstDelivery(db: Executor, inbound: Inbound): Promise<Received> {
  const { rows } = await sql<{ thread_id: string; seq: number; turn_id: string; fingerprint: string | null }>`
    select e.thread_id, e.seq, e.turn_id, e.fingerprint from dedupe_keys k
    join inbox_events e on e.thread_id = k.thread_id and e.seq = k.seq
    where k.key = any(${[...inbound.dedupeKeys]}::text[]) limit 1`.execute(db);
  const row = rows[0];
  if (row === undefined && (await wasCommand(db, inbound)))
    return { duplicate: true, threadId: inbound.threadId, seq: 0, turnId: '' };
  if (row === undefined)
    throw new Error(`The first delivery of a repeated message in ${inbound.threadId} is gone.`);
  const first = { duplicate: true, threadId: row.thread_id, seq: row.seq, turnId: row.turn_id };
  return row.fingerprint === null ? first : { ...first, fingerprint: row.fingerprint };
}
