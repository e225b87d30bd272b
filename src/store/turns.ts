import { sql } from 'kysely';
import type { JsonObject } from '../agent/json.ts';
import type { Step } from '../agent/steps.ts';
import {
  ApprovalSpentError,
  type AuditRecord,
  type Fenced,
  type Settled,
  type Settlement,
  type StepWrite,
  type TurnStore,
} from '../bot/port.ts';
import type { Reply } from '../chat/reply.ts';
import { type LeaseKey, LeaseLostError } from '../inbox/port.ts';
import type { Trace } from '../middleware/port.ts';
import {
  type ApprovalRow,
  approvalRows,
  closeApprovals,
  findApproval,
  readApproval,
} from './approval-rows.ts';
import { insertCheckpoint } from './checkpoints.ts';
import { amend, retract } from './corrections.ts';
import type { Database, Executor } from './database.ts';
import { clear, decide, expired, signInsOf, stop } from './decisions.ts';
import { toJson } from './json.ts';
import { keeping, keptImages, keptResult } from './kept-results.ts';
import { holds } from './leases.ts';
import { filesOf } from './message-files.ts';
import { history, pending, threads, turnOf } from './turn-views.ts';
import { insertFailures, insertUsage } from './usage-rows.ts';

/** Turns in SQL. Each write is one statement, fenced by the lease: all of it is stored, or nothing. */
export function turnStore(db: Database): TurnStore {
  return {
    load: (turnId) => load(db, turnId),
    write: (lease, write) => writeSteps(db, lease, write),
    steer: (lease, turn) => steer(db, lease, turn),
    settle: (lease, settlement) => settle(db, lease, settlement),
    async remember(lease, turnId, ref) {
      const { rows } = await sql`
        update turns set preview_ref = ${toJson(ref)}::jsonb
        where id = ${turnId}::uuid and exists (select from threads where ${holds(lease)}) returning id`.execute(
        db,
      );
      if (rows.length === 0) throw new LeaseLostError(lease.threadId);
    },
    kept: (threadId, id) => keptResult(db, threadId, id),
    files: (threadId, ids) => filesOf(db, threadId, ids),
    turnOf: (event) => turnOf(db, event),
    history: (threadId, limit) => history(db, threadId, limit),
    threads: (principal, limit) => threads(db, principal, limit),
    approval: (id) => findApproval(db, id),
    pending: (now, who) => pending(db, now, who),
    decide: (input) => decide(db, input),
    signInsOf: (serverId, asker) => signInsOf(db, serverId, asker),
    expired: (now, limit) => expired(db, now, limit),
    stop: (threadId, by) => stop(db, threadId, by),
    retract: (message) => retract(db, message),
    amend: (message) => amend(db, message),
    clear: (threadId, by) => clear(db, threadId, by),
  };
}

async function load(db: Executor, turnId: string) {
  const steps = await sql<{ payload: Step }>`
    select payload from steps where turn_id = ${turnId}::uuid order by n`.execute(db);
  const approvals = await sql<ApprovalRow>`
    select * from approvals where turn_id = ${turnId}::uuid order by created_at, id`.execute(db);
  return {
    steps: steps.rows.map((row) => row.payload),
    approvals: approvals.rows.map(readApproval),
    images: await keptImages(db, turnId),
    state: await layerState(db, turnId),
  };
}

/** What the turn's layers keep with it. */
async function layerState(db: Executor, turnId: string): Promise<JsonObject> {
  const { rows } = await sql<{ state: JsonObject }>`
    select state_data as state from turns where id = ${turnId}::uuid`.execute(db);
  return rows[0]?.state ?? {};
}

/** A CTE that keeps what layers have changed; nothing where they have not. */
function keepingState({ turnId, state }: StepWrite) {
  if (state === undefined) return sql``;
  return sql`, stated as (
      update turns set state_data = ${toJson(state)}::jsonb from fence where id = ${turnId}::uuid
    )`;
}

/** Inserts of steps, usage and audit that hang on a CTE `fence` with one row while the lease is held. */
function insertSteps(turnId: string, at: number, steps: readonly Step[]) {
  return sql`
    insert into steps (turn_id, n, type, payload)
    select ${turnId}::uuid, ${at}::int + step.ordinality - 1, step.value->>'type', step.value
    from fence, jsonb_array_elements(${toJson(steps)}::jsonb) with ordinality as step`;
}

function insertAudit(turnId: string, threadId: string, audit: readonly AuditRecord[] | undefined) {
  return sql`
    insert into audit_log (turn_id, thread_id, source, actor, action, target, detail)
    select ${turnId}::uuid, ${threadId}, 'chat', a.actor, a.action, a.target, coalesce(a.detail, '{}')
    from fence, jsonb_to_recordset(${toJson(audit ?? [])}::jsonb) as a (actor text, action text, target text, detail jsonb)`;
}

interface FencedRow {
  readonly seen: number | null;
  readonly stopped_by: string | null;
  readonly spent: number;
}

async function writeSteps(db: Executor, lease: LeaseKey, write: StepWrite): Promise<Fenced> {
  const { turnId, spend } = write;
  const { rows } = await sql<FencedRow>`
    with held as (
      select seq from threads where ${holds(lease)} for share
    ), spent as (
      update approvals set spent_at = now() from held
      where id = ${spend?.approvalId ?? null}::uuid and state = 'approved' and spent_at is null
        and coalesce(edited_digest, digest) = ${spend?.digest ?? null} and expires_at > now()
      returning id
    ), fence as (
      select seq from held where ${spend === undefined} or exists (select from spent)
    ), restored as (
      update approvals set spent_at = null from fence
      where id = ${write.restore ?? null}::uuid and turn_id = ${turnId}::uuid
    ), stepped as (${insertSteps(turnId, write.at, write.steps)}
    ), used as (${insertUsage(turnId, lease.threadId, write.charges)}
    ), audited as (${insertAudit(turnId, lease.threadId, write.audit)})${keeping(lease.threadId, write)}${keepingState(write)}
    select (select seq from held) as seen, (select count(*)::int from spent) as spent,
      (select stop_requested_by from turns where id = ${turnId}::uuid) as stopped_by`.execute(db);
  const row = rows[0];
  if (row?.seen == null) throw new LeaseLostError(lease.threadId);
  if (spend !== undefined && row.spent === 0) {
    throw new ApprovalSpentError(`Approval ${spend.approvalId} can no longer be used.`);
  }
  return toFenced(row.seen, row.stopped_by);
}

function toFenced(seen: number, stoppedBy: string | null): Fenced {
  return stoppedBy === null ? { seen } : { seen, stopRequestedBy: stoppedBy };
}

/** The asker's waiting messages become steps of the running turn; their own turns were never begun. */
async function steer(db: Executor, lease: LeaseKey, turn: Parameters<TurnStore['steer']>[1]) {
  const { rows } = await sql<{ seen: number; payload: Step | null }>`
    with fence as (
      select seq, generation from threads where ${holds(lease)} for share
    ), mine as (
      select t.id from turns t, fence
      where t.id = ${turn.turnId}::uuid and t.generation = fence.generation and t.stop_requested_at is null
    ), waiting as (
      select e.seq, e.turn_id, t.question, t.asker_name, e.payload->>'context' as context,
        e.payload->'files' as files
      from inbox_events e join turns t on t.id = e.turn_id
      where e.thread_id = ${lease.threadId} and e.state = 'pending' and e.type = 'message'
        and e.author = ${turn.asker} and t.state = 'queued' and t.stop_requested_at is null
        and t.generation = (select generation from fence) and exists (select from mine)
      order by e.seq
    ), handled as (
      update inbox_events e set state = 'handled', handled_at = now(), turn_id = ${turn.turnId}::uuid
      from waiting where e.thread_id = ${lease.threadId} and e.seq = waiting.seq
    ), brought as (
      update message_files f set turn_id = ${turn.turnId}::uuid from waiting where f.turn_id = waiting.turn_id
    ), replaced as (
      delete from turns using waiting where turns.id = waiting.turn_id
    ), stepped as (
      insert into steps (turn_id, n, type, payload)
      select ${turn.turnId}::uuid, ${turn.at}::int + row_number() over (order by seq) - 1, 'said',
        jsonb_build_object('type', 'said', 'message', jsonb_build_object('role', 'user', 'text', question)
          || case when ${turn.named} then jsonb_build_object('name', asker_name) else '{}' end
          || case when files is null then '{}' else jsonb_build_object('files', files) end)
          || case when context is null then '{}' else jsonb_build_object('context', context) end
      from waiting returning n, payload
    )
    select fence.seq as seen, stepped.payload from fence left join stepped on true order by stepped.n`.execute(
    db,
  );
  const seen = rows[0]?.seen;
  if (seen === undefined) throw new LeaseLostError(lease.threadId);
  return { seen, steps: rows.flatMap((row) => (row.payload === null ? [] : [row.payload])) };
}

async function settle(db: Executor, lease: LeaseKey, s: Settlement): Promise<Settled> {
  const ended = s.state !== 'waiting';
  const { rows } = await sql<{ released: boolean; generation: number; retracted: boolean | null }>`
    with look as (
      select not exists (
        select from inbox_events where thread_id = ${lease.threadId} and state = 'pending' and seq <> ${s.seq}
      ) as idle
    ), fence as (
      update threads t set
        owner = case when look.idle and t.seq = ${s.seen} then null else t.owner end,
        until = case when look.idle and t.seq = ${s.seen} then null else t.until end,
        ready_at = case when look.idle and t.seq = ${s.seen} then null else t.ready_at end,
        head = case when t.generation = ${s.generation} then coalesce(${s.checkpoint?.id ?? null}, t.head) else t.head end,
        head_at = case when t.generation = ${s.generation} then now() else t.head_at end,
        updated_at = now()
      from look where ${holds(lease)}
      returning t.generation, t.owner is null as released
    ), stepped as (${insertSteps(s.turnId, s.at, s.steps)}
    ), used as (${insertUsage(s.turnId, lease.threadId, s.charges)}
    ), failed as (${insertFailures(s.turnId, s.failures)}
    ), audited as (${insertAudit(s.turnId, lease.threadId, s.audit)}
    ), asked as (${approvalRows(s.approvals)}
    ), closed as (${closeApprovals(s)}
    ), event as (
      update inbox_events set state = ${s.deadLetter === undefined ? 'handled' : 'dead'}, handled_at = now(),
        error = coalesce(${s.deadLetter ?? null}, error)
      from fence where thread_id = ${lease.threadId} and seq = ${s.seq}
    ), turn as (
      update turns set state = ${s.state}, reply = coalesce(${json(s.reply)}::jsonb, reply),
        replies = replies + ${s.reply === undefined ? 0 : 1}, model = ${s.model}, work_ms = ${s.workMs},
        usage = coalesce(${json(s.spent)}::jsonb, usage),
        state_data = coalesce(${json(s.layers)}::jsonb, state_data),
        trace = ${traced(s.trace)},
        checkpoint_id = coalesce(${s.checkpoint?.id ?? null}, checkpoint_id),
        preview_ref = case when ${s.reply === undefined}::boolean then preview_ref end,
        ended_at = case when ${ended} then now() end
      from fence where id = ${s.turnId}::uuid
      returning is_retracted
    ), kept as (${insertCheckpoint(lease.threadId, s.checkpoint, {
      from: sql`fence left join turn on true where fence.generation = ${s.generation}`,
      isEmpty: sql`turn.is_retracted`,
    })}
    ), posted as (
      insert into outbox (thread_id, platform, turn_id, ordinal, reply, edits)
      select ${lease.threadId}, ${s.platform}, ${s.turnId}::uuid, ${s.ordinal}::int,
        case when fence.generation = ${s.generation} then ${json(s.reply)}::jsonb else ${json(clearedReply(s))}::jsonb end,
        ${json(s.edits)}::jsonb
      from fence where ${s.post && s.reply !== undefined}
        and (fence.generation = ${s.generation} or ${s.edits !== undefined})
    )
    select released, generation, (select is_retracted from turn) as retracted from fence`.execute(db);
  const row = rows[0];
  if (row === undefined) throw new LeaseLostError(lease.threadId);
  const isKept = row.generation === s.generation;
  if (!isKept) await forget(db, s.turnId);
  return { released: row.released, isKept, isRetracted: row.retracted === true };
}

/** One entry for each activation. */
function traced(trace: Trace | undefined) {
  return trace === undefined
    ? sql`trace`
    : sql`coalesce(trace, '[]') || jsonb_build_array(${toJson(trace)}::jsonb)`;
}

function json(value: unknown): string | null {
  return value === undefined ? null : toJson(value);
}

/** The thread was cleared while the turn ran: nothing of it stays. */
/** What stands in the end where a preview of a forgotten turn stood. */
function clearedReply({ turnId }: Settlement): Reply {
  return { kind: 'stopped', text: 'Stopped: this conversation was cleared.', turnId };
}

async function forget(db: Executor, turnId: string): Promise<void> {
  await sql`delete from turns where id = ${turnId}::uuid`.execute(db);
}
