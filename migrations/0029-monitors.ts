import { type Kysely, sql } from 'kysely';

/** Schedules that watch one thing, whom they tell, and model calls that failed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // `watches` empty: nothing. `mention` empty: the owner alone.
  `alter table schedules
    add column mention jsonb not null default '[]',
    add column watches text not null default '',
    add column question text not null default '',
    add column rule text not null default '',
    add column seconds integer not null default 120 check (seconds between 10 and 600),
    add column confirmations integer not null default 2 check (confirmations between 1 and 10),
    add column flap_changes integer not null default 4 check (flap_changes between 2 and 50),
    add column flap_minutes integer not null default 60 check (flap_minutes between 5 and 1440)`,

  // Calls that failed for good, after whatever was tried again; also those in whose place another model answered.
  `create table model_failures (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    turn_id uuid not null,
    model text not null,
    kind text not null
  )`,
  `create index model_failures_at on model_failures (at)`,
];
