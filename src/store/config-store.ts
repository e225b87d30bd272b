import { sql } from 'kysely';
import type {
  ConfigStore,
  ModelRow,
  NewModel,
  NewServer,
  Seeds,
  ServerRow,
  Snapshot,
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
async function snapshot(db: Executor): Promise<Snapshot> {
  const asOf = await version(db);
  const [settings, model, servers] = [await readSettings(db), await readModel(db), await readServers(db)];
  return { version: asOf, settings, servers, ...(model === undefined ? {} : { model }) };
}

async function readSettings(db: Executor) {
  const { rows } = await sql<{ key: string; value: unknown }>`select key, value from settings`.execute(db);
  return settingsSchema.parse(Object.fromEntries(rows.map((row) => [row.key, row.value])));
}

interface ModelColumns extends Omit<ModelRow, 'temperature'> {
  readonly temperature: number | null;
}

async function readModel(db: Executor): Promise<ModelRow | undefined> {
  const { rows } = await sql<ModelColumns>`
    select m.id, m.name, p.name as provider, p.config_schema as "providerConfig", m.model_config as "modelConfig",
      m.model_secret_key as "secretReference", m.temperature
    from llm_models m join llm_providers p on p.id = m.llm_provider_id
    where m.is_enabled and p.is_enabled
    order by m.is_default desc, m.origin = 'environment', m.name limit 1`.execute(db);
  if (rows[0] === undefined) return undefined;
  const { temperature, ...model } = rows[0];
  return temperature === null ? model : { ...model, temperature };
}

async function readServers(db: Executor): Promise<readonly ServerRow[]> {
  const { rows } = await sql<ServerRow>`
    select id, name, protocol, url, mcp_endpoint as "mcpEndpoint", command, args, env, headers,
      is_trusted as "isTrusted"
    from mcp_servers where is_enabled and status <> 'Vulnerable' order by name`.execute(db);
  return rows;
}

async function seed(db: Executor, seeds: Seeds): Promise<void> {
  await sql`select version from config_version for update`.execute(db);
  let changed = 0;
  const count = (result: { readonly rows: readonly unknown[] }) => {
    changed += result.rows.length;
  };
  for (const name of providerNames) {
    const config = seeds.providers.find((provider) => provider.name === name)?.config ?? {};
    count(
      await sql`insert into llm_providers (name, config_schema) values (${name}, ${toJson(config)}::jsonb)
        on conflict (name) do nothing returning id`.execute(db),
    );
  }
  for (const model of seeds.models) count(await insertModel(db, model, 'bootstrap'));
  count(await replaceEnvironmentModel(db, seeds));
  for (const server of seeds.bundled) count(await refreshBundled(db, server));
  for (const server of seeds.servers) count(await insertServer(db, server, 'bootstrap'));
  for (const [key, value] of Object.entries(seeds.settings)) {
    count(
      await sql`insert into settings (key, value) values (${key}, ${toJson(value)}::jsonb)
        on conflict (key) do nothing returning key`.execute(db),
    );
  }
  if (changed > 0) await sql`update config_version set version = version + 1`.execute(db);
}

function insertModel(db: Executor, model: NewModel, origin: 'bootstrap' | 'environment') {
  return sql`
    insert into llm_models (llm_provider_id, name, description, model_secret_key, is_default, temperature,
      model_config, origin)
    select id, ${model.name}, ${model.description}, ${model.secretReference},
      ${model.isDefault} and not exists (select from llm_models where is_default),
      ${model.temperature ?? null}::float8, ${toJson(model.modelConfig)}::jsonb, ${origin}
    from llm_providers where name = ${model.provider}
    on conflict (name) do nothing returning id`.execute(db);
}

/** What the environment says now replaces what it said before; a row that an admin made is left alone. */
async function replaceEnvironmentModel(db: Executor, { environmentModel: model, unanswered }: Seeds) {
  const kept = model === undefined ? isFrom(unanswered) : isSame(model);
  const gone =
    await sql`delete from llm_models where origin = 'environment' and not (${kept}) returning id`.execute(db);
  if (model === undefined) return gone;
  const added = await insertModel(db, model, 'environment');
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

function serverColumns(server: NewServer, origin: 'bundled' | 'bootstrap') {
  return sql`(${server.name}, ${server.description}, ${server.protocol}, ${server.url}, ${server.mcpEndpoint},
    ${server.command}, ${toJson(server.args)}::jsonb, ${toJson(server.env)}::jsonb,
    ${toJson(server.headers)}::jsonb, ${server.isTrusted}, 'Healthy', ${origin})`;
}

const columns = sql`(name, description, protocol, url, mcp_endpoint, command, args, env, headers, is_trusted, status, origin)`;

function insertServer(db: Executor, server: NewServer, origin: 'bundled' | 'bootstrap') {
  return sql`insert into mcp_servers ${columns} values ${serverColumns(server, origin)}
    on conflict (name) do nothing returning id`.execute(db);
}

/** A bundled server follows the program's version; whether it is enabled stays the admins' choice. */
function refreshBundled(db: Executor, server: NewServer) {
  return sql`insert into mcp_servers ${columns} values ${serverColumns(server, 'bundled')}
    on conflict (name) do update set command = excluded.command, args = excluded.args
    where mcp_servers.origin = 'bundled'
      and (mcp_servers.command, mcp_servers.args) is distinct from (excluded.command, excluded.args)
    returning id`.execute(db);
}
