import { type RawBuilder, sql } from 'kysely';
import type { Claimed, InboxStore, LeaseKey, TurnRow, Work } from '../inbox/port.ts';
import type { Executor } from './database.ts';
import { handOver, holds, release, renew } from './leases.ts';
import { receive } from './receive.ts';

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
        select count(*)::int as pending, (extract(epoch from now() - min(e.received_at)) * 1000)::float8 as oldest
        from inbox_events e join threads h using (thread_id) left join turns t on t.id = e.turn_id
        where e.state = 'pending'
          and not (coalesce(t.state = 'running', false) and h.owner is not null and h.until >= now())`.execute(
        db,
      );
      return { pending: rows[0]?.pending ?? 0, oldestMs: Math.max(0, rows[0]?.oldest ?? 0) };
    },
    async clearLeases() {
      await sql`update threads set owner = null, until = null where owner is not null`.execute(db);
    },
  };
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
  readonly payload: Pick<TurnRow, 'context' | 'files' | 'isUnattended' | 'readsOnly' | 'tools'> | null;
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
      turn.checkpoint_id, turn.created_at,
      (
        select e.payload from inbox_events e
        where e.turn_id = turn.id and e.type = 'message' order by e.seq limit 1
      ) as payload
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
    ...row.payload,
    ...(row.stop_requested_by === null ? {} : { stopRequestedBy: row.stop_requested_by }),
    ...(row.preview_ref === null ? {} : { previewRef: row.preview_ref }),
    ...(row.checkpoint_id === null ? {} : { checkpointId: row.checkpoint_id }),
  };
}
