import { type Kysely, sql } from 'kysely';

/** What fires is looked at every second; what is over stays for months. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index alert_groups_firing on alert_groups (route_id) where state = 'firing'`.execute(db);
}
