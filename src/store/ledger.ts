import { sql } from 'kysely';
import type { Ledger, SpendingOf, Trace } from '../middleware/port.ts';
import type { Executor } from './database.ts';

/** What layers read of what is stored, in SQL. */
export function ledger(db: Executor): Ledger {
  return {
    async spent(of) {
      const { rows } = await sql<{ tokens: number; usd: number }>`
        select coalesce(sum(input_tokens::float8 + output_tokens), 0) as tokens,
          coalesce(sum(cost_usd), 0)::float8 as usd
        from usage where ${whereOf(of)}`.execute(db);
      return rows[0] ?? { tokens: 0, usd: 0 };
    },
    async counts(threadId, turnId) {
      const { rows } = await sql<{ tool: string | null; calls: number }>`
        select case s.type when 'result'
            then coalesce(s.payload->'message'->>'tool', s.payload->'message'->>'name') end as tool,
          count(*)::int as calls
        from turns t join steps s on s.turn_id = t.id
        where t.thread_id = ${threadId} and t.id <> ${turnId}::uuid
          and t.generation = (select generation from threads where thread_id = ${threadId})
          and (s.type = 'model' or (s.type = 'result' and (s.payload->>'ran')::boolean))
        group by 1`.execute(db);
      const tools = rows.flatMap(({ tool, calls }) => (tool === null ? [] : [[tool, calls] as const]));
      return {
        modelCalls: rows.find(({ tool }) => tool === null)?.calls ?? 0,
        toolCalls: Object.fromEntries(tools),
      };
    },
    async revision(threadId) {
      const { rows } = await sql<{ revision: string }>`
        select generation || '.' || corrections as revision from threads
        where thread_id = ${threadId}`.execute(db);
      return rows[0]?.revision ?? '';
    },
    async trace(turnId) {
      if (!/^[0-9a-f-]{36}$/i.test(turnId)) return undefined;
      const { rows } = await sql<{ trace: readonly Trace[] | null }>`
        select trace from turns where id = ${turnId}::uuid`.execute(db);
      return rows[0] === undefined ? undefined : (rows[0].trace ?? []);
    },
  };
}

function whereOf({ principal, channel, model, since }: SpendingOf) {
  const conditions = [
    sql`at >= ${since}`,
    principal === undefined ? undefined : sql`principal = ${principal}`,
    channel === undefined ? undefined : sql`starts_with(thread_id, ${channel})`,
    model === undefined ? undefined : sql`model = ${model}`,
  ].filter((condition) => condition !== undefined);
  return sql.join(conditions, sql` and `);
}
