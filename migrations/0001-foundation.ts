import { type Kysely, sql } from 'kysely';

/** Configuration, durable inbox and outbox, turns and their steps, conversations, usage, audit, sign-in. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...configuration, ...conversation, ...records, ...signIn]) {
    await sql.raw(statement).execute(db);
  }
}

const configuration = [
  `create table config_version (
    only_row boolean primary key default true check (only_row),
    version integer not null default 1
  )`,
  `insert into config_version default values`,

  `create table llm_providers (
    id uuid primary key default gen_random_uuid(),
    name varchar(50) not null unique
      check (name in ('ollama', 'openai', 'azure_ai', 'anthropic', 'huggingface', 'custom')),
    description text not null default '',
    documentation_url varchar(500) not null default '',
    config_schema jsonb not null default '{}',
    is_enabled boolean not null default true,
    created timestamptz not null default now(),
    last_updated timestamptz not null default now()
  )`,

  `create table llm_models (
    id uuid primary key default gen_random_uuid(),
    llm_provider_id uuid not null references llm_providers on delete cascade,
    name varchar(255) not null unique,
    description text not null default '',
    model_secret_key varchar(255) not null default '',
    is_default boolean not null default false,
    is_enabled boolean not null default true,
    temperature double precision check (temperature between 0 and 2),
    cache_ttl integer not null default 300 check (cache_ttl >= 60),
    model_config jsonb not null default '{}',
    origin text not null default 'admin' check (origin in ('admin', 'environment', 'bootstrap')),
    created timestamptz not null default now(),
    last_updated timestamptz not null default now()
  )`,
  `create unique index llm_models_one_default on llm_models (is_default) where is_default`,

  `create table mcp_servers (
    id uuid primary key default gen_random_uuid(),
    name varchar(100) not null unique,
    status text not null default 'Unhealthy' check (status in ('Healthy', 'Unhealthy', 'Vulnerable')),
    protocol text not null default 'http' check (protocol in ('http', 'stdio')),
    url varchar(500) not null default '' check (protocol <> 'http' or url <> ''),
    mcp_endpoint text not null default '/mcp',
    health_check text not null default '/health',
    description varchar(200) not null default '',
    mcp_type text not null default 'internal' check (mcp_type in ('internal', 'external')),
    command text not null default '' check (protocol <> 'stdio' or command <> ''),
    args jsonb not null default '[]',
    env jsonb not null default '{}',
    headers jsonb not null default '{}',
    is_trusted boolean not null default false,
    is_enabled boolean not null default true,
    origin text not null default 'admin' check (origin in ('admin', 'bundled', 'bootstrap')),
    created timestamptz not null default now(),
    last_updated timestamptz not null default now()
  )`,

  `create table settings (
    key text primary key,
    value jsonb not null,
    last_updated timestamptz not null default now()
  )`,
];

const conversation = [
  // A thread is also the lease on its inbox: whoever owns the row until a time handles its events.
  // seq numbers its events without a gap, and so tells a worker whether anything came since it looked.
  `create table threads (
    thread_id text primary key,
    platform text not null,
    started_by text not null,
    title text,
    seq integer not null default 0,
    ready_at timestamptz,
    owner text,
    until timestamptz,
    epoch integer not null default 0,
    taken_with uuid,
    generation integer not null default 0,
    head text,
    head_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  ) with (fillfactor = 70)`,
  `create index threads_ready on threads (ready_at) where ready_at is not null`,
  `create index threads_list on threads (started_by, updated_at desc)`,

  `create table inbox_events (
    thread_id text not null references threads,
    seq integer not null,
    type text not null check (type in ('message', 'resume')),
    turn_id uuid not null,
    author text not null,
    payload jsonb not null,
    fingerprint text,
    state text not null default 'pending' check (state in ('pending', 'handled', 'dead')),
    attempts integer not null default 0,
    error text,
    traceparent text,
    received_at timestamptz not null default now(),
    handled_at timestamptz,
    primary key (thread_id, seq)
  )`,
  `create index inbox_events_pending on inbox_events (thread_id, seq) where state = 'pending'`,
  `create index inbox_events_turn on inbox_events (turn_id)`,

  `create table dedupe_keys (
    key text primary key,
    thread_id text not null,
    seq integer not null,
    created_at timestamptz not null default now()
  )`,
  `create index dedupe_keys_age on dedupe_keys (created_at)`,

  `create table turns (
    id uuid primary key,
    thread_id text not null references threads,
    generation integer not null,
    state text not null check (state in ('queued', 'running', 'waiting', 'done', 'failed', 'stopped')),
    asker text not null,
    asker_name text not null,
    question text not null,
    model text,
    activations integer not null default 0,
    work_ms integer not null default 0,
    stop_requested_at timestamptz,
    stop_requested_by text,
    preview_ref jsonb,
    reply jsonb,
    replies integer not null default 0,
    checkpoint_id text,
    state_data jsonb not null default '{}',
    created_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz
  ) with (fillfactor = 70)`,
  `create index turns_thread on turns (thread_id, created_at)`,

  `create table steps (
    turn_id uuid not null references turns on delete cascade,
    n integer not null,
    type text not null check (type in ('model', 'begun', 'result', 'said')),
    payload jsonb not null,
    stored_at timestamptz not null default now(),
    primary key (turn_id, n)
  )`,

  `create table approvals (
    id uuid primary key,
    turn_id uuid not null references turns on delete cascade,
    thread_id text not null,
    call_id text not null,
    tool text not null,
    effect text not null check (effect in ('read', 'write', 'destructive')),
    arguments jsonb not null,
    digest text not null,
    note text,
    asked_by text not null,
    asked_by_name text not null,
    policy_version text not null,
    state text not null default 'pending'
      check (state in ('pending', 'approved', 'denied', 'expired', 'cancelled')),
    decided_by text,
    decided_by_name text,
    decided_at timestamptz,
    reason text,
    spent_at timestamptz,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  `create index approvals_turn on approvals (turn_id)`,
  `create index approvals_expiry on approvals (expires_at) where state = 'pending'`,

  `create table checkpoints (
    thread_id text not null,
    n bigint generated always as identity,
    id text not null,
    prev text,
    replaces text,
    tokens integer not null,
    messages jsonb not null,
    created_at timestamptz not null default now(),
    primary key (thread_id, n),
    unique (thread_id, id)
  )`,

  `create table outbox (
    id bigint generated always as identity primary key,
    thread_id text not null,
    platform text not null,
    turn_id uuid not null,
    ordinal integer not null,
    reply jsonb not null,
    edits jsonb,
    state text not null default 'pending' check (state in ('pending', 'sent', 'dead')),
    attempts integer not null default 0,
    owner text,
    until timestamptz,
    ready_at timestamptz not null default now(),
    message_ref jsonb,
    unsure boolean not null default false,
    repeated boolean not null default false,
    error text,
    created_at timestamptz not null default now(),
    sent_at timestamptz,
    unique (turn_id, ordinal)
  )`,
  `create index outbox_pending on outbox (thread_id, id) where state = 'pending'`,
  `create index outbox_ready on outbox (ready_at) where state = 'pending'`,
];

const records = [
  `create table usage (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    turn_id uuid not null,
    thread_id text not null,
    principal text not null,
    model text not null,
    input_tokens integer not null,
    output_tokens integer not null,
    cache_read_tokens integer not null,
    cache_write_tokens integer not null,
    reasoning_tokens integer not null,
    duration_ms integer not null
  )`,
  `create index usage_principal on usage (principal, at)`,

  `create table audit_log (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    actor text not null,
    action text not null,
    target text not null,
    detail jsonb not null default '{}',
    thread_id text,
    turn_id uuid
  )`,
];

const signIn = [
  `create table web_sign_ins (
    token_hash text primary key,
    principal text not null,
    name text not null,
    expires_at timestamptz not null
  )`,
  `create table web_sessions (
    session_hash text primary key,
    principal text not null,
    name text not null,
    expires_at timestamptz not null
  )`,
];
