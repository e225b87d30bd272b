import { type Kysely, sql } from 'kysely';

/** What admins manage: statuses, prompts, middleware, more of models and servers, settings as rows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...statuses, ...prompts, ...models, ...middleware, ...servers, ...settings]) {
    await sql.raw(statement).execute(db);
  }
  await seedMiddlewareTypes(db);
}

const identity = `id uuid primary key default gen_random_uuid()`;
const stamps = `
    tags jsonb not null default '[]',
    created timestamptz not null default now(),
    last_updated timestamptz not null default now()`;

const statuses = [
  `create table statuses (
    ${identity},
    name varchar(100) not null unique,
    description text not null default '',
    content_types jsonb not null default '[]',
    ${stamps}
  )`,
  `insert into statuses (name, description, content_types) values
    ('Healthy', 'Answers; its tools are offered.', '["mcp-servers"]'),
    ('Unhealthy', 'Did not answer when it was last checked.', '["mcp-servers"]'),
    ('Vulnerable', 'Set by an admin: not connected and not checked.', '["mcp-servers"]'),
    ('Approved', 'May be used.', '["system-prompts"]'),
    ('Testing', 'Is being tried out; not used.', '["system-prompts"]'),
    ('Deprecated', 'Not used any more.', '["system-prompts"]')`,
];

const prompts = [
  `create table system_prompts (
    ${identity},
    name varchar(100) not null unique,
    prompt_text text not null default '',
    status_id uuid not null references statuses,
    version integer not null default 1 check (version >= 1),
    is_file_based boolean not null default false,
    prompt_file_name varchar(100) not null default '',
    ${stamps},
    check (case when is_file_based then prompt_file_name <> '' else prompt_text <> '' end)
  )`,
  `insert into system_prompts (name, status_id, is_file_based, prompt_file_name)
    select 'Default System Prompt', id, true, 'default.md' from statuses where name = 'Approved'`,
];

const models = [
  `alter table llm_providers add column tags jsonb not null default '[]'`,
  `alter table llm_models
    add column system_prompt_id uuid references system_prompts on delete set null,
    add column context_window integer check (context_window > 0),
    add column max_tokens integer check (max_tokens > 0),
    add column input_price double precision check (input_price >= 0),
    add column output_price double precision check (output_price >= 0),
    add column cache_read_price double precision check (cache_read_price >= 0),
    add column cache_write_price double precision check (cache_write_price >= 0),
    add column tags jsonb not null default '[]'`,
  `create index llm_models_provider on llm_models (llm_provider_id)`,
];

const middleware = [
  `create table middleware_types (
    ${identity},
    name varchar(100) not null unique,
    is_custom boolean not null default false,
    description text not null default '',
    default_config jsonb not null default '{}',
    ${stamps}
  )`,
  `create table llm_middleware (
    ${identity},
    llm_model_id uuid not null references llm_models on delete cascade,
    middleware_id uuid not null references middleware_types on delete restrict,
    config jsonb not null default '{}',
    config_version varchar(20) not null default '1.1.0',
    is_active boolean not null default true,
    is_critical boolean not null default false,
    priority integer not null default 10 check (priority between 1 and 100),
    ${stamps},
    constraint llm_middleware_one_of_a_type unique (llm_model_id, middleware_id)
  )`,
  `create index llm_middleware_type on llm_middleware (middleware_id)`,
];

const servers = [
  `alter table mcp_servers
    add column status_id uuid references statuses,
    add column tool_overrides jsonb not null default '{}',
    add column last_checked timestamptz,
    add column last_latency_ms integer,
    add column last_error text not null default '',
    add column tags jsonb not null default '[]'`,
  `update mcp_servers set status_id = s.id from statuses s where s.name = mcp_servers.status`,
  `alter table mcp_servers alter column status_id set not null, drop column status`,
];

const settings = [
  `alter table settings
    add column id uuid not null default gen_random_uuid() unique,
    add column created timestamptz not null default now(),
    add column tags jsonb not null default '[]'`,
  `alter table settings rename column key to name`,
  `alter table settings alter column value drop not null`,
];

const types = [
  ['SummarizationMiddleware', 'Sums up older messages when a conversation grows long.'],
  ['HumanInTheLoopMiddleware', 'Asks people before chosen tools run.'],
  ['ModelCallLimitMiddleware', 'Limits the model calls of a turn or a thread.'],
  ['ToolCallLimitMiddleware', 'Limits the tool calls of a turn or a thread.'],
  ['ModelFallbackMiddleware', 'Tries other models when one fails.'],
  ['PIIMiddleware', 'Finds personal data and blocks, redacts, masks or hashes it.'],
  ['TodoListMiddleware', 'Gives the model a list of things to do.'],
  ['LLMToolSelectorMiddleware', 'Lets a model choose the tools that a question needs.'],
  ['ToolRetryMiddleware', 'Tries failed tool calls again.'],
  ['ModelRetryMiddleware', 'Tries failed model calls again.'],
  ['LLMToolEmulatorMiddleware', 'Lets a model play tools, for tests.'],
  ['ContextEditingMiddleware', 'Clears old tool results from long conversations.'],
  ['ShellToolMiddleware', 'Gives the model a shell.'],
  ['FilesystemFileSearchMiddleware', 'Lets the model search files.'],
  ['PromptInjectionDetectionMiddleware', 'Finds instructions hidden in messages and tool results.'],
] as const;

async function seedMiddlewareTypes(db: Kysely<unknown>): Promise<void> {
  for (const [name, description] of types) {
    await sql`insert into middleware_types (name, description) values (${name}, ${description})`.execute(db);
  }
}
