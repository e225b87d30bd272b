import { type Kysely, sql } from 'kysely';

/** Snoozes that are over are looked for again and again; what is resolved stays for months. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index concerns_snoozed on concerns (until) where state = 'snoozed'`.execute(db);
}
