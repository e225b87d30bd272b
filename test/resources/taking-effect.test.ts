import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources } from '../../src/resources/index.ts';
import { createResources } from '../../src/resources/manage.ts';
import { openPostgresql } from '../../src/store/postgresql.ts';
import { resourceStore } from '../../src/store/resources.ts';
import { startTestBot, type TestBot } from '../fakes/bot.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';
import { startMcpServer } from '../fakes/mcp-server.ts';
import { startNotingModel } from '../fakes/noting-model.ts';
import { caller, fakeWorld } from '../fakes/world.ts';

/** What an admin does at another replica takes effect here at the next turn, without a restart. */
describe('a change at another replica', () => {
  let model: Awaited<ReturnType<typeof startNotingModel>>;
  let bot: TestBot;
  let database: Awaited<ReturnType<typeof openPostgresql>>;
  let elsewhere: ReturnType<typeof createResources>;
  const ada = caller();

  beforeAll(async () => {
    model = await startNotingModel();
    const url = await createPostgresDatabase('migrated');
    bot = await startTestBot({ env: { DATABASE_URL: url, OPENAI_API_KEY: 'some-key' } });
    database = await openPostgresql({ url, log: silentLog, poolSize: 2, connectTimeoutMs: 5000 });
    await sql`delete from llm_models`.execute(database.db);
    elsewhere = createResources({
      resources,
      store: resourceStore(database.db, () => {}),
      world: fakeWorld({ provider: () => undefined }),
    });
  });
  afterAll(async () => {
    await bot.stop();
    await database.close();
    await model.stop();
  });

  const named = (path: string) => {
    const resource = elsewhere.named(path);
    if (resource === undefined) throw new Error(path);
    return resource;
  };
  const add = async (path: string, input: object) =>
    (await elsewhere.create(named(path), [input], ada))[0]?.row.id ?? '';
  const change = (path: string, id: string, input: object) =>
    elsewhere.update(named(path), [{ id, input, isPartial: true }], ada);

  it('a new model answers, a disabled one does not', async () => {
    await sql`update config_version set version = version + 1`.execute(database.db);
    expect((await bot.ask('hello', 'one')).body.response).toContain('I have no language model yet');
    const id = await add('llm-models', {
      name: 'new-model',
      llm_provider: 'openai',
      model_secret_key: 'env:OPENAI_API_KEY',
      model_config: { base_url: model.env.OPENAI_BASE_URL, api: 'chat' },
    });
    expect((await bot.ask('hello', 'one')).body.response).toBe('Noted.');
    await change('llm-models', id, { is_enabled: false });
    expect((await bot.ask('hello', 'one')).body.response).toContain('I have no language model yet');
    await change('llm-models', id, { is_enabled: true });
  });

  it('a critical middleware that cannot be built fails the turn with a sentence, another is left out', async () => {
    const id = await add('llm-middleware', {
      llm_model: 'new-model',
      middleware: 'ShellToolMiddleware',
      config: {},
    });
    expect((await bot.ask('hello', 'two')).body.response).toBe('Noted.');
    await change('llm-middleware', id, { is_critical: true });
    const failed = await bot.ask('hello', 'two');
    expect(failed.status).toBe(502);
    expect(failed.body.response).toContain('ShellToolMiddleware is not built into this version');
    await change('llm-middleware', id, { is_active: false });
    expect((await bot.ask('hello', 'two')).body.response).toBe('Noted.');
  });

  it('a new server’s tools are there at the very next turn, and gone when it is disabled', async () => {
    const server = await startMcpServer((mcp) => {
      mcp.registerTool('look', { description: 'Looks.' }, () => ({ content: [] }));
    });
    await bot.ask('tools', 'three');
    const id = await add('mcp-servers', { name: 'late', url: server.url, health_check: '' });
    expect((await bot.ask('tools', 'three')).body.response).toContain('late__look');
    await change('mcp-servers', id, { is_enabled: false });
    expect((await bot.ask('tools', 'three')).body.response).not.toContain('late__look');
    await change('mcp-servers', id, { is_enabled: true });
    expect((await bot.ask('tools', 'three')).body.response).toContain('late__look');
    await server.close();
  });
});
