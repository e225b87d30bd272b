import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databases, type TestDatabase } from '../../fakes/database.ts';
import { type Pynautobot, pynautobot } from '../../fakes/pynautobot.ts';
import { api, prepare, type Stage, startStage } from './stage.ts';

describe.each(Object.entries(databases))('a client like pynautobot on %s', (_name, open) => {
  let database: TestDatabase;
  let stage: Stage;
  let nautobot: Pynautobot;

  beforeAll(async () => {
    database = await open();
    stage = await startStage(database);
    await prepare(stage, database);
    nautobot = await pynautobot({ url: stage.url, token: 'ada', apiVersion: '2.4' });
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  it('connects by the version of the API, and is refused without a right token', async () => {
    expect(nautobot.version).toBe('2.0');
    await expect(pynautobot({ url: stage.url, token: 'wrong' })).rejects.toMatchObject({ status: 401 });
    expect(await nautobot.status()).toMatchObject({
      'nautobot-version': '2.4.22',
      'nautobot-apps': { ai_ops: '0.1.0' },
    });
    expect(await nautobot.installedPlugins()).toMatchObject([{ package: 'ai_ops' }]);
    expect(await nautobot.openapi()).toMatchObject({ openapi: '3.1.0' });
  });

  it('lists, creates, changes and deletes models', async () => {
    const models = nautobot.plugin('llm_models');
    const made = await models.create({ name: 'analytics', llm_provider: 'azure_ai', temperature: 0.3 });
    expect(made.endpoint).toBe('plugins/ai-ops/llm-models');
    expect(made.get('name')).toBe('analytics');

    made.set('temperature', 0.7);
    made.set('tags', ['night']);
    expect(await made.save()).toBe(true);
    const read = await models.get(String(made.get('id')));
    expect([read?.get('temperature'), read?.get('tags')]).toEqual([
      0.7,
      [{ name: 'night', display: 'night' }],
    ]);
    expect(await read?.save()).toBe(false);

    const ollama = await nautobot.plugin('llm_providers').get({ name: 'ollama' });
    read?.set('llm_provider', ollama?.get('id'));
    expect(await read?.save()).toBe(true);
    expect(
      (await models.filter({ llm_provider: ['ollama', 'openai'], is_enabled: true, name: 'analytics' }))
        .length,
    ).toBe(1);
    expect(await models.update(String(made.get('id')), { description: 'for reports' })).toBe(true);
    expect((await models.get({ q: 'reports' }))?.get('description')).toBe('for reports');
    await expect(models.filter({ colour: 'red' })).rejects.toMatchObject({ status: 400 });
    expect(await made.delete()).toBe(true);
    expect(await models.get(String(made.get('id')))).toBe(undefined);
    expect(await models.get({ name: 'analytics' })).toBe(undefined);
  });

  it('creates a server as the documentation of the reference application does, changes and deletes it', async () => {
    const servers = nautobot.plugin('mcp_servers');
    const made = await servers.create({
      name: 'analytics-mcp',
      protocol: 'http',
      url: 'https://analytics.internal.com',
      health_check: '/health',
      mcp_type: 'internal',
    });
    expect(made.endpoint).toBe('plugins/ai-ops/mcp-servers');
    made.set('description', 'Analytics and reporting MCP');
    expect(await made.save()).toBe(true);
    const [listed] = await servers.all();
    expect(listed?.get('description')).toBe('Analytics and reporting MCP');
    await listed?.fullDetails();
    const plain = await stage.send('GET', `${api}/mcp-servers/${String(made.get('id'))}/`);
    expect(plain.json.url).toBe('https://analytics.internal.com');

    const [whole] = await servers.updateMany([{ ...made.values, description: 'sent back whole' }]);
    expect(whole?.get('description')).toBe('sent back whole');
    const kept = await stage.send('GET', `${api}/mcp-servers/${String(made.get('id'))}/`);
    expect(kept.json.url).toBe('https://analytics.internal.com');
    expect(await servers.deleteMany([made])).toBe(true);
    expect(await servers.count()).toBe(0);
  });

  it('follows pages, one after another or beside each other', async () => {
    const models = nautobot.plugin('llm_models');
    const many = Array.from({ length: 120 }, (_, n) => ({ name: `many-${String(n).padStart(3, '0')}` }));
    expect(await models.createMany(many)).toHaveLength(120);
    const names = async (nautobotToo: Pynautobot, paging?: { limit: number; offset?: number }) =>
      (await nautobotToo.plugin('llm_models').filter({ name__isw: 'many-' }, paging)).map((row) =>
        row.get('name'),
      );
    const wanted = many.map(({ name }) => name);
    expect(await names(nautobot)).toEqual(wanted);
    expect(await names(nautobot, { limit: 50 })).toEqual(wanted);
    expect(await names(nautobot, { limit: 10, offset: 110 })).toEqual(wanted.slice(110));
    const threaded = await pynautobot({ url: stage.url, token: 'ada', threading: true });
    expect(await names(threaded)).toEqual(wanted);
    expect(await names(threaded, { limit: 50 })).toEqual(wanted);
    expect(await models.count({ name__isw: 'many-' })).toBe(120);

    const rows = await models.filter({ name__isw: 'many-' });
    for (const row of rows.slice(0, 3)) row.set('description', 'marked');
    expect(await models.updateMany(rows.slice(0, 3))).toHaveLength(3);
    expect(await models.count({ description: 'marked' })).toBe(3);
    expect(await models.deleteMany(rows.map((row) => String(row.get('id'))))).toBe(true);
  });

  it('asks for choices, and for statuses where Nautobot has them', async () => {
    const choices = await nautobot.plugin('mcp_servers').choices();
    expect(choices.protocol).toMatchObject([
      { value: 'http', display: 'HTTP' },
      { value: 'stdio', display: 'stdio' },
    ]);
    const healthy = await nautobot.extras('statuses').get({ name: 'Healthy' });
    expect(healthy?.get('display')).toBe('Healthy');
    expect((await nautobot.extras('statuses').get(String(healthy?.get('id'))))?.get('name')).toBe('Healthy');
    const values = { name: 'status-by-id', url: 'http://up.test', status: healthy?.get('id') };
    const server = await nautobot.plugin('mcp_servers').create(values);
    expect(server.get('status')).toBe(healthy?.get('id'));
    expect(await server.delete()).toBe(true);
    expect(stage.failures).toEqual([]);
  });
});
