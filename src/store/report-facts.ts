import { type RawBuilder, sql } from 'kysely';
import type { StoredFacts } from '../schedules/facts/port.ts';
import type { Executor } from './database.ts';

/** What a report tells of what is stored; of the last 24 hours without `from`. */
export async function storedFacts(db: Executor, from: Date | undefined): Promise<StoredFacts> {
  const since = from ?? sql`now() - interval '24 hours'`;
  const { rows } = await sql<StoredFacts>`
    select (extract(epoch from now()) * 1000)::float8 as at,
      ${usageSince(since)} as usage,
      (select jsonb_build_object('done', count(*) filter (where state = 'done' and not is_check),
        'failed', count(*) filter (where state = 'failed' and not is_check),
        'stopped', count(*) filter (where state = 'stopped' and not is_check),
        'checks', count(*) filter (where is_check))
        from turns where ended_at >= ${since} and question <> '') as turns,
      (select jsonb_build_object('waiting', count(*),
        'oldestMs', coalesce(extract(epoch from now() - min(created_at)) * 1000, 0))
        from approvals where state = 'pending' and expires_at > now()) as approvals,
      ${undeliverableSince(since)} as undeliverable,
      (select jsonb_build_object('today', ${spentSince('day')}, 'month', ${spentSince('month')})) as spent,
      (select jsonb_agg(jsonb_build_object('day', to_char(d.day, 'YYYY-MM-DD'), 'turns', (
          select count(*) from turns t where t.question <> '' and not t.is_check
            and t.created_at >= d.day at time zone 'UTC' and t.created_at < (d.day + interval '1 day') at time zone 'UTC'
        ), 'costUsd', (
          select coalesce(sum(u.cost_usd), 0)::float8 from usage u
          where u.at >= d.day at time zone 'UTC' and u.at < (d.day + interval '1 day') at time zone 'UTC'
        )) order by d.day)
        from generate_series(date_trunc('day', now() at time zone 'UTC') - interval '6 days',
          date_trunc('day', now() at time zone 'UTC'), interval '1 day') as d (day)) as days`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('The database said nothing of its turns.');
  return row;
}

/** How calls of models went since then, by model. */
export async function usageFacts(db: Executor, since: Date): Promise<Pick<StoredFacts, 'usage'>> {
  const { rows } = await sql<Pick<StoredFacts, 'usage'>>`select ${usageSince(since)} as usage`.execute(db);
  return rows[0] ?? { usage: [] };
}

/** How many replies were given up since then. */
export async function undeliverableFacts(
  db: Executor,
  since: Date,
): Promise<Pick<StoredFacts, 'undeliverable'>> {
  const { rows } = await sql<Pick<StoredFacts, 'undeliverable'>>`
    select ${undeliverableSince(since)} as undeliverable`.execute(db);
  return rows[0] ?? { undeliverable: 0 };
}

type Since = Date | RawBuilder<unknown>;

function undeliverableSince(since: Since) {
  return sql`(select count(*)::int from outbox where state = 'dead' and created_at >= ${since})`;
}

function usageSince(since: Since) {
  return sql`(select coalesce(jsonb_agg(to_jsonb(m) order by m.calls desc), '[]') from (
        select coalesce(u.model, f.model) as model, coalesce(u.calls, 0) as calls, coalesce(f.failed, 0) as failed,
          coalesce("p50Ms", 0) as "p50Ms", coalesce("p95Ms", 0) as "p95Ms",
          coalesce("inputTokens", 0) as "inputTokens", coalesce("outputTokens", 0) as "outputTokens",
          "costUsd", coalesce("costIsWhole", false) as "costIsWhole"
        from (
          select model, count(*)::int as calls,
            percentile_cont(0.5) within group (order by duration_ms) as "p50Ms",
            percentile_cont(0.95) within group (order by duration_ms) as "p95Ms",
            sum(input_tokens)::float8 as "inputTokens", sum(output_tokens)::float8 as "outputTokens",
            sum(cost_usd)::float8 as "costUsd", bool_and(cost_usd is not null and cost_is_whole) as "costIsWhole"
          from usage where at >= ${since} group by model
        ) u full join (
          select model, count(*)::int as failed from model_failures where at >= ${since} group by model
        ) f on f.model = u.model
      ) m)`;
}

/** A scalar query over what was used since the day or the month began, in UTC. */
function spentSince(period: 'day' | 'month') {
  return sql`(
    select jsonb_build_object('tokens', coalesce(sum(input_tokens::float8 + output_tokens), 0),
      'usd', coalesce(sum(cost_usd), 0)::float8,
      'isWhole', coalesce(bool_and(cost_usd is not null and cost_is_whole), true))
    from usage where at >= date_trunc(${period}, now() at time zone 'UTC') at time zone 'UTC')`;
}

/** What a run's turns have cost, in US dollars; null: nothing is known. A call that was stopped says nothing of its cost. */
export async function runCost(
  db: Executor,
  runId: string,
): Promise<{ readonly usd: number; readonly isWhole: boolean } | null> {
  const { rows } = await sql<{ usd: number | null; isWhole: boolean }>`
    with mine as (
      select t.id, t.state from schedule_runs r
        join turns t on t.id in (select jsonb_array_elements_text(r.turn_ids)::uuid)
      where r.id = ${runId}::uuid
    )
    select sum(u.cost_usd)::float8 as usd,
      coalesce(bool_and(u.cost_usd is not null and u.cost_is_whole), false)
        and not exists (select from mine where state <> 'done') as "isWhole"
    from usage u where u.turn_id in (select id from mine)`.execute(db);
  const [row] = rows;
  return row === undefined || row.usd === null ? null : { usd: row.usd, isWhole: row.isWhole };
}
