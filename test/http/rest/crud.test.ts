import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources } from '../../../src/resources/index.ts';
import { databases, type TestDatabase } from '../../fakes/database.ts';
import { api, prepare, type Stage, startStage } from './stage.ts';

const nowhere = '00000000-0000-4000-8000-000000000000';

describe.each(Object.entries(databases))('the REST API of resources on %s', (_name, open) => {
  let database: TestDatabase;
  let stage: Stage;

  beforeAll(async () => {
    database = await open();
    stage = await startStage(database);
    await prepare(stage, database);
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  /** Two people may have one name. */
  const namesakes = 201;
  const made = resources.filter(({ changes }) => changes.includes('create'));

  it.each(made.map((resource) => [resource.path, resource] as const))(
    '%s are created by their example, read, changed, replaced by what was read, and deleted',
    async (path, resource) => {
      const list = `${api}/${path}/`;
      const created = await stage.send('POST', list, { body: resource.example });
      expect([created.status, created.text]).toEqual([201, expect.any(String)]);
      const one = `${list}${created.json.id}/`;
      expect(created.headers.get('location')).toBe(new URL(one, stage.url).href);
      expect(created.json.object_type).toBe(`ai_ops.${resource.suffix}`);

      const read = await stage.send('GET', one);
      expect(created.json).toMatchObject(read.json);
      expect(read.headers.get('etag')).toBe(created.headers.get('etag'));
      const again = await stage.send('POST', list, { body: resource.example });
      expect(again.status).toBe(path === 'people' ? namesakes : 400);

      const changed = await stage.send('PATCH', one, { body: { tags: ['night', 'night'] } });
      expect([changed.status, changed.json.tags]).toEqual([200, [{ name: 'night', display: 'night' }]]);
      const replaced = await stage.send('PUT', one, { body: changed.json });
      expect([replaced.status, replaced.json]).toEqual([
        200,
        { ...changed.json, last_updated: expect.any(String) },
      ]);

      const found = await stage.send('GET', `${list}?id=${created.json.id}&tags=night`);
      expect(found.json.results).toEqual([replaced.json]);
      expect((await stage.send('GET', `${one}dependents/`)).json).toEqual([]);
      expect((await stage.send('DELETE', one)).status).toBe(204);
      expect((await stage.send('GET', one)).status).toBe(404);
      expect((await stage.send('DELETE', one)).status).toBe(404);
    },
  );

  it.each(resources.map((resource) => [resource.path, resource] as const))(
    '%s can be listed, filtered and ordered by each of their columns, and do only what their definition allows',
    async (path, resource) => {
      const list = `${api}/${path}/`;
      const all = await stage.send('GET', `${list}?limit=0`);
      expect([all.status, all.json.count]).toEqual([200, all.json.results.length]);
      const forms = await stage.send('GET', `${api}/forms/`);
      const form = forms.json.resources.find((one: { readonly path: string }) => one.path === path);
      for (const name of form.filters) {
        const answers = await Promise.all([
          stage.send('GET', `${list}?ordering=-${name}`),
          stage.send('GET', `${list}?${name}__isnull=true`),
        ]);
        expect([name, ...answers.map(({ status }) => status)]).toEqual([name, 200, 200]);
      }
      expect((await stage.send('GET', `${list}?q=zzz_nothing`)).json.count).toBe(0);
      if (resource.changes.length > 0) return;
      const refused = await stage.send('POST', list, { body: {} });
      expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, OPTIONS']);
    },
  );

  it('rows that nobody can create can be changed', async () => {
    const { json } = await stage.send('GET', `${api}/settings/?name=agent_recursion_limit`);
    const path = `${api}/settings/${json.results[0].id}/`;
    const changed = await stage.send('PATCH', path, { body: { value: 30 } });
    expect(changed.json).toMatchObject({
      name: 'agent_recursion_limit',
      value: 30,
      default: expect.any(Number),
    });
    expect((await stage.send('PUT', path, { body: changed.json })).status).toBe(200);
    expect((await stage.send('POST', `${api}/settings/`, { body: {} })).status).toBe(405);
    expect((await stage.send('DELETE', path)).headers.get('allow')).toBe('GET, PUT, PATCH');
  });

  it('many are created, changed, replaced and deleted at once, all or none', async () => {
    const list = `${api}/llm-models/`;
    const created = await stage.send('POST', list, { body: [{ name: 'bulk-a' }, { name: 'bulk-b' }] });
    expect([created.status, created.json.map(({ name }: { name: string }) => name)]).toEqual([
      201,
      ['bulk-a', 'bulk-b'],
    ]);
    const [a, b] = created.json;
    const wrong = await stage.send('PATCH', list, {
      body: [
        { id: a.id, temperature: 1 },
        { id: b.id, temperature: 9 },
      ],
    });
    expect([wrong.status, wrong.json]).toEqual([400, [{}, { temperature: ['At most 2.'] }]]);
    expect((await stage.send('GET', `${list}${a.id}/`)).json.temperature).toBe(0);
    const changed = await stage.send('PATCH', list, { body: [{ ...a, temperature: 1 }, { id: b.id }] });
    expect(changed.json.map(({ temperature }: { temperature: number }) => temperature)).toEqual([1, 0]);
    const replaced = await stage.send('PUT', list, { body: [{ id: a.id, name: 'bulk-c' }] });
    expect(replaced.json[0]).toMatchObject({ name: 'bulk-c', temperature: 0 });
    expect((await stage.send('PATCH', list, { body: [{ temperature: 1 }, 'x', { id: 7 }] })).json).toEqual([
      { id: ['This field is required.'] },
      { id: ['This is not an id.'] },
      { id: ['This is not an id.'] },
    ]);
    expect((await stage.send('DELETE', list, { body: [a.id, nowhere] })).status).toBe(404);
    expect((await stage.send('DELETE', list, { body: [a.id, { id: b.id }] })).status).toBe(204);
    expect((await stage.send('GET', `${list}?name__isw=bulk-`)).json.count).toBe(0);
  });

  it('pages follow each other by absolute addresses that keep the filters', async () => {
    const list = `${api}/llm-models/`;
    const names = Array.from({ length: 5 }, (_, n) => ({ name: `page ${n}` }));
    const ids = (await stage.send('POST', list, { body: names })).json;
    const seen: string[] = [];
    let next: string | null = `${stage.url}${list}?name__isw=page&ordering=-name&limit=2`;
    let page = await stage.send('GET', next);
    expect(page.json.previous).toBe(null);
    for (; next !== null; next = page.json.next) {
      page = await stage.send('GET', next);
      seen.push(...page.json.results.map(({ name }: { name: string }) => name));
    }
    expect(seen).toEqual(['page 4', 'page 3', 'page 2', 'page 1', 'page 0']);
    const before = await stage.send('GET', page.json.previous);
    expect(before.json.results.map(({ name }: { name: string }) => name)).toEqual(['page 2', 'page 1']);
    expect((await stage.send('GET', `${list}?offset=100000`)).json).toMatchObject({
      next: null,
      results: [],
    });
    expect((await stage.send('DELETE', list, { body: ids })).status).toBe(204);
  });

  it('filters: repeated names mean any, relations go by id or name, and each comparison compares', async () => {
    const list = `${api}/llm-models/`;
    const rows = [
      { name: 'f-one', temperature: 0.5, llm_provider: 'azure_ai', tags: ['x'] },
      { name: 'f-two', temperature: 1, is_enabled: false },
      { name: 'F-three', temperature: null },
    ];
    const made = (await stage.send('POST', list, { body: rows })).json;
    const provider = made[0].llm_provider.id;
    const found = async (query: string) => {
      const { status, json } = await stage.send('GET', `${list}?name__isw=f-&ordering=name&${query}`);
      return status === 200 ? json.results.map(({ name }: { name: string }) => name).sort() : json;
    };
    expect(await found('name=f-one&name=f-two')).toEqual(['f-one', 'f-two']);
    expect(await found('name__n=f-one&name__n=f-two')).toEqual(['F-three']);
    expect(await found('name__ie=F-ONE')).toEqual(['f-one']);
    expect(await found('name__ic=T')).toEqual(['F-three', 'f-two']);
    expect(await found('name__nic=t')).toEqual(['f-one']);
    expect(await found('name__iew=E')).toEqual(['F-three', 'f-one']);
    expect(await found(`llm_provider=${provider}`)).toEqual(['f-one']);
    expect(await found('llm_provider=azure_ai')).toEqual(['f-one']);
    expect(await found('llm_provider__n=azure_ai')).toEqual(['F-three', 'f-two']);
    expect(await found('temperature__gt=0.5')).toEqual(['f-two']);
    expect(await found('temperature__gte=0.5&temperature__lt=1')).toEqual(['f-one']);
    expect(await found('temperature__isnull=true')).toEqual(['F-three']);
    expect(await found('temperature=1&temperature=0.5')).toEqual(['f-one', 'f-two']);
    expect(await found('is_enabled=False')).toEqual(['f-two']);
    expect(await found('tags=x')).toEqual(['f-one']);
    expect(await found('created__gte=2020-01-01&last_updated__lt=2100-01-01T00:00:00%2B01:00')).toHaveLength(
      3,
    );
    expect(
      await found('depth=1&exclude_m2m=true&include=x&format=json&api_version=2.1&brief=1'),
    ).toHaveLength(3);
    expect(await found('temprature=x')).toEqual({
      temprature: ['Unknown filter field. Did you mean temperature?'],
    });
    expect(await found('frobnicate=x')).toEqual({ frobnicate: ['Unknown filter field'] });
    expect(await found('temperature=warm&is_enabled=maybe&created__gt=yesterday&limit=-1')).toEqual({
      temperature: ['Write a number.'],
      is_enabled: ['Write true or false.'],
      created__gt: ['Write a time like 2026-12-31T12:00:00Z, or a date.'],
    });
    expect(await found('sort=-nothing')).toEqual({ ordering: ['There is no field nothing to order by.'] });
    expect((await stage.send('GET', `${list}?limit=-1`)).json).toEqual({
      limit: ['Write a whole number from 0.'],
    });
    await stage.send('DELETE', list, { body: made });
  });

  it('a change of what somebody else changed since is refused', async () => {
    const created = await stage.send('POST', `${api}/llm-models/`, { body: { name: 'etag' } });
    const path = `${api}/llm-models/${created.json.id}/`;
    const headers = { 'if-match': created.headers.get('etag') ?? '' };
    const both = await Promise.all([
      stage.send('PATCH', path, { body: { description: 'one' }, headers }),
      stage.send('PATCH', path, { body: { description: 'two' }, headers }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await stage.send('DELETE', path, { headers })).status).toBe(412);
    expect((await stage.send('DELETE', path, { headers: { 'if-match': 'garbage' } })).status).toBe(400);
    expect((await stage.send('DELETE', path, { headers: { 'if-match': '*' } })).status).toBe(204);
  });

  it('a model in use says what goes with it, and a type in use stays', async () => {
    const model = (await stage.send('POST', `${api}/llm-models/`, { body: { name: 'used' } })).json;
    const layer = { llm_model: 'used', middleware: 'ModelCallLimitMiddleware' };
    const made = (await stage.send('POST', `${api}/llm-middleware/`, { body: layer })).json;
    expect((await stage.send('GET', `${api}/llm-models/${model.id}/dependents/`)).json).toEqual([
      {
        resource: 'llm-middleware',
        one: 'middleware',
        many: 'Middleware',
        field: 'llm_model',
        on_delete: 'cascade',
        count: 1,
        names: ['ModelCallLimitMiddleware on used'],
      },
    ]);
    const headers = { authorization: 'Token viewer' };
    const seen = await stage.send('GET', `${api}/llm-models/${model.id}/dependents/`, { headers });
    expect(seen.json).toMatchObject([{ count: 1, names: [] }]);
    const kept = await stage.send('DELETE', `${api}/middleware-types/${made.middleware.id}/`);
    expect([kept.status, kept.json.code]).toEqual([409, 'conflict']);
    expect((await stage.send('DELETE', `${api}/llm-models/${model.id}/`)).status).toBe(204);
    expect((await stage.send('GET', `${api}/llm-middleware/${made.id}/`)).status).toBe(404);
  });

  it('actions answer by their own method', async () => {
    const server = (
      await stage.send('POST', `${api}/mcp-servers/`, { body: { name: 'acts', url: 'http://up.test' } })
    ).json;
    const path = `${api}/mcp-servers/${server.id}/`;
    const check = await stage.send('POST', `${path}health-check/`);
    expect(check.json).toMatchObject({ success: true, url: 'http://up.test/health', status: 'Healthy' });
    expect((await stage.send('GET', `${path}tools`)).json).toEqual({
      count: 0,
      waiting: 0,
      tools: [],
    });
    const wrong = await stage.send('GET', `${path}health-check/`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    const unknown = await stage.send('POST', `${path}explode/`);
    expect([unknown.status, unknown.json.detail]).toEqual([404, 'MCP servers have no action “explode”.']);
    const type = (await stage.send('GET', `${api}/middleware-types/?name=ModelCallLimitMiddleware`)).json
      .results[0];
    expect((await stage.send('GET', `${api}/middleware-types/${type.id}/default-config/`)).json).toEqual({
      middleware_type: 'ModelCallLimitMiddleware',
      default_config: { run_limit: 25 },
    });
    const [first, second] = (
      await stage.send('POST', `${api}/llm-models/`, {
        body: [{ name: 'd1' }, { name: 'd2' }],
      })
    ).json;
    await stage.send('POST', `${api}/llm-models/${first.id}/set-default/`, { body: {} });
    expect((await stage.send('POST', `${api}/llm-models/${second.id}/test/`)).json.ok).toBe(true);
    expect(
      (await stage.send('POST', `${api}/llm-models/${second.id}/set-default/`, { body: {} })).status,
    ).toBe(200);
    const defaults = await stage.send('GET', `${api}/llm-models/?is_default=true`);
    expect(defaults.json.results.map(({ name }: { name: string }) => name)).toEqual(['d2']);
    await stage.send('DELETE', `${api}/llm-models/`, { body: [first, second] });
  });

  it('a new API token is shown once', async () => {
    const created = await stage.send('POST', `${api}/api-tokens/`, { body: { name: 'once' } });
    expect(created.json.token).toMatch(/^aiops_/);
    expect(created.headers.get('cache-control')).toBe('no-store');
    const read = await stage.send('GET', `${api}/api-tokens/${created.json.id}/`);
    expect(Object.keys(read.json)).not.toContain('token');
    expect(read.text).not.toContain('token_hash');
  });

  it('nothing of all this was a failure of the bot', () => {
    expect(stage.failures).toEqual([]);
  });
});
