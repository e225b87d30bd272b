import { type Kysely, sql } from 'kysely';

/** A turn whose message was taken back: nothing of it is kept for later turns, whenever it ends. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table turns add column is_retracted boolean not null default false`.execute(db);
}
