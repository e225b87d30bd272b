import { sql } from 'kysely';
import type { Spent } from '../agent/cost.ts';
import type { Step } from '../agent/steps.ts';
import type { Approval, StoredTurn, TurnStore } from '../bot/port.ts';
import type { ThreadSummary, TurnStatus } from '../chat/bot.ts';
import type { StoredFile } from '../chat/files.ts';
import type { Principal, ThreadId } from '../chat/inbound.ts';
import type { Reply } from '../chat/reply.ts';
import { type ApprovalRow, readApproval } from './approval-rows.ts';
import type { Executor } from './database.ts';

interface TurnViewRow {
  readonly id: string;
  readonly thread_id: string;
  readonly state: TurnStatus;
  readonly asker: string;
  readonly asker_name: string;
  readonly question: string;
  readonly files?: readonly StoredFile[] | null;
  readonly reply: Reply | null;
  readonly usage: Spent | null;
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

/** The turn that a received event belongs to; its steps are not read. */
export async function turnOf(
  db: Executor,
  event: { readonly threadId: ThreadId; readonly seq: number },
): Promise<StoredTurn | undefined> {
  const { rows } = await sql<TurnViewRow & { approvals: number }>`
    select t.*, (select count(*)::int from approvals a where a.turn_id = t.id) as approvals
    from inbox_events e join turns t on t.id = e.turn_id join threads h on h.thread_id = e.thread_id
    where e.thread_id = ${event.threadId} and e.seq = ${event.seq} and t.generation = h.generation`.execute(
    db,
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return toStored(row, [], row.approvals === 0 ? [] : await approvalsOf(db, [row.id]));
}

/** The newest turns of a thread's present conversation, oldest first. */
export async function history(
  db: Executor,
  threadId: ThreadId,
  limit: number,
): Promise<readonly StoredTurn[] | undefined> {
  const { rows } = await sql<TurnViewRow>`
    select t.*, (
        select e.payload->'files' from inbox_events e
        where e.turn_id = t.id and e.type = 'message' and not t.is_retracted order by e.seq limit 1
      ) as files
    from turns t join threads using (thread_id)
    where thread_id = ${threadId} and t.generation = threads.generation
    order by t.created_at desc, t.id desc limit ${limit}`.execute(db);
  if (rows.length === 0) return undefined;
  const ids = rows.map((row) => row.id);
  const [steps, approvals] = [await stepsOf(db, ids), await approvalsOf(db, ids)];
  return rows.reverse().map((row) => toStored(row, steps, approvals));
}

interface StepRow {
  readonly turn_id: string;
  readonly payload: Step;
  readonly stored_at: Date;
}

async function stepsOf(db: Executor, turnIds: readonly string[]): Promise<readonly StepRow[]> {
  const { rows } = await sql<StepRow>`
    select turn_id, payload, stored_at from steps where turn_id = any(${turnIds}::uuid[]) order by turn_id, n`.execute(
    db,
  );
  return rows;
}

async function approvalsOf(db: Executor, turnIds: readonly string[]): Promise<readonly ApprovalRow[]> {
  const { rows } = await sql<ApprovalRow>`
    select * from approvals where turn_id = any(${turnIds}::uuid[]) order by created_at, id`.execute(db);
  return rows;
}

/** Approvals of all threads that can still be decided, newest first. */
export async function pending(
  db: Executor,
  now: Date,
  { own, limit }: Parameters<TurnStore['pending']>[1],
): Promise<readonly Approval[]> {
  const principals = [...own];
  const { rows } = await sql<ApprovalRow>`
    select * from approvals where state = 'pending' and expires_at > ${now}
      and (kind = 'approval' or asked_by = any(${principals}::text[]) or decider_never ?| ${principals}::text[])
    order by created_at desc, id desc limit ${limit}`.execute(db);
  return rows.map(readApproval);
}

function toStored(
  row: TurnViewRow,
  steps: readonly StepRow[],
  approvals: readonly ApprovalRow[],
): StoredTurn {
  return {
    id: row.id,
    threadId: row.thread_id,
    state: row.state,
    asker: { principal: row.asker, name: row.asker_name },
    question: row.question,
    createdAt: row.created_at,
    steps: steps
      .filter((step) => step.turn_id === row.id)
      .map((step) => ({ step: step.payload, storedAt: step.stored_at })),
    approvals: approvals.filter((approval) => approval.turn_id === row.id).map(readApproval),
    ...(row.files == null ? {} : { files: row.files }),
    ...(row.reply === null ? {} : { reply: row.reply }),
    ...(row.usage === null ? {} : { spent: row.usage }),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  };
}

/** The newest threads that this principal began and that still hold a conversation. */
export async function threads(
  db: Executor,
  principal: Principal,
  limit: number,
): Promise<readonly ThreadSummary[]> {
  const { rows } = await sql<{ thread_id: string; title: string; state: TurnStatus; updated_at: Date }>`
    select h.thread_id, h.title, t.state, h.updated_at from threads h
    cross join lateral (
      select state from turns where turns.thread_id = h.thread_id and turns.generation = h.generation
      order by created_at desc limit 1
    ) t
    where h.started_by = ${principal} and h.title is not null
    order by h.updated_at desc limit ${limit}`.execute(db);
  return rows.map((row) => ({
    threadId: row.thread_id,
    title: row.title,
    status: row.state,
    updatedAt: row.updated_at.toISOString(),
  }));
}
