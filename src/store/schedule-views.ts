import { type RawBuilder, sql } from 'kysely';
import { toRun } from '../agent/indirect.ts';
import type { ToolCall, ToolMessage } from '../agent/messages.ts';
import type { Reply } from '../chat/reply.ts';
import type { BegunTurn, CalledTool, Outage, RunView, SeenCheck, ServerState } from '../schedules/port.ts';
import type { Executor } from './database.ts';

interface TurnRow {
  readonly id: string;
  readonly state: string;
  readonly reply: Reply | null;
  readonly asked: readonly ToolCall[];
  readonly results: readonly (Pick<ToolMessage, 'callId' | 'name' | 'isError' | 'isPersons'> & {
    readonly tool: string | null;
  })[];
}

/** Turns that runs began, as far as they are there. */
export async function readTurns(db: Executor, ids: readonly string[]): Promise<readonly BegunTurn[]> {
  const { rows } = await sql<TurnRow>`
    select t.id, t.state, t.reply, coalesce((
      select jsonb_agg(call order by p.n)
      from steps p, jsonb_array_elements(p.payload->'message'->'calls') as call
      where p.turn_id = t.id and p.type = 'model' and ${hasPaused}), '[]') as asked, coalesce((
      select jsonb_agg(jsonb_build_object('callId', p.payload->'message'->'callId',
        'name', p.payload->'message'->'name', 'tool', p.payload->'message'->'tool',
        'isError', p.payload->'message'->'isError', 'isPersons', p.payload->'message'->'isPersons') order by p.n)
      from steps p where p.turn_id = t.id and p.type = 'result' and ${hasPaused}), '[]') as results
    from turns t where t.id = any(${[...ids]}::uuid[])`.execute(db);
  return rows.map(({ id, state, reply, asked, results }) => ({
    ...{ id, state, calls: results.map((result) => calledOf(result, asked)) },
    ...(reply === null ? {} : { reply }),
  }));
}

/** Turns are asked for again and again while they run. */
const hasPaused = sql`t.state not in ('queued', 'running')`;

function calledOf(
  { callId, name, tool, isError, isPersons }: TurnRow['results'][number],
  asked: TurnRow['asked'],
): CalledTool {
  const call = asked.find(({ id }) => id === callId);
  const args = call === undefined ? {} : toRun(call).arguments;
  return { tool: tool ?? name, arguments: JSON.stringify(args), ok: !isError && isPersons !== true };
}

interface HistoryRow extends Omit<RunView, 'endedAt' | 'threadId' | 'checks'> {
  readonly endedAt: string | null;
  readonly threadId: string | null;
  readonly checks: readonly SeenCheck[] | null;
}

/** A schedule's runs, the newest first. */
export async function history(db: Executor, scheduleId: string, limit: number): Promise<readonly RunView[]> {
  const { rows } = await sql<HistoryRow>`
    select r.id, ${isoOf(sql`r.fire_at`)} as "fireAt", r.trigger, r.state, r.missed,
      ${isoOf(sql`r.started_at`)} as "startedAt", ${isoOf(sql`r.ended_at`)} as "endedAt", r.summary, r.error,
      r.thread_id as "threadId", r.data->'checks' as checks, (
        select sum(u.cost_usd)::float8 from usage u
        where u.turn_id in (select jsonb_array_elements_text(r.turn_ids)::uuid)
      ) as "costUsd"
    from schedule_runs r where r.schedule_id = ${scheduleId}::uuid
    order by r.started_at desc, r.id limit ${limit}`.execute(db);
  return rows.map(({ endedAt, threadId, checks, ...run }) => ({
    ...run,
    ...(checks === null ? {} : { checks }),
    ...(endedAt === null ? {} : { endedAt }),
    ...(threadId === null ? {} : { threadId }),
  }));
}

function isoOf(time: RawBuilder<unknown>): RawBuilder<string> {
  return sql`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** Servers that are enabled and not Vulnerable. */
export async function readServers(db: Executor): Promise<readonly ServerState[]> {
  const { rows } = await sql<ServerState>`
    select v.id, v.name, s.name = 'Healthy' as "isHealthy",
      s.name = 'Healthy' or v.last_checked is not null as "isChecked", v.last_error as "lastError"
    from mcp_servers v join statuses s on s.id = v.status_id
    where v.is_enabled and s.name <> 'Vulnerable' order by v.name`.execute(db);
  return rows;
}

/** What people were told is down, also of servers that are gone. */
export async function readOutages(db: Executor): Promise<readonly Outage[]> {
  const { rows } = await sql<Omit<Outage, 'threadId'> & { readonly threadId: string | null }>`
    select o.server_id as "serverId", coalesce(v.name, o.name) as name, o.since, o.notice_id as "noticeId",
      t.thread_id as "threadId", coalesce(v.last_error, '') as "lastError",
      case when v.id is null then 'deleted' when not v.is_enabled then 'disabled'
        when s.name = 'Vulnerable' then 'vulnerable' when s.name = 'Healthy' then 'back' else 'down' end as standing
    from server_outages o left join mcp_servers v on v.id = o.server_id left join statuses s on s.id = v.status_id
      left join turns t on t.id = o.notice_id order by 2`.execute(db);
  return rows.map(({ threadId, ...outage }) => (threadId === null ? outage : { ...outage, threadId }));
}
