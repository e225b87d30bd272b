import { sql } from 'kysely';
import type { Notice } from '../inbox/port.ts';
import type { Run, ScheduleStore } from '../schedules/port.ts';
import type { Executor } from './database.ts';
import { toJson } from './json.ts';
import { storeNotice } from './notices.ts';
import { receive } from './receive.ts';
import { isHeld } from './schedule-lease.ts';

const maxPending = 50;
/** Characters of an answer that the history keeps. */
const keptAnswer = 1000;

/** The run is a turn from now on. False: it is held no more. */
export async function becomeTurn(
  trx: Executor,
  run: Run,
  turn: Parameters<ScheduleStore['becomeTurn']>[1],
): Promise<boolean> {
  const isNotice = 'notice' in turn;
  const turnId = isNotice ? (turn.notice.first?.turnId ?? turn.notice.id) : turn.turnId;
  const threadId = isNotice ? threadOf(turn.notice) : turn.inbound.threadId;
  const { rows } = await sql`
    update schedule_runs set state = 'waiting', owner = null, until = null, thread_id = ${threadId ?? null},
      turn_ids = ${toJson([turnId])}::jsonb
    where ${isHeld(run)} returning id`.execute(trx);
  if (rows.length === 0) return false;
  if (isNotice) await storeNotice(trx, turn.notice);
  else {
    if (turn.isUnseen === true) await insertUnseen(trx, turn.inbound.threadId);
    await receive(trx, turn.inbound, turn.turnId, { maxPending });
  }
  return true;
}

function threadOf({ place }: Notice): string | undefined {
  return place.type === 'thread' ? place.threadId : undefined;
}

/** Begins turns for the run. False: it is held no more. */
export async function ask(
  trx: Executor,
  run: Run,
  turns: Parameters<ScheduleStore['ask']>[1],
): Promise<boolean> {
  const { rows } = await sql`
    update schedule_runs set turn_ids = ${toJson(turns.map(({ turnId }) => turnId))}::jsonb
    where ${isHeld(run)} returning id`.execute(trx);
  if (rows.length === 0) return false;
  for (const { turnId, inbound } of turns) {
    await insertUnseen(trx, inbound.threadId);
    await receive(trx, inbound, turnId, { maxPending });
  }
  await sql`
    update turns set is_check = true where id = any(${turns.map(({ turnId }) => turnId)}::uuid[])`.execute(
    trx,
  );
  return true;
}

/** Nobody began such a thread, so it is in nobody's list. */
async function insertUnseen(trx: Executor, threadId: string): Promise<void> {
  await sql`
    insert into threads (thread_id, platform, started_by)
    values (${threadId}, ${threadId.slice(0, threadId.indexOf(':'))}, 'bot')
    on conflict do nothing`.execute(trx);
}

/** A turn that is gone was cleared with its thread; one whose first message could not be posted never comes. */
export async function endWithTurns(db: Executor): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    with ended as (
      select r.id, t.state, t.id as turn_id, t.thread_id, coalesce(t.reply->>'code', '') as code, o.state as post,
        left(t.reply->>'text', ${keptAnswer}) as answer
      from schedule_runs r left join turns t on t.id = (r.turn_ids->>0)::uuid
        left join outbox o on o.opening->'first'->>'turnId' = r.turn_ids->>0 and o.created_at >= r.started_at
      where r.state = 'waiting'
        and (t.state in ('done', 'failed', 'stopped') or (t.id is null and coalesce(o.state, 'dead') <> 'pending'))
      for update of r skip locked
    ), run as (
      update schedule_runs r set state = case when ended.state = 'done' then 'done' else 'failed' end,
        ended_at = now(), thread_id = coalesce(ended.thread_id, r.thread_id),
        summary = case when ended.state = 'done' then jsonb_build_object('answer', ended.answer) else r.summary end,
        error = case when ended.state = 'done' then ''
          when ended.state = 'stopped' then 'Somebody stopped its turn.'
          when ended.turn_id is null and ended.post = 'dead' then 'Its message could not be posted; the log says why.'
          when ended.turn_id is null then 'Its thread was cleared before the turn ended.'
          else rtrim('Its turn failed' || case when ended.code = '' then '. ' else ' (' || ended.code || '). ' end
            || split_part(coalesce(ended.answer, ''), E'\\n\\n', 1)) end
      from ended where r.id = ended.id returning r.id, r.schedule_id, r.started_at, r.state
    ), noted as (
      update schedules s set last_run = run.started_at, last_outcome = run.state from run
      where s.id = run.schedule_id and (s.last_run is null or s.last_run <= run.started_at)
    )
    select id from run`.execute(db);
  return rows.length;
}
