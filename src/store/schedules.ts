import { type RawBuilder, sql } from 'kysely';
import type { Ending, Firing, Lane, NewSchedule, Run, Schedule, ScheduleStore } from '../schedules/port.ts';
import type { Database, Executor } from './database.ts';
import { cleanText, toJson } from './json.ts';
import { storeNotice } from './notices.ts';
import { holdTold, tellOver } from './schedule-concerns.ts';
import { isHeld } from './schedule-lease.ts';
import { ask, becomeTurn, endWithTurns } from './schedule-turns.ts';
import { history, readOutages, readServers, readTurns } from './schedule-views.ts';
import { transact } from './transact.ts';

/** Schedules and their runs in SQL. `now` says when a snooze is over. */
export function scheduleStore(db: Database, now: () => number = Date.now): ScheduleStore {
  return {
    async enabled() {
      const { rows } = await sql<{ now: number; schedules: readonly Schedule[] }>`
        select ${ms(sql`clock_timestamp()`)} as now,
          (select coalesce(jsonb_agg(${asJson} order by s.name), '[]') from schedules s where s.is_enabled) as schedules`.execute(
        db,
      );
      return rows[0] ?? { now: Date.now(), schedules: [] };
    },
    fire: (firing, by) => fire(db, firing, by),
    wish: (scheduleId, by) => wish(db, scheduleId, by),
    takeOver: (by, of) => takeOver(db, by, of),
    async renew(runs, leaseMs) {
      const { rows } = await sql<{ id: string }>`
        update schedule_runs r set until = now() + ${`${leaseMs} ms`}::interval
        from unnest(${runs.map(({ id }) => id)}::uuid[], ${runs.map(({ attempt }) => attempt)}::int[],
          ${runs.map(({ owner }) => owner)}::text[]) as mine (id, attempt, owner)
        where r.id = mine.id and r.attempts = mine.attempt and r.owner = mine.owner and r.state = 'running'
        returning r.id`.execute(db);
      return new Set(rows.map(({ id }) => id));
    },
    async letGo(runs) {
      for (const run of runs) {
        await sql`update schedule_runs set until = now() where ${isHeld(run)}`.execute(db);
      }
    },
    end: (run, ending) => transact(db, (trx) => end(trx, { run, ending, now: now() })),
    becomeTurn: (run, turn) => db.transaction().execute((trx) => becomeTurn(trx, run, turn)),
    ask: (run, turns) => db.transaction().execute((trx) => ask(trx, run, turns)),
    endWithTurns: () => endWithTurns(db),
    turns: (ids) => readTurns(db, ids),
    history: (scheduleId, limit) => history(db, scheduleId, limit),
    async lastData(scheduleId) {
      const { rows } = await sql<{ data: unknown }>`
        select data from schedule_runs where schedule_id = ${scheduleId}::uuid and data is not null
        order by started_at desc limit 1`.execute(db);
      return rows[0]?.data;
    },
    servers: () => readServers(db),
    outages: () => readOutages(db),
    furnish: (schedules) => db.transaction().execute((trx) => furnish(trx, schedules)),
  };
}

/** Milliseconds since 1970. */
function ms(time: RawBuilder<unknown>): RawBuilder<number> {
  return sql`(extract(epoch from ${time}) * 1000)::float8`;
}

/** A row of `schedules s`. */
const asJson = sql`jsonb_build_object(
  'id', s.id, 'name', s.name, 'kind', s.kind, 'cron', s.cron, 'timezone', s.timezone, 'target', s.target,
  'cleanUp', s.clean_up, 'prompt', s.prompt,
  'checks', case when s.kind <> 'monitor' then s.checks when s.watches = 'question' then jsonb_build_array(
    jsonb_strip_nulls(jsonb_build_object('question', s.question, 'rule', nullif(s.rule, ''), 'seconds', s.seconds)))
    else '[]' end,
  'watches', case when s.kind = 'monitor' then s.watches else '' end,
  'damping', jsonb_build_object('confirmations', s.confirmations, 'flapChanges', s.flap_changes,
    'flapMs', s.flap_minutes * 60000),
  'mention', (
    select coalesce(jsonb_agg(jsonb_build_object('principal', m.principal, 'name', coalesce(nullif(i.name, ''), m.principal))), '[]')
    from jsonb_array_elements_text(s.mention) as m (principal) left join identities i on i.principal = m.principal
  ), 'missedRuns', s.missed_runs, 'jitterSeconds', s.jitter_seconds, 'owner', jsonb_build_object('principal', s.owner, 'name', s.owner_name),
  'armedAt', ${ms(sql`s.armed_at`)}, 'revision', s.last_updated::text)`;

interface By {
  readonly owner: string;
  readonly leaseMs: number;
}

interface RunRow {
  readonly id: string;
  readonly fire_at: number;
  readonly attempts: number;
  readonly state: string;
  readonly schedule: Schedule;
}

function toRun({ id, fire_at: fireAt, attempts, schedule }: RunRow, { owner }: By): Run {
  return { id, schedule, fireAt, owner, attempt: attempts };
}

const isUnderWay = sql`exists (
  select from schedule_runs r where r.schedule_id = s.id and r.state in ('running', 'waiting'))`;

/**
 * The schedule's row decides: whoever moves it past the tick has it, and its unique row says so for ever.
 * A tick that finds the run before still under way is written down as skipped.
 */
async function fire(db: Executor, firing: Firing, by: By): Promise<Run | undefined> {
  const { schedule, trigger, missed, isSkipped } = firing;
  const fireAt = new Date(firing.fireAt);
  const { rows } = await sql<RunRow>`
    with s as (
      update schedules s set armed_at = ${fireAt}
      where s.id = ${schedule.id}::uuid and s.is_enabled and s.armed_at < ${fireAt}
        and s.last_updated::text = ${schedule.revision}
      returning s.*
    ), busy as (${runUnderWay}
    ), run as (
      insert into schedule_runs (schedule_id, fire_at, trigger, missed, state, owner, until, ended_at, error,
        summary, thread_id)
      select s.id, ${fireAt}, ${trigger}, ${missed},
        case when ${isSkipped} or why is not null then 'skipped' else 'running' end,
        case when not (${isSkipped} or why is not null) then ${by.owner} end,
        case when not (${isSkipped} or why is not null) then now() + ${`${by.leaseMs} ms`}::interval end,
        case when ${isSkipped} or why is not null then now() end,
        case when ${isSkipped} then ${tooLate} else coalesce(why, '') end,
        case when ${isSkipped} or approval_id is null then '{}'
          else jsonb_build_object('approval_id', approval_id) end,
        case when ${isSkipped} then null else thread_id end
      from s left join busy on true on conflict (schedule_id, fire_at) where trigger <> 'manual' do nothing
      returning id, fire_at, attempts, state
    )
    select run.id, ${ms(sql`run.fire_at`)} as fire_at, run.attempts, run.state, ${asJson} as schedule
    from run, s`.execute(db);
  const row = rows[0];
  return row === undefined || row.state === 'skipped' ? undefined : toRun(row, by);
}

const tooLate = 'It was missed, and is left out when that happens.';

/**
 * The run of `s` that is not over, and why as a sentence: it waits for people, or has not ended. Times are in UTC,
 * because a database may not know every zone.
 */
const runUnderWay = sql`
      select a.id as approval_id, coalesce(t.thread_id, r.thread_id) as thread_id,
        'Skipped: the run of ' || to_char(r.fire_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC '
          || case when a.id is not null
              then 'still waits for approval of ' || a.tool || '. Decide it: approvals show ' || a.id
            when t.state = 'waiting' then 'still waits for people, in its thread.'
            else 'was still under way.' end as why
      from s join schedule_runs r on r.schedule_id = s.id and r.state in ('running', 'waiting')
        left join turns t on t.id = (r.turn_ids->>0)::uuid
        left join approvals a on a.turn_id = t.id and a.state = 'pending'
      order by r.started_at, a.created_at limit 1`;

async function wish(
  db: Executor,
  scheduleId: string,
  by: Parameters<ScheduleStore['wish']>[1],
): Promise<Run | undefined> {
  const { rows } = await sql<RunRow>`
    with s as (
      select s.* from schedules s where s.id = ${scheduleId}::uuid for update
    ), run as (
      insert into schedule_runs (schedule_id, fire_at, trigger, started_by, state, owner, until)
      select id, clock_timestamp(), 'manual', ${by.author.principal}, 'running', ${by.owner},
        now() + ${`${by.leaseMs} ms`}::interval
      from s where not ${isUnderWay} returning id, fire_at, attempts, state
    ), audited as (
      insert into audit_log (actor, action, target, detail, source, address)
      select ${by.author.principal}, 'schedules.run', 'schedules/' || s.id,
        jsonb_build_object('name', s.name, 'run_id', run.id), ${by.source}, ${by.address ?? ''}
      from run, s
    )
    select run.id, ${ms(sql`run.fire_at`)} as fire_at, run.attempts, run.state, ${asJson} as schedule
    from run, s`.execute(db);
  return rows[0] === undefined ? undefined : toRun(rows[0], by);
}

/** As `laneOf` says. */
const laneIs = sql`case when (s.kind = 'monitor' and s.watches = 'question')
    or (s.kind = 'report' and s.checks <> '[]') then 'asking' else 'plain' end`;

async function takeOver(db: Executor, by: By, of: readonly Lane[]): Promise<Run | undefined> {
  const { rows } = await sql<RunRow>`
    with lost as (
      select r.id from schedule_runs r join schedules s on s.id = r.schedule_id
      where r.state = 'running' and r.until < now() and ${laneIs} = any(${[...of]}::text[])
      order by r.until limit 1 for update of r skip locked
    ), run as (
      update schedule_runs r set owner = ${by.owner}, until = now() + ${`${by.leaseMs} ms`}::interval,
        attempts = r.attempts + 1
      from lost where r.id = lost.id returning r.*
    )
    select run.id, ${ms(sql`run.fire_at`)} as fire_at, run.attempts, run.state, ${asJson} as schedule
    from run join schedules s on s.id = run.schedule_id`.execute(db);
  return rows[0] === undefined ? undefined : toRun(rows[0], by);
}

interface End {
  readonly run: Run;
  readonly ending: Ending;
  readonly now: number;
}

async function end(trx: Executor, { run, ending, now }: End): Promise<boolean> {
  const { state, summary = {}, error = '', notices = [], threadId, down = [], back = [] } = ending;
  const data = ending.data === undefined ? null : toJson(ending.data);
  const { rows } = await sql`
    update schedule_runs set state = ${state}, ended_at = now(), owner = null, until = null,
      summary = ${toJson(summary)}::jsonb, error = ${cleanText(error)}, data = ${data}::jsonb,
      thread_id = coalesce(${threadId ?? null}, thread_id)
    where ${isHeld(run)} returning id`.execute(trx);
  if (rows.length === 0) return false;
  await noteLast(trx, [run.id]);
  await holdTold(trx, ending);
  for (const notice of notices) await storeNotice(trx, notice);
  for (const { serverId, noticeId } of down) {
    await sql`
      insert into server_outages (server_id, notice_id, name, since)
      select id, ${noticeId}::uuid, name, ${new Date(now)} from mcp_servers where id = ${serverId}::uuid
      on conflict (server_id) do nothing`.execute(trx);
  }
  await sql`delete from server_outages where server_id = any(${[...back]}::uuid[])`.execute(trx);
  await tellOver(trx, ending, now);
  return true;
}

/** The schedule's row says how its last run ended. */
async function noteLast(trx: Executor, runIds: readonly string[]): Promise<void> {
  await sql`
    update schedules s set last_run = r.started_at, last_outcome = r.state
    from schedule_runs r where r.id = any(${[...runIds]}::uuid[]) and s.id = r.schedule_id
      and (s.last_run is null or s.last_run <= r.started_at)`.execute(trx);
}

/** One that runs at once was due a while ago. */
async function furnish(trx: Executor, schedules: readonly NewSchedule[]): Promise<void> {
  for (const schedule of schedules) {
    const { rows } = await sql`
      insert into furnished_schedules (name) values (${schedule.name}) on conflict do nothing returning name`.execute(
      trx,
    );
    if (rows.length === 0) continue;
    await sql`
      insert into schedules (name, description, kind, cron, clean_up, target, missed_runs, origin, armed_at)
      values (${schedule.name}, ${schedule.description}, ${schedule.kind}, ${schedule.cron}, ${schedule.cleanUp ?? ''},
        ${schedule.target ?? ''}, ${schedule.missedRuns ?? 'run_once'}, 'default',
        now() - ${schedule.runsAtOnce === true ? '2 days' : '0'}::interval)
      on conflict (name) do nothing`.execute(trx);
  }
}
