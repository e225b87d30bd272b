import { sql } from 'kysely';
import type { ModelFailure, UsageRecord } from '../bot/port.ts';
import type { Executor } from './database.ts';
import { toJson } from './json.ts';

/** Inserts what model calls used, hanging on a CTE `fence` with one row while the lease is held. */
export function insertUsage(turnId: string, threadId: string, charges: readonly UsageRecord[] = []) {
  const records = charges.map(({ usage, cost, ...charge }) => ({ ...usage, ...cost, ...charge }));
  return sql`
    insert into usage (turn_id, thread_id, principal, model, input_tokens, output_tokens, cache_read_tokens,
      cache_write_tokens, reasoning_tokens, duration_ms, cost_usd, cost_is_whole, price_source)
    select ${turnId}::uuid, ${threadId}, u.principal, u.model, u.input, u.output, u."cacheRead", u."cacheWrite",
      u.reasoning, u."durationMs", u.usd, coalesce(u."isWhole", false), coalesce(u."priceSource", '')
    from fence, jsonb_to_recordset(${toJson(records)}::jsonb) as u (principal text, model text, input int,
      output int, "cacheRead" int, "cacheWrite" int, reasoning int, "durationMs" int, usd numeric, "isWhole" boolean,
      "priceSource" text)`;
}

/** Stores what a model call used that belongs to no turn, such as a test. */
export async function recordLoneUsage(db: Executor, record: UsageRecord): Promise<void> {
  const { usage, cost, principal, model, durationMs, priceSource = '' } = record;
  await sql`
    insert into usage (thread_id, principal, model, input_tokens, output_tokens, cache_read_tokens,
      cache_write_tokens, reasoning_tokens, duration_ms, cost_usd, cost_is_whole, price_source)
    values ('', ${principal}, ${model}, ${usage.input}, ${usage.output}, ${usage.cacheRead},
      ${usage.cacheWrite}, ${usage.reasoning}, ${Math.round(durationMs)}, ${cost?.usd ?? null},
      ${cost?.isWhole ?? false}, ${priceSource})`.execute(db);
}

/** Inserts which model calls failed, hanging on the same. */
export function insertFailures(turnId: string, failures: readonly ModelFailure[] = []) {
  return sql`
    insert into model_failures (turn_id, model, kind)
    select ${turnId}::uuid, f.model, f.kind
    from fence, jsonb_to_recordset(${toJson(failures)}::jsonb) as f (model text, kind text)`;
}
