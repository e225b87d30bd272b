import { type Kysely, sql } from 'kysely';

/**
 * What model calls cost. `cost_usd` is null where nothing is known of it; `cost_is_whole` is false where it
 * was more than that. A turn's `usage` is the sum over its model calls.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table usage
    add column cost_usd numeric(20, 10) check (cost_usd >= 0),
    add column cost_is_whole boolean not null default false,
    add column price_source text not null default ''`,
  `create index usage_at on usage (at)`,
  `alter table turns add column usage jsonb`,
];
