import { type Kysely, sql } from 'kysely';

/** Changes that can be undone for a while, and how models did when they were last tested. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table undos (
    id uuid primary key default gen_random_uuid(),
    principal text not null,
    title text not null,
    -- Outermost first: each names a resource, a row, and how it becomes again what it was.
    steps jsonb not null,
    expires_at timestamptz not null,
    claimed_at timestamptz
  )`,
  `create index undos_over on undos (expires_at)`,
  `alter table llm_models
    add column last_tested timestamptz,
    add column last_test_ms integer,
    add column last_test_error text not null default ''`,
];
