import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestEmbedded, type TestDatabase } from '../../fakes/database.ts';
import { api, prepare, type Stage, startStage } from './stage.ts';

describe('access to the REST API', () => {
  let database: TestDatabase;
  let stage: Stage;
  const viewer = { headers: { authorization: 'Token viewer' } };
  const nobody = { headers: { authorization: 'Bearer nobody' } };

  beforeAll(async () => {
    database = await openTestEmbedded();
    stage = await startStage(database);
    await prepare(stage, database);
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  it('shows only what the caller may see, and says what they may do', async () => {
    expect(Object.keys((await stage.send('GET', `${api}/`, viewer)).json)).toEqual([
      'llm-models',
      'statuses',
    ]);
    const { json } = await stage.send('GET', `${api}/forms/`, viewer);
    // What is open to everybody is nothing to manage.
    expect(json.resources.map(({ path }: { path: string }) => path)).toEqual(['llm-models']);
    expect(json.resources[0].may).toEqual({ view: true, add: false, change: false, delete: false });
    expect(json.resources[0].actions).toMatchObject([
      { name: 'test', method: 'POST', may: false },
      { name: 'set-default', may: false },
      { name: 'layers', may: true },
      { name: 'own-layers', may: false },
    ]);
  });

  it('says the options of a form to those who may see what decides about them', async () => {
    const { json } = await stage.send('GET', `${api}/forms/llm-middleware/`);
    expect(json.options).toMatchObject({ of: 'config', by: 'middleware' });
    const names = json.options.choices.map(({ value }: { value: string }) => value);
    expect(Object.keys(json.options.sets).every((name) => names.includes(name))).toBe(true);
    expect((await stage.send('GET', `${api}/forms/schedules/`)).json).toEqual({ options: null });
    expect((await stage.send('GET', `${api}/forms/llm-models/`, viewer)).json).toEqual({ options: null });
    expect((await stage.send('GET', `${api}/forms/llm-middleware/`, viewer)).status).toBe(404);
    expect((await stage.send('GET', `${api}/forms/nothing/`)).status).toBe(404);
  });

  it('refuses what needs a permission that the caller lacks', async () => {
    const model = (await stage.send('GET', `${api}/llm-models/`, viewer)).json.results[0];
    const refused = [
      stage.send('POST', `${api}/llm-models/`, { ...viewer, body: { name: 'x' } }),
      stage.send('PATCH', `${api}/llm-models/${model.id}/`, { ...viewer, body: {} }),
      stage.send('DELETE', `${api}/llm-models/${model.id}/`, viewer),
      stage.send('POST', `${api}/llm-models/${model.id}/test/`, viewer),
      stage.send('GET', `${api}/mcp-servers/`, viewer),
      stage.send('OPTIONS', `${api}/mcp-servers/`, viewer),
      stage.send('GET', `${api}/audit/`, viewer),
      stage.send('GET', `${api}/audit/export/`, viewer),
      stage.send('GET', `${api}/audit/verify/`, viewer),
      stage.send('POST', '/plugins/ai-ops/mcp/clear-cache/', viewer),
    ];
    for (const answer of await Promise.all(refused))
      expect([answer.status, answer.json.code]).toEqual([403, 'forbidden']);
    expect(stage.denied).toContain('token:viewer view_audit');
    expect(stage.denied).toContain('token:viewer ai_ops.change_mcpserver');
    expect((await stage.send('GET', `${api}/statuses/`, nobody)).status).toBe(200);
  });

  it('clears the tools that are kept, and writes that down', async () => {
    expect((await stage.send('POST', '/plugins/ai-ops/mcp/clear-cache/')).json).toEqual({
      success: true,
      cleared_count: 2,
    });
    const { json } = await stage.send('GET', `${api}/audit/?action=mcp-servers.clear-cache`);
    expect(json.results).toMatchObject([{ actor: 'token:ada', source: 'rest', detail: { cleared: 2 } }]);
  });

  it('answers HEAD as GET without a body, and offers itself to no other site', async () => {
    const head = await stage.send('HEAD', `${api}/llm-models/`, {
      headers: { origin: 'https://evil.example' },
    });
    expect([head.status, head.text, head.headers.get('api-version')]).toEqual([200, '', '2.0']);
    expect([...head.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect((await stage.send('HEAD', `${api}/audit/export/`)).text).toBe('');
  });

  it('sends its version with errors too, and takes whatever Accept says', async () => {
    const headers = { accept: 'application/json; version=2.4', authorization: 'Token wrong' };
    const refused = await stage.send('GET', `${api}/llm-models/`, { headers });
    expect([refused.status, refused.headers.get('api-version')]).toEqual([401, '2.0']);
  });

  it('names itself by the public URL where there is one, and by no host that can be none', async () => {
    const known = await startStage(database, { publicUrl: 'https://bot.example.com/' });
    const { json } = await known.send('GET', `${api}/llm-models/?limit=0`);
    expect(json.results[0].url).toMatch(
      /^https:\/\/bot\.example\.com\/api\/plugins\/ai-ops\/llm-models\/[0-9a-f-]+\/$/,
    );
    await known.close();
  });

  it('says for how long to wait while the database is away', async () => {
    const pool = new pg.Pool({ host: '127.0.0.1', port: 9, connectionTimeoutMillis: 1000 });
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    const away = await startStage({ ...database, db });
    const asked = [
      away.send('GET', `${api}/llm-models/`),
      away.send('POST', `${api}/llm-models/`, { body: { name: 'x' } }),
      away.send('GET', `${api}/audit/`),
    ];
    for (const answer of await Promise.all(asked)) {
      expect([answer.status, answer.json.code]).toEqual([503, 'unavailable']);
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    await away.close();
    await db.destroy();
  });

  it('hides the details of its own failures outside of LAB', async () => {
    await sql`alter table tenants rename to hidden_tenants`.execute(database.db);
    const answer = await stage.send('GET', `${api}/tenants/`);
    await sql`alter table hidden_tenants rename to tenants`.execute(database.db);
    expect([answer.status, answer.json.code]).toEqual([500, 'internal']);
    expect(answer.text).not.toContain('relation');
    expect(stage.failures).toMatchObject([{ reference_id: answer.json.reference_id }]);
  });
});
