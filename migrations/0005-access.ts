import { type Kysely, sql } from 'kysely';

/** Who may do what: roles, grants, API tokens, tenants, people; and sign-in by an organisation's issuer. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...roles, ...grants, ...tokens, ...tenants, ...people, ...signIn]) {
    await sql.raw(statement).execute(db);
  }
}

const identity = `id uuid primary key default gen_random_uuid()`;
const stamps = `
    tags jsonb not null default '[]',
    created timestamptz not null default now(),
    last_updated timestamptz not null default now()`;

const roles = [
  `create table roles (
    ${identity},
    name varchar(100) not null unique,
    description text not null default '',
    permissions jsonb not null default '[]',
    is_builtin boolean not null default false,
    ${stamps}
  )`,
  `insert into roles (name, description, permissions, is_builtin) values
    ('viewer', 'Sees what is configured.', '["ai_ops.view_*"]', true),
    ('operator', 'Talks to the bot, which reads with its tools.',
      '["chat", "ai_ops.view_llmmodel", "ai_ops.view_mcpserver"]', true),
    ('approver', 'An operator who also approves what others asked for.',
      '["chat", "approve", "ai_ops.view_llmmodel", "ai_ops.view_mcpserver"]', true),
    ('admin', 'Everything.', '["*"]', true)`,
];

const grants = [
  `create table grants (
    ${identity},
    role_id uuid not null references roles on delete cascade,
    principal text not null,
    note text not null default '',
    expires timestamptz,
    ${stamps},
    constraint grants_one_of_a_role unique (role_id, principal)
  )`,
  `create index grants_principal on grants (principal)`,
  `insert into grants (role_id, principal, note)
    select id, 'tenant:*', 'Members of every allowed tenant; guests and external people are none.'
    from roles where name = 'operator'`,
];

const tokens = [
  `create table api_tokens (
    ${identity},
    name varchar(100) not null unique,
    token_hash text not null unique,
    hint varchar(12) not null default '',
    permissions jsonb not null default '[]',
    expires timestamptz,
    last_used timestamptz,
    is_enabled boolean not null default true,
    created_by text not null default '',
    ${stamps}
  )`,
  `create index api_tokens_created_by on api_tokens (created_by)`,
];

const tenants = [
  `create table tenants (
    ${identity},
    name varchar(255) not null unique,
    platform text not null check (platform in ('slack', 'teams')),
    external_id varchar(100) not null,
    is_enabled boolean not null default true,
    ${stamps},
    constraint tenants_one_of_a_platform unique (platform, external_id)
  )`,
];

const people = [
  `create table people (
    ${identity},
    name varchar(255) not null,
    email varchar(320) unique,
    ${stamps}
  )`,
  // The tenant is there for its full members alone: `<platform>:<id>`.
  `create table identities (
    ${identity},
    principal text not null unique,
    person_id uuid not null references people on delete restrict,
    is_placed boolean not null default false,
    name varchar(255) not null default '',
    email varchar(320),
    is_verified boolean not null default false,
    groups jsonb not null default '[]',
    tenant text,
    last_seen timestamptz,
    ${stamps}
  )`,
  `create index identities_person on identities (person_id)`,
  // Identities join by the e-mail of a person, so nobody keeps one whose last identity has left.
  `create function hand_on_email() returns trigger language plpgsql as $$
  declare
    left_behind people%rowtype;
  begin
    if exists (select from identities where person_id = old.person_id) then return null; end if;
    select * into left_behind from people where id = old.person_id and email is not null for update;
    if not found then return null; end if;
    update people set email = null, last_updated = greatest(clock_timestamp(), last_updated + interval '1 microsecond')
      where id = left_behind.id;
    update people set email = left_behind.email,
        last_updated = greatest(clock_timestamp(), last_updated + interval '1 microsecond')
      where id = new.person_id and email is null;
    return null;
  end $$`,
  `create trigger identities_hand_on_email after update of person_id on identities
    for each row when (old.person_id <> new.person_id) execute function hand_on_email()`,
];

const signIn = [
  `alter table web_sign_ins add column groups jsonb not null default '[]'`,
  `alter table web_sessions add column groups jsonb not null default '[]'`,
  `create table web_sign_in_starts (
    start_hash text primary key,
    next text not null,
    expires_at timestamptz not null
  )`,
];
