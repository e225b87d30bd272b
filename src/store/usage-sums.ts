import { sql } from 'kysely';
import {
  type UsageFilter,
  type UsageGroup,
  type UsageLog,
  type UsageSum,
  usageGroups,
} from '../observe/port.ts';
import type { Executor } from './database.ts';

/** Sums of what model calls used, in SQL. */
export function usageLog(db: Executor): UsageLog {
  return {
    async sums(groups, filter, { limit, offset }) {
      const { rows } = await sql<SumColumns>`
        with sums as (${summed(groups, filter)})
        select *, (select count(*)::int from sums) as total from sums
        order by ${orderOf(groups)} limit ${limit} offset ${offset}`.execute(db);
      const count = rows[0]?.total ?? (offset === 0 ? 0 : await counted(db, groups, filter));
      return { count, rows: rows.map((row) => toSum(groups, row)) };
    },
  };
}

interface SumColumns {
  readonly day: string;
  readonly model: string;
  readonly principal: string;
  readonly thread: string;
  readonly calls: number;
  readonly turns: number;
  readonly unpriced: number;
  readonly input: number;
  readonly output: number;
  readonly cache_read: number;
  readonly cache_write: number;
  readonly reasoning: number;
  readonly cost: string | null;
  readonly is_whole: boolean;
  readonly total: number;
}

const expressions: Readonly<Record<UsageGroup, ReturnType<typeof sql>>> = {
  day: sql`to_char(at at time zone 'UTC', 'YYYY-MM-DD')`,
  model: sql`model`,
  principal: sql`principal`,
  thread: sql`thread_id`,
};

/** Sums are floats: they stay exact up to 2^53 tokens, and `bigint` would arrive as text. */
function summed(groups: readonly UsageGroup[], filter: UsageFilter) {
  const columns = usageGroups.map(
    (group) => sql`${groups.includes(group) ? expressions[group] : sql`''`} as ${sql.ref(group)}`,
  );
  const by = groups.map((group) => expressions[group]);
  return sql`
    select ${sql.join(columns)}, count(*)::int as calls, count(distinct turn_id)::int as turns,
      count(*) filter (where cost_usd is null)::int as unpriced,
      sum(input_tokens)::float8 as input, sum(output_tokens)::float8 as output,
      sum(cache_read_tokens)::float8 as cache_read, sum(cache_write_tokens)::float8 as cache_write,
      sum(reasoning_tokens)::float8 as reasoning, sum(cost_usd)::text as cost,
      bool_and(cost_usd is not null and cost_is_whole) as is_whole
    from usage where ${whereOf(filter)} group by ${sql.join(by)}`;
}

function orderOf(groups: readonly UsageGroup[]) {
  return sql.join(groups.map((group) => (group === 'day' ? sql`day desc` : sql.ref(group))));
}

function whereOf({ since, until, model, principal, threadId }: UsageFilter) {
  const conditions = [
    since === undefined ? undefined : sql`at >= ${since}`,
    until === undefined ? undefined : sql`at < ${until}`,
    model === undefined ? undefined : sql`model = ${model}`,
    principal === undefined ? undefined : sql`principal = ${principal}`,
    threadId === undefined ? undefined : sql`thread_id = ${threadId}`,
  ].filter((condition) => condition !== undefined);
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}

async function counted(db: Executor, groups: readonly UsageGroup[], filter: UsageFilter): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (${summed(groups, filter)}) as sums`.execute(db);
  return rows[0]?.count ?? 0;
}

function toSum(groups: readonly UsageGroup[], row: SumColumns): UsageSum {
  return {
    group: Object.fromEntries(groups.map((group) => [group, row[group]])),
    calls: row.calls,
    turns: row.turns,
    unpriced: row.unpriced,
    input: row.input,
    output: row.output,
    cacheRead: row.cache_read,
    cacheWrite: row.cache_write,
    reasoning: row.reasoning,
    costUsd: row.cost === null ? null : Number(row.cost),
    costIsWhole: row.is_whole,
  };
}
