import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resources } from '../../../src/resources/index.ts';
import { openTestEmbedded, type TestDatabase } from '../../fakes/database.ts';
import { openApi } from './openapi-shape.ts';
import { type Operation, operationsOf } from './operations.ts';
import { api, prepare, type Stage, startStage } from './stage.ts';

describe('the description of the API', () => {
  let database: TestDatabase;
  let stage: Stage;
  let document: {
    readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
    readonly paths: object;
  };
  let operations: readonly Operation[];

  beforeAll(async () => {
    database = await openTestEmbedded();
    stage = await startStage(database, { showDetails: true });
    await prepare(stage, database);
    document = (await stage.send('GET', '/api/schema/')).json;
    operations = operationsOf(document);
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  /** A schema of the document as a check of values. */
  const checkOf = (schema: unknown) => {
    const local = (text: unknown) =>
      JSON.parse(JSON.stringify(text).replaceAll('#/components/schemas/', '#/$defs/'));
    const whole = { ...local(schema), $defs: local(document.components.schemas) };
    return z.fromJSONSchema({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...whole });
  };

  it('has the shape of OpenAPI 3.1', () => {
    const parsed = openApi.safeParse(document);
    expect(parsed.error?.issues.slice(0, 5)).toBe(undefined);
  });

  it('every reference leads somewhere, and every operation has a name of its own and the usual refusals', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(refs.length).toBeGreaterThan(100);
    const follow = (ref: string) =>
      ref
        .slice(2)
        .split('/')
        .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document);
    expect(refs.filter((ref) => !ref.startsWith('#/') || follow(ref) === undefined)).toEqual([]);
    const names = operations.map(({ id }) => id);
    expect(new Set(names).size).toBe(names.length);
    for (const { path } of operations)
      for (const [, name] of path.matchAll(/\{(\w+)\}/g))
        expect(JSON.stringify(follow2(path))).toContain(`"${name}"`);
  });

  const follow2 = (path: string) => (document.paths as Readonly<Record<string, unknown>>)[path];

  it('describes every route of every resource, and answers where it says', async () => {
    for (const resource of resources) {
      const own = operations.filter(({ path }) => path.startsWith(`${api}/${resource.path}/`));
      const actions = Object.keys(resource.actions ?? {});
      const perChange = { create: 1, change: 4, delete: 2 };
      const changes = resource.changes.reduce((sum, change) => sum + perChange[change], 0);
      const asked = [resource.successor, resource.asked].filter((one) => one !== undefined).length;
      expect([resource.path, own.length]).toEqual([resource.path, 4 + asked + changes + actions.length]);
    }
    for (const operation of operations.filter(
      ({ method, path }) => method === 'GET' && /^\/api\/[^{]*$/.test(path),
    ))
      expect([operation.path, (await stage.send('GET', operation.path)).status]).toEqual([
        operation.path,
        200,
      ]);
  });

  it('every example is what its schema says', () => {
    let seen = 0;
    for (const operation of operations)
      for (const [status, { schema, example }] of Object.entries(operation.answers)) {
        if (example === undefined) continue;
        seen += 1;
        const parsed = checkOf(schema).safeParse(example);
        expect([operation.id, status, parsed.error?.issues.slice(0, 3)]).toEqual([
          operation.id,
          status,
          undefined,
        ]);
      }
    expect(seen).toBeGreaterThan(resources.length * 4);
  });

  it('what may be written is what is taken: every resource’s example, and what is answered to it', async () => {
    for (const resource of resources.filter(({ changes }) => changes.includes('create'))) {
      const operation = operations.find(({ id }) => id === `${resource.path.replaceAll('-', '_')}_create`);
      expect(checkOf(operation?.body).safeParse(resource.example).error?.issues).toBe(undefined);
      const answer = await stage.send('POST', `${api}/${resource.path}/`, { body: resource.example });
      expect([resource.path, answer.status]).toEqual([resource.path, 201]);
      expect(checkOf(operation?.answers['201']?.schema).safeParse(answer.json).error?.issues).toBe(undefined);
    }
  });

  it('what is sent with an action is described', () => {
    const accept = checkOf(operations.find(({ id }) => id === 'mcp_servers_accept_tools')?.body);
    for (const body of [{ tools: 'all' }, { tools: ['look', { name: 'touch', hash: 'a'.repeat(64) }] }])
      expect(accept.safeParse(body).success).toBe(true);
    for (const body of [{ tools: 5 }, { tools: [] }, { tool: ['look'] }])
      expect(accept.safeParse(body).success).toBe(false);
  });

  it('what is listed is what is described', async () => {
    for (const operation of operations.filter(
      ({ id, path }) => id.endsWith('_list') && path.startsWith(api),
    )) {
      const { json } = await stage.send('GET', operation.path);
      const parsed = checkOf(operation.answers['200']?.schema).safeParse(json);
      expect([operation.id, parsed.error?.issues.slice(0, 3)]).toEqual([operation.id, undefined]);
    }
  });

  it('a check of a description can fail', () => {
    const list = operations.find(({ id }) => id === 'llm_models_list');
    const check = checkOf(list?.answers['200']?.schema);
    expect(check.safeParse({ count: 'x', next: null, previous: null, results: [] }).success).toBe(false);
    expect(check.safeParse({ count: 1, next: null, previous: null, results: [{ id: 7 }] }).success).toBe(
      false,
    );
  });

  it('is for the signed-in alone outside of LAB', async () => {
    const closed = await startStage(database);
    expect((await closed.send('GET', '/api/schema/', { headers: { authorization: '' } })).status).toBe(401);
    expect(
      (await closed.send('GET', '/api/schema/', { headers: { authorization: 'Token nobody' } })).status,
    ).toBe(200);
    await closed.close();
    expect((await stage.send('GET', '/api/schema/', { headers: { authorization: '' } })).status).toBe(200);
  });
});
