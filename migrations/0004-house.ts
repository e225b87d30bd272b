import { type Kysely, sql } from 'kysely';

/**
 * How far the import of a backup has come. One row at most: the latest. `loose` holds the references
 * that are put back when it ends: `[{table, name, definition}]`.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`create table house_moves (
      file_hash text primary key,
      state text not null default 'moving' check (state in ('moving', 'failed', 'finished')),
      table_name text not null default '',
      rows_done bigint not null default 0,
      loose jsonb not null default '[]',
      started_at timestamptz not null default now(),
      finished_at timestamptz
    )`)
    .execute(db);
}
