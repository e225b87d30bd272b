import { type RawBuilder, sql } from 'kysely';
import type { Reply } from '../chat/reply.ts';
import type { BegunTurn, RunView, ServerState } from '../schedules/port.ts';
import type { Executor } from './database.ts';

/** Turns that runs began, as far as they are there. */
export async function readTurns(db: Executor, ids: readonly string[]): Promise<readonly BegunTurn[]> {
  const { rows } = await sql<{ id: string; state: string; reply: Reply | null; calls: BegunTurn['calls'] }>`
    select t.id, t.state, t.reply, coalesce((
      select jsonb_agg(jsonb_build_object(
        'tool', coalesce(p.payload->'message'->>'tool', p.payload->'message'->>'name'),
        'ok', not coalesce((p.payload->'message'->>'isError')::boolean, false)) order by p.n)
      from steps p where p.turn_id = t.id and p.type = 'result'), '[]') as calls
    from turns t where t.id = any(${[...ids]}::uuid[])`.execute(db);
  return rows.map(({ reply, ...turn }) => (reply === null ? turn : { ...turn, reply }));
}

interface HistoryRow extends Omit<RunView, 'endedAt' | 'threadId'> {
  readonly endedAt: string | null;
  readonly threadId: string | null;
}

/** A schedule's runs, the newest first. */
export async function history(db: Executor, scheduleId: string, limit: number): Promise<readonly RunView[]> {
  const { rows } = await sql<HistoryRow>`
    select r.id, ${isoOf(sql`r.fire_at`)} as "fireAt", r.trigger, r.state, r.missed,
      ${isoOf(sql`r.started_at`)} as "startedAt", ${isoOf(sql`r.ended_at`)} as "endedAt", r.summary, r.error,
      r.thread_id as "threadId", (
        select sum(u.cost_usd)::float8 from usage u
        where u.turn_id in (select jsonb_array_elements_text(r.turn_ids)::uuid)
      ) as "costUsd"
    from schedule_runs r where r.schedule_id = ${scheduleId}::uuid
    order by r.started_at desc, r.id limit ${limit}`.execute(db);
  return rows.map(({ endedAt, threadId, ...run }) => ({
    ...run,
    ...(endedAt === null ? {} : { endedAt }),
    ...(threadId === null ? {} : { threadId }),
  }));
}

function isoOf(time: RawBuilder<unknown>): RawBuilder<string> {
  return sql`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

interface ServerRow extends Omit<ServerState, 'told'> {
  readonly since: Date | null;
  readonly noticeId: string | null;
  readonly threadId: string | null;
}

/** Servers that are enabled and not Vulnerable. */
export async function readServers(db: Executor): Promise<readonly ServerState[]> {
  const { rows } = await sql<ServerRow>`
    select v.id, v.name, s.name = 'Healthy' as "isHealthy",
      s.name = 'Healthy' or v.last_checked is not null as "isChecked", v.last_error as "lastError", o.since,
      o.notice_id as "noticeId", t.thread_id as "threadId"
    from mcp_servers v join statuses s on s.id = v.status_id
      left join server_outages o on o.server_id = v.id left join turns t on t.id = o.notice_id
    where v.is_enabled and s.name <> 'Vulnerable' order by v.name`.execute(db);
  return rows.map(({ since, noticeId, threadId, ...server }) => {
    if (since === null || noticeId === null) return server;
    return { ...server, told: { since, noticeId, ...(threadId === null ? {} : { threadId }) } };
  });
}
