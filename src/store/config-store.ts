import { type RawBuilder, sql } from 'kysely';
import type {
  BundledServer,
  ConfigStore,
  MiddlewareRow,
  ModelRow,
  NewModel,
  PromptRow,
  Seeds,
  ServerRow,
  StoredSnapshot,
} from '../resources/port.ts';
import { providerNames } from '../resources/provider-names.ts';
import { settingsSchema } from '../resources/settings.ts';
import type { Database, Executor } from './database.ts';
import { toJson } from './json.ts';

/** Configuration in SQL. */
export function configStore(db: Database): ConfigStore {
  return {
    version: () => version(db),
    snapshot: () => snapshot(db),
    model: (id) => oneModel(db, sql`m.id = ${id}::uuid`),
    modelNamed: (name) => oneModel(db, sql`m.is_enabled and p.is_enabled and m.name = ${name}`),
    models: () => manyModels(db, sql`m.is_enabled and p.is_enabled`),
    server: async (id) => (await servers(db, sql`v.id = ${id}::uuid`))[0],
    prompt: (id) => onePrompt(db, id),
    async seed(seeds) {
      await db.transaction().execute((trx) => seed(trx, seeds));
    },
  };
}

async function version(db: Executor): Promise<number> {
  const { rows } = await sql<{ version: number }>`select version from config_version`.execute(db);
  return rows[0]?.version ?? 0;
}

/** The version is read first: a change that comes between makes the snapshot newer than its number, never older. */
async function snapshot(db: Executor): Promise<StoredSnapshot> {
  const asOf = await version(db);
  const [settings, model, servers] = [await readSettings(db), await readModel(db), await readServers(db)];
  const prompts = await readPrompts(db, model?.id);
  const middleware = await readMiddleware(db, model?.id);
  const unhealthy = await readUnhealthy(db);
  return {
    version: asOf,
    settings,
    servers,
    unhealthy,
    prompts,
    middleware,
    ...(model === undefined ? {} : { model }),
  };
}

async function readSettings(db: Executor) {
  const { rows } = await sql<{ name: string; value: unknown }>`
    select name, value from settings where value is not null`.execute(db);
  return settingsSchema.parse(Object.fromEntries(rows.map((row) => [row.name, row.value])));
}

async function readModel(db: Executor): Promise<ModelRow | undefined> {
  return await oneModel(db, sql`m.is_enabled and p.is_enabled`);
}

/** The best of those that fulfil the condition. */
async function oneModel(db: Executor, condition: RawBuilder<unknown>): Promise<ModelRow | undefined> {
  return (await manyModels(db, condition, 1))[0];
}

/** The best first. */
async function manyModels(
  db: Executor,
  condition: RawBuilder<unknown>,
  limit: number | null = null,
): Promise<readonly ModelRow[]> {
  const { rows } = await sql<ModelRow>`
    select m.id, m.name, p.name as provider, p.config_schema as "providerConfig", m.model_config as "modelConfig",
      m.model_secret_key as "secretReference", m.temperature, m.context_window as "contextWindow",
      m.max_tokens as "maxTokens", case when not m.default_layers then true end as "hasOwnLayersOnly",
      jsonb_strip_nulls(jsonb_build_object('input', m.input_price, 'output', m.output_price,
        'cacheRead', m.cache_read_price, 'cacheWrite', m.cache_write_price)) as "ownPrices"
    from llm_models m join llm_providers p on p.id = m.llm_provider_id
    where ${condition}
    order by m.is_default desc, m.origin = 'environment', m.name limit ${limit}::int`.execute(db);
  return rows.map(withoutNulls);
}

/** What is not set is absent. */
function withoutNulls(row: ModelRow): ModelRow {
  const { temperature, contextWindow, maxTokens, hasOwnLayersOnly, ...model } = row;
  return {
    ...model,
    ...(isSet(temperature) ? { temperature } : {}),
    ...(isSet(contextWindow) ? { contextWindow } : {}),
    ...(isSet(maxTokens) ? { maxTokens } : {}),
    ...(isSet(hasOwnLayersOnly) ? { hasOwnLayersOnly } : {}),
  };
}

function isSet<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

async function readMiddleware(db: Executor, modelId: string | undefined): Promise<readonly MiddlewareRow[]> {
  const { rows } = await sql<MiddlewareRow>`
    select t.name as type, m.config, m.priority, m.is_active as "isActive", m.is_critical as "isCritical"
    from llm_middleware m join middleware_types t on t.id = m.middleware_id
    where m.llm_model_id = ${modelId ?? null}::uuid
    order by m.priority, t.name`.execute(db);
  return rows;
}

interface PromptColumns extends Omit<PromptRow, 'source'> {
  readonly text: string;
  /** Empty: the text is the prompt. */
  readonly file: string;
}

/** The model's own prompt comes first; one of another model is never used unless it is a file. */
async function readPrompts(db: Executor, modelId: string | undefined): Promise<readonly PromptRow[]> {
  return await prompts(db, sql`s.name = 'Approved' and (p.is_file_based or m.id is not null)`, modelId);
}

async function prompts(
  db: Executor,
  condition: RawBuilder<unknown>,
  modelId?: string,
): Promise<readonly PromptRow[]> {
  const { rows } = await sql<PromptColumns>`
    select p.name, p.version, case when p.is_file_based then '' else p.prompt_text end as text,
      case when p.is_file_based then p.prompt_file_name else '' end as file
    from system_prompts p join statuses s on s.id = p.status_id
    left join llm_models m on m.system_prompt_id = p.id and m.id = ${modelId ?? null}::uuid
    where ${condition}
    order by m.id is null, p.version desc, p.name`.execute(db);
  return rows.map(({ text, file, ...row }) => ({ ...row, source: file === '' ? { text } : { file } }));
}

async function onePrompt(db: Executor, id: string): Promise<PromptRow | undefined> {
  return (await prompts(db, sql`p.id = ${id}::uuid`))[0];
}

async function readServers(db: Executor): Promise<readonly ServerRow[]> {
  return await servers(db, sql`v.is_enabled and s.name <> 'Vulnerable'`);
}

/** One that nobody has checked yet may be well; one in which people sign in for themselves is asked as nobody. */
async function readUnhealthy(db: Executor): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select v.name from mcp_servers v join statuses s on s.id = v.status_id
    where s.name = 'Unhealthy' and v.last_checked is not null and v.auth <> 'oauth_user' order by v.name`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

async function servers(db: Executor, condition: RawBuilder<unknown>): Promise<readonly ServerRow[]> {
  const { rows } = await sql<ServerRow>`
    select v.id, v.name, v.protocol, v.mcp_type as "type", v.url, v.mcp_endpoint as "mcpEndpoint",
      v.health_check as "healthCheck", v.command, v.args, v.env, v.headers, v.is_trusted as "isTrusted",
      ${auth} as auth, v.tools_cache_seconds as "toolsCacheSeconds",
      v.tool_overrides as "toolOverrides", ${pins} as pins
    from mcp_servers v join statuses s on s.id = v.status_id
    where ${condition} order by v.name`.execute(db);
  return rows.map(({ auth: how, ...row }) => (isSet(how) ? { ...row, auth: how } : row));
}

/** Null where headers alone say who asks. */
const auth = sql`case when v.auth = 'none' or v.protocol <> 'http' then null else jsonb_build_object(
  'type', v.auth, 'clientId', v.oauth_client_id, 'clientSecret', v.oauth_client_secret,
  'privateKey', v.oauth_private_key, 'keyAlgorithm', v.oauth_key_algorithm,
  'scopes', v.oauth_scopes, 'issuer', v.oauth_issuer) end`;

/** By their hashes, which tell a definition from all others. */
const pins = sql`(
  select jsonb_build_object(
    'accepted', coalesce(jsonb_agg(p.accepted_hash order by p.kind, p.name)
      filter (where p.accepted_hash is not null), '[]'),
    'refused', coalesce(jsonb_agg(p.refused_hash order by p.kind, p.name)
      filter (where p.refused_hash is not null), '[]'))
  from tool_pins p where p.server_id = v.id)`;

async function seed(db: Executor, seeds: Seeds): Promise<void> {
  await sql`select version from config_version for update`.execute(db);
  let changed = 0;
  const count = (result: { readonly rows: readonly unknown[] }) => {
    changed += result.rows.length;
  };
  for (const name of providerNames.filter((provider) => provider !== 'custom')) {
    count(
      await sql`insert into llm_providers (name) values (${name}) on conflict (name) do nothing returning id`.execute(
        db,
      ),
    );
  }
  for (const name of Object.keys(settingsSchema.shape)) {
    count(
      await sql`insert into settings (name) values (${name}) on conflict (name) do nothing returning id`.execute(
        db,
      ),
    );
  }
  count(await replaceEnvironmentModel(db, seeds));
  for (const server of seeds.bundled) count(await refreshBundled(db, server));
  if (changed > 0) await sql`update config_version set version = version + 1`.execute(db);
}

/** What the environment says now replaces what it said before; a row that an admin made is left alone. */
async function replaceEnvironmentModel(db: Executor, { environmentModel: model, unanswered }: Seeds) {
  const kept = model === undefined ? isFrom(unanswered) : isSame(model);
  const gone =
    await sql`delete from llm_models where origin = 'environment' and not (${kept}) returning id`.execute(db);
  if (model === undefined) return gone;
  const added = await sql`
    insert into llm_models (llm_provider_id, name, description, model_secret_key, model_config, origin)
    select id, ${model.name}, ${model.description}, ${model.secretReference}, ${toJson(model.modelConfig)}::jsonb,
      'environment'
    from llm_providers where name = ${model.provider}
    on conflict (name) do nothing returning id`.execute(db);
  return { rows: [...gone.rows, ...added.rows] };
}

function isSame(model: NewModel) {
  return sql`name = ${model.name} and model_secret_key = ${model.secretReference} and ${isFrom(model)}`;
}

function isFrom(source: Seeds['unanswered']) {
  if (source === undefined) return sql`false`;
  return sql`model_config = ${toJson(source.modelConfig)}::jsonb
    and llm_provider_id = (select id from llm_providers where name = ${source.provider})`;
}

/** A bundled server follows the program's version; whether it is enabled stays the admins' choice. */
function refreshBundled(db: Executor, { name, description }: BundledServer) {
  return sql`
    insert into mcp_servers (name, description, protocol, command, args, is_trusted, status_id, origin)
    select ${name}, ${description}, 'stdio', 'bundled', ${toJson([name])}::jsonb, true, id, 'bundled'
    from statuses where name = 'Healthy'
    on conflict (name) do update set command = excluded.command, args = excluded.args
    where mcp_servers.origin = 'bundled'
      and (mcp_servers.command, mcp_servers.args) is distinct from (excluded.command, excluded.args)
    returning id`.execute(db);
}
