import { type Kysely, sql } from 'kysely';

/** What the bot does by itself at set times, each time that it did, and what opens new threads. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // `armed_at`: whatever was due until then is dealt with.
  `create table schedules (
    id uuid primary key default gen_random_uuid(),
    name varchar(100) not null unique,
    description text not null default '',
    kind text not null,
    cron text not null,
    timezone text not null default 'UTC',
    target text not null default '',
    clean_up text not null default '',
    prompt text not null default '',
    checks jsonb not null default '[]',
    is_enabled boolean not null default true,
    missed_runs text not null default 'run_once' check (missed_runs in ('run_once', 'skip')),
    jitter_seconds integer not null default 0 check (jitter_seconds between 0 and 3600),
    owner text not null default 'bot',
    owner_name text not null default '',
    origin text not null default 'admin',
    armed_at timestamptz not null default now(),
    last_run timestamptz,
    last_outcome text not null default '',
    tags jsonb not null default '[]',
    created timestamptz not null default now(),
    last_updated timestamptz not null default now()
  )`,

  // A schedule that is switched on, or gets other times, begins anew: nothing that was due before is missed.
  `create function arm_schedule() returns trigger language plpgsql as $$
  begin
    if (new.cron, new.timezone) is distinct from (old.cron, old.timezone)
      or (new.is_enabled and not old.is_enabled) then new.armed_at := clock_timestamp(); end if;
    return new;
  end $$`,
  `create trigger schedules_arm before update on schedules for each row execute function arm_schedule()`,

  // What was brought along once is never brought again, whatever became of it.
  `create table furnished_schedules (
    name text primary key,
    at timestamptz not null default now()
  )`,

  `create table schedule_runs (
    id uuid primary key default gen_random_uuid(),
    schedule_id uuid not null references schedules on delete cascade,
    fire_at timestamptz not null,
    trigger text not null check (trigger in ('time', 'missed', 'manual')),
    missed integer not null default 0,
    started_by text not null default 'bot',
    state text not null check (state in ('running', 'waiting', 'done', 'failed', 'skipped')),
    owner text,
    until timestamptz,
    attempts integer not null default 1,
    started_at timestamptz not null default now(),
    ended_at timestamptz,
    summary jsonb not null default '{}',
    error text not null default '',
    thread_id text,
    turn_ids jsonb not null default '[]',
    data jsonb
  )`,
  // A tick has one run, whoever saw it first.
  `create unique index schedule_runs_tick on schedule_runs (schedule_id, fire_at) where trigger <> 'manual'`,
  `create index schedule_runs_history on schedule_runs (schedule_id, started_at desc)`,
  `create index schedule_runs_open on schedule_runs (until) where state in ('running', 'waiting')`,

  // A post that opens a thread: what begins in it once the platform has said where it is.
  `alter table outbox add column opening jsonb`,

  // What was said of a server that is down, for the word that it is back. A turn, once its thread is there.
  `create table server_outages (
    server_id uuid primary key references mcp_servers on delete cascade,
    since timestamptz not null default now(),
    notice_id uuid not null
  )`,
];
