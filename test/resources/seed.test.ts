import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestBot } from '../fakes/bot.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { type NotingModel, startNotingModel } from '../fakes/noting-model.ts';

/** Everything that admins can configure, as a bootstrap file writes it. */
const bootstrap = {
  'llm-providers': [{ name: 'openai', config_schema: { api: 'chat' } }],
  'llm-models': [
    { name: 'small', llm_provider: 'openai', model_secret_key: 'env:OPENAI_API_KEY', temperature: 0.5 },
    { name: 'large', llm_provider: 'openai', model_secret_key: 'env:OPENAI_API_KEY', is_default: true },
  ],
  'mcp-servers': [
    { name: 'tickets', url: 'http://127.0.0.1:9', headers: { authorization: 'Bearer env:A_TOKEN' } },
  ],
  settings: { chat_session_ttl_minutes: 30 },
};

describe('the start', () => {
  let database: pg.Client;
  let databaseUrl: string;
  let model: NotingModel;
  let folder: string;

  beforeAll(async () => {
    model = await startNotingModel();
    folder = await mkdtemp(join(tmpdir(), 'ai-ops-seed-'));
  });
  afterAll(async () => {
    await model.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    databaseUrl = await createPostgresDatabase('migrated');
    database = new pg.Client({ connectionString: databaseUrl });
    await database.connect();
  });
  afterEach(() => database.end());

  /** Starts a bot with these variables, asks it something, and stops it. */
  async function startAndAsk(env: Readonly<Record<string, string>>): Promise<string> {
    const bot = await startTestBot({ env: { DATABASE_URL: databaseUrl, ...env } });
    const { body } = await bot.ask('hello');
    await bot.stop();
    return body.response;
  }

  async function bootstrapFile(content: object): Promise<{ readonly AI_OPS_BOOTSTRAP: string }> {
    const path = join(folder, 'bootstrap.json');
    await writeFile(path, JSON.stringify(content));
    return { AI_OPS_BOOTSTRAP: path };
  }

  async function rows(query: string): Promise<readonly (readonly unknown[])[]> {
    return (await database.query<unknown[]>({ text: query, rowMode: 'array' })).rows;
  }

  const models = () => rows('select name, origin, is_default, model_config from llm_models order by name');
  const configured = () =>
    rows(`select 'provider', name, config_schema, id from llm_providers
      union all select 'model', name, to_jsonb(m), id from llm_models m
      union all select 'server', name, to_jsonb(s), id from mcp_servers s
      union all select 'setting', name, value, null from settings order by 1, 2`);
  const version = () => rows('select version from config_version');

  it('creates what the bootstrap file lists, by the names of the REST API', async () => {
    await startAndAsk(await bootstrapFile(bootstrap));
    expect(await rows(`select config_schema from llm_providers where name = 'openai'`)).toEqual([
      [{ api: 'chat' }],
    ]);
    expect(
      await rows(
        'select name, temperature, is_default, model_secret_key, origin from llm_models order by name',
      ),
    ).toEqual([
      ['large', 0, true, 'env:OPENAI_API_KEY', 'bootstrap'],
      ['small', 0.5, false, 'env:OPENAI_API_KEY', 'bootstrap'],
    ]);
    expect(
      await rows(`select url, mcp_endpoint, headers, is_trusted from mcp_servers where name = 'tickets'`),
    ).toEqual([['http://127.0.0.1:9', '/mcp', { authorization: 'Bearer env:A_TOKEN' }, false]]);
    expect(await rows('select name, value from settings where value is not null')).toEqual([
      ['chat_session_ttl_minutes', 30],
    ]);
  });

  it('creates nothing twice, and changes nothing that is there', async () => {
    await startAndAsk(await bootstrapFile(bootstrap));
    await database.query(`update llm_models set temperature = 1.5 where name = 'small'`);
    await database.query(`update mcp_servers set url = 'http://127.0.0.1:10' where name = 'tickets'`);
    await database.query(`update settings set value = '60' where name = 'chat_session_ttl_minutes'`);
    const before = [await configured(), await version()];
    await startAndAsk(await bootstrapFile(bootstrap));
    expect([await configured(), await version()]).toEqual(before);
  });

  it('creates what was added to the file, and raises the version for the other replicas', async () => {
    await startAndAsk(await bootstrapFile(bootstrap));
    const [before] = await version();
    const more = { ...bootstrap, 'llm-models': [...bootstrap['llm-models'], { name: 'huge' }] };
    await startAndAsk(await bootstrapFile(more));
    expect((await models()).map((row) => row[0])).toEqual(['huge', 'large', 'small']);
    expect(await version()).not.toEqual([before]);
  });

  it('uses the model that the environment describes, in LAB', async () => {
    expect(await startAndAsk(model.env)).toBe('Noted.');
    const config = { base_url: model.env.OPENAI_BASE_URL, api: 'chat' };
    expect(await models()).toEqual([['gpt-6.1-sol', 'environment', false, config]]);
  });

  it('replaces that model when the environment says something else, and leaves the admins’ alone', async () => {
    await startAndAsk({ ...model.env, OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', AI_OPS_MODEL: 'first' });
    await database.query(`insert into llm_models (llm_provider_id, name, is_enabled)
      select id, 'of-an-admin', false from llm_providers where name = 'ollama'`);
    const theirs = () => rows(`select to_jsonb(m) from llm_models m where origin = 'admin'`);
    const before = await theirs();
    expect(await startAndAsk({ ...model.env, AI_OPS_MODEL: 'second' })).toBe('Noted.');
    expect((await models()).map((row) => row.slice(0, 2))).toEqual([
      ['of-an-admin', 'admin'],
      ['second', 'environment'],
    ]);
    expect(await theirs()).toEqual(before);
  });

  it('replaces that model when only its base URL is another', async () => {
    await startAndAsk({ ...model.env, OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' });
    expect(await startAndAsk(model.env)).toBe('Noted.');
    expect(await models()).toHaveLength(1);
  });

  it('forgets that model when the environment describes none any more', async () => {
    await startAndAsk(model.env);
    expect(await startAndAsk({})).toContain('I have no language model yet');
    expect(await models()).toEqual([]);
  });

  it('keeps the Ollama of an earlier start when it does not answer now', async () => {
    await startAndAsk({});
    await database.query(`insert into llm_models (llm_provider_id, name, model_config, origin)
      select id, 'found-here', '{"base_url": "http://127.0.0.1:9"}', 'environment'
      from llm_providers where name = 'ollama'`);
    await startAndAsk({});
    expect((await models()).map((row) => row[0])).toEqual(['found-here']);
    await startAndAsk(model.env);
    expect((await models()).map((row) => row[0])).toEqual(['gpt-6.1-sol']);
  });

  it('prefers a model that somebody configured, even one that is not the default', async () => {
    const { OPENAI_BASE_URL: base_url, OPENAI_API: api } = model.env;
    const ours = {
      name: 'ours',
      llm_provider: 'openai',
      model_secret_key: 'env:OPENAI_API_KEY',
      model_config: { base_url, api },
    };
    const file = await bootstrapFile({ 'llm-models': [ours] });
    const elsewhere = { ...model.env, OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };
    expect(await startAndAsk({ ...elsewhere, ...file })).toBe('Noted.');
  });

  it.each(['NONPROD', 'PROD'])('does not use the environment’s model in %s', async (AI_OPS_ENV) => {
    expect(await startAndAsk({ ...model.env, AI_OPS_ENV })).toContain('I have no language model yet');
    expect(await models()).toEqual([]);
  });
});
