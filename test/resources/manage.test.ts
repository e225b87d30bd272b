import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConflictError, InvalidError } from '../../src/chat/errors.ts';
import type { Resource, Row } from '../../src/resources/definition.ts';
import { resources } from '../../src/resources/index.ts';
import { createResources, type Resources } from '../../src/resources/manage.ts';
import { resourceStore } from '../../src/store/resources.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';
import { caller, fakeWorld } from '../fakes/world.ts';

const all = { filters: [], order: [], limit: 100, offset: 0 } as const;
const ada = caller();

describe.each(Object.entries(databases))('resources on %s', (_name, open) => {
  let database: TestDatabase;
  let versions: number[];
  let manage: Resources;

  beforeAll(async () => {
    database = await open();
    for (const name of ['ollama', 'openai', 'azure_ai'])
      await sql`insert into llm_providers (name) values (${name})`.execute(database.db);
    await sql`insert into settings (name) values ('agent_recursion_limit')`.execute(database.db);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    versions = [];
    manage = createResources({
      resources,
      store: resourceStore(database.db, (version) => versions.push(version)),
      world: fakeWorld(),
    });
    for (const table of ['llm_models', 'mcp_servers'])
      await sql`delete from ${sql.table(table)}`.execute(database.db);
    await sql`delete from system_prompts where not is_file_based`.execute(database.db);
  });

  const named = (path: string): Resource => {
    const resource = manage.named(path);
    if (resource === undefined) throw new Error(path);
    return resource;
  };
  const add = async (path: string, input: object): Promise<Row> => {
    const [made] = await manage.create(named(path), [input], ada);
    if (made === undefined) throw new Error('nothing made');
    return made.row;
  };
  const change = async (path: string, id: string, input: object) =>
    (await manage.update(named(path), [{ id, input, isPartial: true }], ada))[0]?.row;
  const wrong = async (doing: Promise<unknown>) => {
    const error = await doing.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return error instanceof InvalidError ? error.fields : error;
  };

  it('a new row has its initial values, its relations by name, and raises the version once', async () => {
    const row = await add('llm-models', { name: 'small' });
    expect(row).toMatchObject({
      name: 'small',
      llm_provider: { name: 'ollama' },
      temperature: 0,
      cache_ttl: 300,
      is_enabled: true,
      origin: 'admin',
      model_config: {},
    });
    expect(versions).toHaveLength(1);
  });

  it('what is wrong is said at its field, all at once', async () => {
    const errors = await wrong(
      add('llm-models', {
        temperature: 3,
        cache_ttl: 30,
        temprature: 1,
        llm_provider: 'opnai',
        is_default: 'perhaps',
      }),
    );
    expect(errors).toEqual({
      name: ['This field is required.'],
      temperature: ['At most 2.'],
      cache_ttl: ['At least 60.'],
      is_default: ['Must be true or false.'],
      temprature: ['There is no such field. Did you mean temperature?'],
    });
    expect(await wrong(add('llm-models', { name: 'x', llm_provider: 'opnai' }))).toEqual({
      llm_provider: ['There is no LLM provider “opnai”. Did you mean “openai”?'],
    });
  });

  it('names are unique', async () => {
    await add('llm-models', { name: 'twice' });
    expect(await wrong(add('llm-models', { name: 'twice' }))).toEqual({
      name: ['There is an LLM model with this name already.'],
    });
  });

  it('there is one default model, and another is made it in one step', async () => {
    const first = await add('llm-models', { name: 'first', is_default: true });
    const second = await add('llm-models', { name: 'second' });
    expect(await wrong(change('llm-models', second.id, { is_default: true }))).toEqual({
      is_default: ['“first” is the default already; make it not the default first.'],
    });
    await manage.act({
      resource: named('llm-models'),
      id: second.id,
      action: 'set-default',
      input: {},
      by: ada,
    });
    const { rows } = await manage.list(named('llm-models'), all, ada);
    expect(rows.map((row) => [row.name, row.is_default])).toEqual([
      ['second', true],
      ['first', false],
    ]);
    expect(first.is_default).toBe(true);
  });

  it('of many that make themselves the default at once, one does', async () => {
    const makings = Array.from({ length: 8 }, (_, n) =>
      add('llm-models', { name: `m${n}`, is_default: true }),
    );
    const outcomes = await Promise.allSettled(makings);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('the older shape of models is taken and shown', async () => {
    const resource = named('llm-models');
    const row = await add('llm-models', {
      name: 'gpt-4-turbo',
      model_secret_key: 'azure_gpt4_api_key',
      azure_endpoint: 'https://your-resource.openai.azure.com/',
      api_version: '2024-02-15-preview',
    });
    expect(row).toMatchObject({
      llm_provider: { name: 'azure_ai' },
      model_config: {
        azure_endpoint: 'https://your-resource.openai.azure.com/',
        api_version: '2024-02-15-preview',
      },
    });
    expect(resource.show?.(row, fakeWorld())).toMatchObject({
      azure_endpoint: 'https://your-resource.openai.azure.com/',
      api_version: '2024-02-15-preview',
    });
    const changed = await change('llm-models', row.id, { api_version: '' });
    expect(changed?.model_config).toEqual({ azure_endpoint: 'https://your-resource.openai.azure.com/' });
  });

  it('keys are refused wherever they are put, without being repeated', async () => {
    const key = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789';
    const errors = [
      await wrong(add('llm-models', { name: 'a', model_secret_key: key })),
      await wrong(add('llm-models', { name: 'a', model_config: { api_key: 'x' } })),
      await wrong(add('llm-models', { name: 'a', model_config: { deep: { header: key } } })),
      await wrong(
        add('mcp-servers', { name: 'a', url: 'http://a', headers: { authorization: `Bearer ${key}` } }),
      ),
    ];
    for (const error of errors) {
      expect(Object.keys(error ?? {})).toHaveLength(1);
      expect(JSON.stringify(error)).not.toContain(key);
    }
  });

  it('the same input again changes nothing, and a revision that is over is refused', async () => {
    const row = await add('system-prompts', { name: 'p', prompt_text: 'You help.' });
    const same = await change('system-prompts', row.id, { prompt_text: 'You help.', name: 'p' });
    expect(same?.version).toBe(1);
    const second = await change('system-prompts', row.id, { prompt_text: 'You help well.' });
    expect(second?.version).toBe(2);
    const third = await change('system-prompts', row.id, { name: 'q' });
    expect(third?.version).toBe(2);
    const late = manage.update(
      named('system-prompts'),
      [{ id: row.id, input: { name: 'r' }, isPartial: true, revision: String(row.revision) }],
      ada,
    );
    await expect(late).rejects.toThrow('Somebody changed it since you read it.');
  });

  it('a prompt needs a text or a file, known variables and a status of its own kind', async () => {
    expect(await wrong(add('system-prompts', { name: 'p' }))).toEqual({
      prompt_text: ['Write the prompt, or name a file.'],
    });
    expect(
      await wrong(add('system-prompts', { name: 'p', prompt_text: '{nonsense}', status: 'Healthy' })),
    ).toEqual({
      status: ['Must be one of Approved, Testing, Deprecated.'],
      prompt_text: ['There is no variable {nonsense}.'],
    });
    expect(
      await wrong(add('system-prompts', { name: 'p', is_file_based: true, prompt_file_name: 'gone.md' })),
    ).toEqual({ prompt_file_name: ['There is no file gone.md.'] });
  });

  it('a type in use cannot be deleted, and goes when nothing uses it', async () => {
    const model = await add('llm-models', { name: 'm' });
    const layer = await add('llm-middleware', {
      llm_model: 'm',
      middleware: 'ModelCallLimitMiddleware',
      config: {},
    });
    expect(layer).toMatchObject({ priority: 10, config: { run_limit: 25 } });
    const type = await manage.list(
      named('middleware-types'),
      { ...all, filters: [{ field: 'name', comparison: 'is', values: ['ModelCallLimitMiddleware'] }] },
      ada,
    );
    const id = type.rows[0]?.id ?? '';
    const removal = manage.remove(named('middleware-types'), [{ id }], ada);
    await expect(removal).rejects.toThrow(ConflictError);
    await expect(removal).rejects.toThrow('ModelCallLimitMiddleware on m');
    await manage.remove(named('llm-models'), [{ id: model.id }], ada);
    expect((await manage.list(named('llm-middleware'), all, ada)).count).toBe(0);
  });

  it('what goes with a deleted row is listed, written down, and needs its own permission', async () => {
    const [provider] = await manage.create(named('llm-providers'), [{ name: 'huggingface' }], ada);
    const id = provider?.row.id ?? '';
    const model = await add('llm-models', { name: 'm', llm_provider: 'huggingface' });
    const layer = await add('llm-middleware', { llm_model: 'm', middleware: 'ModelCallLimitMiddleware' });
    const found = await manage.dependents(named('llm-providers'), id, ada);
    expect(found.map(({ resource, count, names }) => [resource.path, count, names])).toEqual([
      ['llm-models', 1, [expect.stringMatching(/^m\b/)]],
      ['llm-middleware', 1, ['ModelCallLimitMiddleware on m']],
    ]);
    const some = caller(['ai_ops.delete_llmprovider']);
    await expect(manage.remove(named('llm-providers'), [{ id }], some)).rejects.toThrow(
      'ai_ops.delete_llmmodel',
    );
    await manage.remove(named('llm-providers'), [{ id }], ada);
    const { rows } = await sql<{ action: string; detail: { because?: string } }>`
      select action, detail from audit_log where target in (${`llm-models/${model.id}`}, ${`llm-middleware/${layer.id}`})
      and action like '%.delete' order by id`.execute(database.db);
    expect(rows).toMatchObject([
      { action: 'llm-models.delete', detail: { because: `llm-providers/${id}`, before: { name: 'm' } } },
      { action: 'llm-middleware.delete', detail: { because: `llm-providers/${id}` } },
    ]);
  });

  it('the older shape is checked as well', async () => {
    expect(await wrong(add('llm-models', { name: 'a', azure_endpoint: 5 }))).toHaveProperty('azure_endpoint');
    expect(await wrong(add('llm-models', { name: 'a', azure_endpoint: 'nourl' }))).toHaveProperty(
      'azure_endpoint',
    );
    expect(await wrong(add('llm-models', { name: 'a', api_version: [1] }))).toHaveProperty('api_version');
  });

  it('a change of nothing is none: the revision stays', async () => {
    const row = await add('llm-models', { name: 'same', tags: ['a'] });
    const again = await change('llm-models', row.id, { name: 'same', llm_provider: 'ollama', tags: ['a'] });
    expect(again?.revision).toBe(row.revision);
  });

  it('middleware: one of a type on a model, priorities from 1 to 100, and only options that its type knows', async () => {
    await add('llm-models', { name: 'm' });
    const layer = { llm_model: 'm', middleware: 'ModelCallLimitMiddleware' };
    expect(await wrong(add('llm-middleware', { ...layer, priority: 0 }))).toEqual({
      priority: ['At least 1.'],
    });
    expect(await wrong(add('llm-middleware', { ...layer, priority: 101 }))).toEqual({
      priority: ['At most 100.'],
    });
    expect(
      Object.keys((await wrong(add('llm-middleware', { ...layer, config: { max_calls: 3 } }))) ?? {}),
    ).toEqual(['config']);
    await add('llm-middleware', layer);
    expect(await wrong(add('llm-middleware', layer))).toEqual({
      non_field_errors: ['There is a middleware with this model and type already.'],
    });
  });

  it.each([
    ['custom', 'CustomMiddleware'],
    ['LLMToolEmulatorMiddleware', 'LLMToolEmulatorMiddleware'],
    ['my_audit', 'My_auditMiddleware'],
  ])('a type called %s is stored as %s', async (given, stored) => {
    await sql`delete from middleware_types where name = ${stored}`.execute(database.db);
    expect((await add('middleware-types', { name: given })).name).toBe(stored);
  });

  it.each(['Middleware', 'my-mw', 'My Mw', 'a.b', '1foo', ''])(
    'a type cannot be called “%s”',
    async (name) => {
      expect(Object.keys((await wrong(add('middleware-types', { name }))) ?? {})).toEqual(['name']);
    },
  );

  it('a saved server is checked at once, and what is found is stored', async () => {
    const row = await add('mcp-servers', {
      name: 'k8s',
      url: 'http://up.test',
      mcp_endpoint: 'mcp',
      health_check: 'health',
    });
    expect(row).toMatchObject({
      status: { name: 'Healthy' },
      mcp_endpoint: '/mcp',
      health_check: '/health',
      last_latency_ms: 3,
      last_error: '',
    });
  });

  it('a check is no change of the configuration: the revision stays', async () => {
    const row = await add('mcp-servers', { name: 'k8s', url: 'http://up.test' });
    const before = versions.length;
    await manage.act({
      resource: named('mcp-servers'),
      id: row.id,
      action: 'health-check',
      input: {},
      by: ada,
    });
    const after = await manage.read(named('mcp-servers'), row.id, ada);
    expect([after.revision, versions.length]).toEqual([row.revision, before]);
  });

  it('the bot’s own credentials cannot be named by a server', async () => {
    const server = { name: 'a', url: 'http://up.test' };
    for (const value of ['env:SLACK_BOT_TOKEN', 'Bearer env:DATABASE_URL'])
      expect(
        await wrong(add('mcp-servers', { ...server, headers: { authorization: value } })),
      ).toHaveProperty('headers');
  });

  it('what a check finds is dropped when somebody changed or deleted the server meanwhile', async () => {
    let during = async (_id: string) => {};
    manage = createResources({
      resources,
      store: resourceStore(database.db, () => {}),
      world: fakeWorld({
        async checkServer(id) {
          await during(id);
          return { healthy: true, message: '', details: '', url: '', latencyMs: 1 };
        },
      }),
    });
    const server = await add('mcp-servers', { name: 'k8s', url: 'http://up.test' });
    during = async (id) => {
      during = async () => {};
      await change('mcp-servers', id, { status: 'Vulnerable' });
    };
    const check = {
      resource: named('mcp-servers'),
      id: server.id,
      action: 'health-check',
      input: {},
      by: ada,
    };
    expect(await manage.act(check)).toMatchObject({ success: true, status: 'Vulnerable' });
    expect((await manage.read(named('mcp-servers'), server.id, ada)).status).toMatchObject({
      name: 'Vulnerable',
    });
    during = async (id) => {
      await manage.remove(named('mcp-servers'), [{ id }], ada);
    };
    expect((await add('mcp-servers', { name: 'gone', url: 'http://up.test' })).name).toBe('gone');
  });

  it('a check writes into the audit log only when the status changes', async () => {
    const row = await add('mcp-servers', { name: 'k8s', url: 'http://up.test' });
    const check = { resource: named('mcp-servers'), id: row.id, action: 'health-check', input: {}, by: ada };
    await manage.act(check);
    await manage.act(check);
    const { rows } = await sql`select 1 from audit_log where target = ${`mcp-servers/${row.id}`}`.execute(
      database.db,
    );
    expect(rows).toHaveLength(2);
  });

  it('a server that comes with the bot keeps its program, its name and its environment', async () => {
    await sql`insert into mcp_servers (name, protocol, command, args, origin, status_id)
      select 'host', 'stdio', 'bundled', '["host"]', 'bundled', id from statuses where name = 'Healthy'`.execute(
      database.db,
    );
    const row = (await manage.list(named('mcp-servers'), all, ada)).rows[0];
    const id = row?.id ?? '';
    for (const input of [
      { name: 'diag' },
      { protocol: 'http', url: 'http://up.test' },
      { args: ['../../../../tmp/evil'] },
      { env: { NODE_OPTIONS: '--import=data:text/javascript,1' } },
      { command: '/usr/bin/env' },
    ])
      expect(
        Object.keys((await wrong(change('mcp-servers', id, input))) ?? {}),
        JSON.stringify(input),
      ).toContain(Object.keys(input)[0]);
    await change('mcp-servers', id, { is_enabled: false, tool_overrides: { memory: { offer: false } } });
    await expect(manage.remove(named('mcp-servers'), [{ id }], ada)).rejects.toThrow('Disable it instead');
  });

  it('secrets are refused by their name, and among arguments', async () => {
    const http = { name: 'a', url: 'http://up.test' };
    for (const name of ['Authorization', 'X-Api-Key', 'cookie', 'X-Auth-Token'])
      expect(
        await wrong(add('mcp-servers', { ...http, headers: { [name]: 'hunter2-pass' } })),
      ).toHaveProperty('headers');
    const stdio = { name: 'a', protocol: 'stdio', command: '/usr/bin/mcp' };
    expect(await wrong(add('mcp-servers', { ...stdio, env: { DB_PASSWORD: 'hunter2' } }))).toHaveProperty(
      'env',
    );
    expect(
      await wrong(
        add('mcp-servers', { ...stdio, args: ['--token', 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789'] }),
      ),
    ).toHaveProperty('args');
    await add('mcp-servers', {
      ...http,
      headers: { Authorization: 'Bearer env:K8S_TOKEN', 'x-team': 'ops' },
    });
  });

  it('who may not see something does not learn its name from a refusal', async () => {
    await add('llm-models', { name: 'secret-project-x' });
    await add('llm-middleware', { llm_model: 'secret-project-x', middleware: 'ModelCallLimitMiddleware' });
    const layerOnly = caller([
      'ai_ops.add_llmmiddleware',
      'ai_ops.delete_middlewaretype',
      'ai_ops.view_middlewaretype',
    ]);
    const guess = await wrong(
      manage.create(
        named('llm-middleware'),
        [{ llm_model: 'secret-project-y', middleware: 'ModelCallLimitMiddleware' }],
        layerOnly,
      ),
    );
    expect(guess).toEqual({ llm_model: ['There is no LLM model “secret-project-y”.'] });
    const filters = [{ field: 'name', comparison: 'is', values: ['ModelCallLimitMiddleware'] }] as const;
    const { rows } = await manage.list(named('middleware-types'), { ...all, filters }, layerOnly);
    const removal = manage.remove(named('middleware-types'), [{ id: rows[0]?.id ?? '' }], layerOnly);
    await expect(removal).rejects.toThrow('in use by 1 middleware. ');
  });

  it('a vulnerable server stays so and is not asked', async () => {
    let asked = 0;
    manage = createResources({
      resources,
      store: resourceStore(database.db, () => {}),
      world: fakeWorld({
        async checkServer() {
          asked += 1;
          return { healthy: true, message: '', details: '', url: '', latencyMs: 1 };
        },
      }),
    });
    const row = await add('mcp-servers', { name: 'bad', url: 'http://bad.test', status: 'Vulnerable' });
    expect([row.status, asked]).toEqual([expect.objectContaining({ name: 'Vulnerable' }), 0]);
  });

  it('servers: a URL for http, an allowed command for stdio, https for external ones', async () => {
    expect(await wrong(add('mcp-servers', { name: 'a' }))).toEqual({
      url: ['An http server needs a URL that begins with https:// or http://.'],
    });
    expect(await wrong(add('mcp-servers', { name: 'a', url: 'http://u:p@h' }))).toHaveProperty('url');
    expect(await wrong(add('mcp-servers', { name: 'a', url: 'http://h', mcp_type: 'external' }))).toEqual({
      url: ['An external server must be reached by https.'],
    });
    expect(
      await wrong(add('mcp-servers', { name: 'a', protocol: 'stdio', command: '/tmp/x' })),
    ).toHaveProperty('command');
    expect(
      await wrong(add('mcp-servers', { name: 'a', protocol: 'stdio', command: 'bundled' })),
    ).toHaveProperty('command');
    await add('mcp-servers', { name: 'a', protocol: 'stdio', command: '/usr/bin/mcp' });
  });

  it('several rows are made all or none, and each error stands at its place', async () => {
    const making = manage.create(
      named('llm-models'),
      [{ name: 'a' }, { name: '' }, { name: 'c', cache_ttl: 1 }],
      ada,
    );
    const error = await making.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidError);
    if (error instanceof InvalidError)
      expect(error.items).toEqual([
        {},
        { name: ['This may not be empty.'] },
        { cache_ttl: ['At least 60.'] },
      ]);
    expect((await manage.list(named('llm-models'), all, ada)).count).toBe(0);
    expect(versions).toEqual([]);
  });

  it('a setting takes what its range allows, and null is its default again', async () => {
    const { rows } = await manage.list(named('settings'), all, ada);
    const id = rows[0]?.id ?? '';
    expect((await change('settings', id, { value: '30' }))?.value).toBe(30);
    expect(Object.keys((await wrong(change('settings', id, { value: 1000 }))) ?? {})).toEqual(['value']);
    expect((await change('settings', id, { value: null }))?.value).toBe(null);
    await expect(manage.create(named('settings'), [{}], ada)).rejects.toThrow('cannot be created');
  });

  it('nobody does what they have no permission for', async () => {
    const viewer = caller(['ai_ops.view_llmmodel']);
    await manage.list(named('llm-models'), all, viewer);
    await expect(manage.list(named('mcp-servers'), all, viewer)).rejects.toThrow('ai_ops.view_mcpserver');
    await expect(manage.create(named('llm-models'), [{ name: 'x' }], viewer)).rejects.toThrow(
      'ai_ops.add_llmmodel',
    );
  });

  it('each change is in the audit log with who, from where, before and after, and no secret', async () => {
    const row = await add('mcp-servers', {
      name: 's',
      url: 'http://up.test',
      headers: { 'x-team': 'ops', 'x-key': 'env:X_KEY' },
    });
    await change('mcp-servers', row.id, { description: 'ours' });
    await manage.remove(named('mcp-servers'), [{ id: row.id }], ada);
    const { rows } = await sql<{ actor: string; action: string; detail: unknown; source: string }>`
      select actor, action, detail, source from audit_log where target = ${`mcp-servers/${row.id}`} order by id`.execute(
      database.db,
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'mcp-servers.create',
      'mcp-servers.change',
      'mcp-servers.change',
      'mcp-servers.delete',
    ]);
    expect(rows[0]).toMatchObject({
      actor: 'token:ada',
      source: 'rest',
      detail: { name: 's', after: { headers: { 'x-team': '(plain text)', 'x-key': 'env:X_KEY' } } },
    });
    expect(rows[2]?.detail).toEqual({
      name: 's',
      before: { description: '' },
      after: { description: 'ours' },
    });
  });

  it('filters, searches, orders and pages', async () => {
    for (const [name, provider, temperature] of [
      ['a_1', 'openai', 0.5],
      ['b%2', 'ollama', 1],
      ['c', 'openai', null],
    ])
      await add('llm-models', { name, llm_provider: provider, temperature });
    const names = async (query: object) =>
      (await manage.list(named('llm-models'), { ...all, ...query }, ada)).rows.map(({ name }) => name);
    const filter = (field: string, comparison: string, ...values: string[]) => ({
      filters: [{ field, comparison, values }],
    });
    expect(await names(filter('llm_provider', 'is', 'openai'))).toEqual(['a_1', 'c']);
    expect(await names(filter('name', 'is', 'a_1', 'c'))).toEqual(['a_1', 'c']);
    expect(await names(filter('name', 'contains', '%'))).toEqual(['b%2']);
    expect(await names(filter('name', 'contains', '_'))).toEqual(['a_1']);
    expect(await names(filter('temperature', 'from', '0.6'))).toEqual(['b%2']);
    expect(await names(filter('temperature', 'empty', 'true'))).toEqual(['c']);
    expect(await names(filter('is_enabled', 'is', 'false'))).toEqual([]);
    expect(await names(filter('created', 'above', '2020-01-01T00:00:00Z'))).toHaveLength(3);
    expect(await names({ q: 'B%' })).toEqual(['b%2']);
    expect(await names({ order: ['-name'] })).toEqual(['c', 'b%2', 'a_1']);
    expect(await names({ order: ['llm_provider', '-name'], limit: 2, offset: 1 })).toEqual(['c', 'a_1']);
  });
});
