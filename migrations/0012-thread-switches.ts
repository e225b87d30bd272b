import { type Kysely, sql } from 'kysely';

/** A thread in which the bot speaks only when it is mentioned. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table threads add column is_quiet boolean not null default false`.execute(db);
}
