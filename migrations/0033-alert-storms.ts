import { type Kysely, sql } from 'kysely';

/** Storms that are investigated when most of them is known, and groups that come and go. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // `investigate_at`: when its investigation, whose chance is taken, is to begin.
  // `returns`: how often it has fired again after it was over, since it opened.
  await sql`
    alter table alert_groups
      add column investigate_at timestamptz,
      add column returns int not null default 0`.execute(db);
}
