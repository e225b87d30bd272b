import { type Kysely, sql } from 'kysely';

/**
 * Middleware: how often something of a conversation was taken back or changed, so that no summary of it
 * outlives that; and whether a model has the default layers beside its own.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table threads add column corrections integer not null default 0`,
  `alter table llm_models add column default_layers boolean not null default true`,
] as const;
