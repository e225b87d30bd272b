import { type Kysely, sql } from 'kysely';

/** Where alerts come in, and what is known of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table alert_routes (
    id uuid primary key default gen_random_uuid(),
    name varchar(63) not null unique,
    description text not null default '',
    format text not null,
    authentication text not null default 'token',
    secret_key text not null default '',
    timestamp_header text not null default '',
    target text not null default '',
    template text not null default '',
    group_by jsonb not null default '[]',
    severity_label text not null default 'severity',
    investigate boolean not null default true,
    instructions text not null default '',
    tools jsonb not null default '[]',
    investigations_per_hour integer not null default 10,
    groups_per_minute integer not null default 10,
    alerts_per_minute integer not null default 2000,
    dedupe_minutes integer not null default 60,
    reopen_minutes integer not null default 10,
    mention_owner boolean not null default true,
    auto_close boolean not null default true,
    is_enabled boolean not null default true,
    owner text not null default 'bot',
    owner_name text not null default '',
    origin text not null default 'admin',
    tags jsonb not null default '[]',
    created timestamptz not null default now(),
    last_updated timestamptz not null default now()
  )`,

  // Whatever comes in on a route takes this row first: one delivery after another, over all replicas.
  `create table alert_route_states (
    route_id uuid primary key references alert_routes on delete cascade,
    minute timestamptz not null default 'epoch',
    alerts integer not null default 0,
    investigated jsonb not null default '[]'
  )`,

  // Alerts that belong together. \`notice_id\`: what tells of them now; null while they are told of with a storm.
  // \`due_at\`: when something of it is to be told anew.
  `create table alert_groups (
    id uuid primary key default gen_random_uuid(),
    route_id uuid not null references alert_routes on delete cascade,
    key text not null,
    title text not null,
    severity text not null,
    state text not null check (state in ('firing', 'resolved')),
    notice_id uuid,
    storm_id uuid references alert_groups on delete set null,
    note text not null default '',
    opened_at timestamptz not null,
    resolved_at timestamptz,
    last_at timestamptz not null,
    restated_at timestamptz,
    line_at timestamptz,
    lines integer not null default 0,
    unsaid_firing integer not null default 0,
    unsaid_resolved integer not null default 0,
    is_again boolean not null default false,
    is_stale boolean not null default false,
    due_at timestamptz,
    unique (route_id, key)
  )`,
  `create index alert_groups_due on alert_groups (due_at) where due_at is not null`,
  `create index alert_groups_opened on alert_groups (route_id, opened_at)`,
  `create index alert_groups_storm on alert_groups (storm_id) where storm_id is not null`,

  `create table alerts (
    route_id uuid not null references alert_routes on delete cascade,
    fingerprint text not null,
    group_id uuid not null references alert_groups on delete cascade,
    status text not null check (status in ('firing', 'resolved')),
    alert jsonb not null,
    fired_at timestamptz not null,
    last_at timestamptz not null,
    times integer not null default 1,
    primary key (route_id, fingerprint)
  )`,
  `create index alerts_of_group on alerts (group_id, last_at desc)`,

  // What was delivered already.
  `create table alert_deliveries (
    key text primary key,
    expires_at timestamptz not null
  )`,
  `create index alert_deliveries_expiry on alert_deliveries (expires_at)`,
];
