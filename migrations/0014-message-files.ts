import { type Kysely, sql } from 'kysely';

/** Images and PDFs that came with messages: their bytes, apart from all rows that are read often. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table message_files (
    id uuid primary key,
    thread_id text not null,
    turn_id uuid not null references turns on delete cascade,
    name text not null,
    media_type text not null,
    data bytea not null,
    created_at timestamptz not null default now()
  )`,
  `create index message_files_turn on message_files (turn_id)`,
  // Images and PDFs are compressed already.
  `alter table message_files alter column data set storage external`,
];
