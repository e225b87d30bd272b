import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealStore } from '../../../src/store/audit-seals.ts';
import { databases, type TestDatabase } from '../../fakes/database.ts';
import { api, prepare, type Stage, startStage } from './stage.ts';

describe.each(Object.entries(databases))('the audit log over HTTP on %s', (_name, open) => {
  let database: TestDatabase;
  let stage: Stage;

  beforeAll(async () => {
    database = await open();
    stage = await startStage(database);
    await prepare(stage, database);
    await stage.send('POST', `${api}/mcp-servers/`, {
      body: {
        name: 'k8s',
        url: 'http://up.test',
        headers: { 'x-key': 'plain', authorization: 'Bearer env:K8S_TOKEN' },
      },
    });
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  const actions = async (query: string) =>
    (await stage.send('GET', `${api}/audit/?${query}`)).json.results.map(
      ({ action }: { action: string }) => action,
    );

  it('lists the newest first, by filters, in pages', async () => {
    expect((await actions('limit=2'))[0]).toBe('mcp-servers.change');
    expect(await actions('action=mcp-servers.create')).toEqual(['mcp-servers.create']);
    expect(new Set(await actions('action=llm-*&actor=token:ada'))).toEqual(
      new Set(['llm-models.create', 'llm-models.change', 'llm-providers.create']),
    );
    expect(await actions('before=2020-01-01')).toEqual([]);
    expect((await actions('after=2020-01-01T00:00:00Z&source=rest')).length).toBeGreaterThan(3);
    expect(await actions('thread_id=none&turn_id=none')).toEqual([]);
    const page = await stage.send('GET', `${api}/audit/?limit=2&offset=2&q=MCP`);
    expect(page.json).toMatchObject({ count: 2, next: null, previous: expect.stringContaining('q=MCP') });
    expect((await stage.send('GET', `${api}/audit/?after=soon&whom=me`)).json).toEqual({
      whom: ['Unknown filter field'],
      after: ['Write a time like 2026-12-31T12:00:00Z, or a date.'],
    });
  });

  it('exports JSON lines without secrets, the oldest first, and writes that down', async () => {
    const exported = await stage.send('GET', `${api}/audit/export/?action=mcp-servers.*`);
    expect(exported.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    const rows = exported.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ action }) => action)).toEqual(['mcp-servers.create', 'mcp-servers.change']);
    expect(rows[0].detail.after.headers).toEqual({
      'x-key': '(plain text)',
      authorization: 'Bearer env:K8S_TOKEN',
    });
    expect(await actions('action=audit.export')).toEqual(['audit.export']);
  });

  it('checks its seals', async () => {
    await sealStore(database.db).seal(0);
    const { json } = await stage.send('GET', `${api}/audit/verify/`);
    expect(json).toMatchObject({
      ok: true,
      seals: 1,
      unsealed: 0,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await stage.send('GET', `${api}/audit/?limit=1`)).json.results[0].seal).toBe(1);
  });
});
