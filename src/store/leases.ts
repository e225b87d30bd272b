import { type RawBuilder, sql } from 'kysely';
import type { InboxStore, LeaseKey, Renewed } from '../inbox/port.ts';
import type { Executor } from './database.ts';
import { channel } from './signals.ts';

/** The rows of `threads` that this lease holds. */
export function holds(lease: LeaseKey): RawBuilder<unknown> {
  return sql`thread_id = ${lease.threadId} and owner = ${lease.owner} and epoch = ${lease.epoch}`;
}

/** Extends the leases that are still held; one statement for all of them. */
export async function renew(
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

/** Lets go of a thread, unless an event came after `seen`. */
export async function release(db: Executor, lease: LeaseKey, seen: number): Promise<boolean> {
  const { rows } = await sql`
    update threads set owner = null, until = null, ready_at = null
    where ${holds(lease)} and seq = ${seen} returning thread_id`.execute(db);
  return rows.length === 1;
}

/** Lets go of a thread whose first event is to be tried again. */
export async function handOver(
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
