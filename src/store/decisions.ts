import { sql } from 'kysely';
import type { JsonObject } from '../agent/json.ts';
import type { Approval, TurnStore } from '../bot/port.ts';
import type { Author } from '../chat/inbound.ts';
import { type ApprovalRow, readApproval } from './approval-rows.ts';
import type { Database, Executor } from './database.ts';
import { cleanText, toJson } from './json.ts';
import { channel } from './signals.ts';

/**
 * What people decide inside a request: stored together with the event that wakes the turn. The thread
 * is locked before anything of its turns, as every write of a turn does, so that the two never deadlock.
 */

/** True when the approval was still pending and is now decided. */
export async function decide(db: Executor, input: Parameters<TurnStore['decide']>[0]): Promise<boolean> {
  const { state, by, now } = input;
  const { rows } = await sql`
    with held as (
      select t.thread_id from threads t join approvals a using (thread_id)
      where a.id = ${input.approvalId}::uuid for update of t
    ), approval as (
      update approvals a set state = ${state}, decided_by = ${by.principal}, decided_by_name = ${cleanText(by.name)},
        decided_at = now(), reason = ${input.reason === undefined ? null : cleanText(input.reason)},
        content = ${input.content === undefined ? null : toJson(input.content)}::jsonb,
        edited = ${input.edited === undefined ? null : toJson(input.edited.arguments)}::jsonb,
        edited_digest = ${input.edited?.digest ?? null},
        response = ${input.response === undefined ? null : cleanText(input.response)}
      from held where a.id = ${input.approvalId}::uuid and a.thread_id = held.thread_id
        and state = 'pending' and (expires_at > ${now}) <> ${state === 'expired'}
      returning a.id, a.turn_id, a.thread_id, a.tool, a.digest, a.kind
    ), thread as (
      update threads t set seq = t.seq + 1, ready_at = coalesce(t.ready_at, now()), updated_at = now()
      from approval where t.thread_id = approval.thread_id returning t.thread_id, t.seq
    ), event as (
      insert into inbox_events (thread_id, seq, type, turn_id, author, payload)
      select thread.thread_id, thread.seq, 'resume', approval.turn_id, ${by.principal}, '{}' from thread, approval
    ), turn as (
      update turns set state = 'queued' from approval where turns.id = approval.turn_id and state = 'waiting'
    ), audited as (
      insert into audit_log (source, actor, action, target, detail, thread_id, turn_id)
      select 'chat', ${by.principal}, kind || '.' || ${state}::text, approval.id::text,
        jsonb_build_object('tool', tool, 'digest', digest) || ${toJson(auditOf(input))}::jsonb, approval.thread_id, approval.turn_id from approval
    )
    select pg_notify(${channel}, 'ready ' || thread_id) from thread`.execute(db);
  return rows.length === 1;
}

/** How a decision was more than yes or no: never the words or the arguments themselves. */
function auditOf({ edited, response }: Parameters<TurnStore['decide']>[0]): JsonObject {
  if (edited !== undefined) return { edited_digest: edited.digest, changed: edited.changed };
  return response === undefined ? {} : { responded: true };
}

/** The ids of pending approvals whose time is over. */
export async function expired(db: Executor, now: Date, limit: number): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from approvals where state = 'pending' and expires_at <= ${now} order by expires_at limit ${limit}`.execute(
    db,
  );
  return rows.map((row) => row.id);
}

/** The sign-ins to a server that somebody was asked for, oldest first. */
export async function signInsOf(db: Executor, serverId: string, asker: string): Promise<readonly Approval[]> {
  const { rows } = await sql<ApprovalRow>`
    select * from approvals where state = 'pending' and kind = 'sign_in'
      and need->>'serverId' = ${serverId} and asked_by = ${asker} order by created_at, id`.execute(db);
  return rows.map(readApproval);
}

/** Marks running and waiting turns, and the asker's own queued ones; wakes the thread for those that wait. */
export async function stop(db: Executor, threadId: string, by: Author): Promise<number> {
  const { rows } = await sql<{ stopped: number }>`
    with held as (
      select thread_id from threads where thread_id = ${threadId} for update
    ), stopped as (
      update turns set stop_requested_at = now(), stop_requested_by = ${cleanText(by.name)} from held
      where turns.thread_id = held.thread_id and stop_requested_at is null
        and (state in ('running', 'waiting') or (state = 'queued' and asker = ${by.principal}))
      returning id, state
    ), awake as (
      select id, row_number() over (order by id) as k, count(*) over () as total from stopped where state <> 'queued'
    ), thread as (
      update threads t set seq = t.seq + (select count(*)::int from awake), ready_at = coalesce(t.ready_at, now())
      where t.thread_id = ${threadId} and exists (select from awake) returning t.seq
    ), event as (
      insert into inbox_events (thread_id, seq, type, turn_id, author, payload)
      select ${threadId}, thread.seq - awake.total + awake.k, 'resume', awake.id, ${by.principal}, '{}'
      from thread, awake
    )
    select (select count(*)::int from stopped) as stopped, pg_notify(${channel}, 'stop ' || ${threadId}::text),
      pg_notify(${channel}, 'ready ' || ${threadId}::text)`.execute(db);
  return rows[0]?.stopped ?? 0;
}

/**
 * Forgets a thread: its conversation, turns, steps and waiting messages. A running turn is told to
 * stop and deletes itself when it ends, because its generation is over. Usage and audit stay.
 */
export async function clear(db: Database, threadId: string, by: Author): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    // What a turn settles while this waits for the row must be seen by the statement that deletes.
    await sql`select from threads where thread_id = ${threadId} for update`.execute(trx);
    return await clearLocked(trx, threadId, by);
  });
}

async function clearLocked(db: Executor, threadId: string, by: Author): Promise<boolean> {
  const { rows } = await sql<{ had: boolean }>`
    with thread as (
      update threads set generation = generation + 1, head = null, head_at = null, title = null
      where thread_id = ${threadId} returning thread_id
    ), running as (
      update turns set stop_requested_at = coalesce(stop_requested_at, now()),
        stop_requested_by = coalesce(stop_requested_by, ${cleanText(by.name)})
      from thread where turns.thread_id = thread.thread_id and state = 'running'
    ), events as (
      update inbox_events set state = 'handled', handled_at = now() from thread
      where inbox_events.thread_id = thread.thread_id and state = 'pending'
        and turn_id not in (select id from turns where thread_id = ${threadId} and state = 'running')
    ), gone as (
      delete from turns using thread where turns.thread_id = thread.thread_id and state <> 'running' returning id
    ), outgoing as (
      delete from outbox using thread where outbox.thread_id = thread.thread_id and (state <> 'pending' or owner is null)
    ), forgotten as (
      delete from checkpoints using thread where checkpoints.thread_id = thread.thread_id
    ), audited as (
      insert into audit_log (source, actor, action, target, thread_id)
      select 'chat', ${by.principal}, 'thread.clear', thread_id, thread_id from thread
    )
    select exists (select from gone) or exists (select from turns where thread_id = ${threadId}) as had,
      pg_notify(${channel}, 'stop ' || ${threadId}::text), pg_notify(${channel}, 'changed ' || ${threadId}::text)
    from thread`.execute(db);
  return rows[0]?.had ?? false;
}
