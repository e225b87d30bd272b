import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databases, type TestDatabase } from '../../fakes/database.ts';
import { allPermissions } from '../../fakes/world.ts';
import { api, type Stage, startStage } from './stage.ts';

interface Used {
  readonly at: string;
  readonly model?: string;
  readonly principal?: string;
  readonly thread?: string;
  readonly cost?: number | null;
  readonly isWhole?: boolean;
}

async function use(database: TestDatabase, used: Used): Promise<void> {
  const { at, model = 'sol', principal = 'web:ada', thread = 'web:1', cost = 0.25, isWhole = true } = used;
  await sql`
    insert into usage (at, turn_id, thread_id, principal, model, input_tokens, output_tokens, cache_read_tokens,
      cache_write_tokens, reasoning_tokens, duration_ms, cost_usd, cost_is_whole)
    values (${at}::timestamptz, ${randomUUID()}, ${thread}, ${principal}, ${model}, 100, 20, 60, 5, 10, 1, ${cost},
      ${isWhole})`.execute(database.db);
}

describe.each(Object.entries(databases))('usage over HTTP on %s', (_name, open) => {
  let database: TestDatabase;
  let stage: Stage;

  beforeAll(async () => {
    database = await open();
    stage = await startStage(database);
    await use(database, { at: '2026-11-20T23:59:59Z' });
    await use(database, { at: '2026-11-21T00:00:00Z' });
    await use(database, { at: '2026-11-21T10:00:00+02:00', cost: 0.0000000001 });
    await use(database, { at: '2026-11-21T11:00:00Z', cost: null, isWhole: false, principal: '=web:bob' });
    await use(database, { at: '2026-11-21T12:00:00Z', model: 'local, own', cost: 0, thread: 'web:2' });
    await use(database, { at: '2026-11-21T13:00:00Z', model: 'dark', cost: null, isWhole: false });
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  const report = async (query = '') => (await stage.send('GET', `${api}/usage/?${query}`)).json;

  it('is summed by day and model, the newest day first; what is unknown stays unknown', async () => {
    const tokens = { input_tokens: 300, output_tokens: 60, cache_read_tokens: 180, cache_write_tokens: 15 };
    expect(await report()).toEqual({
      count: 4,
      next: null,
      previous: null,
      results: [
        expect.objectContaining({ day: '2026-11-21', model: 'dark', cost_usd: null, unpriced_calls: 1 }),
        expect.objectContaining({ model: 'local, own', cost_usd: 0, cost_is_whole: true }),
        {
          ...{ day: '2026-11-21', model: 'sol', calls: 3, turns: 3, ...tokens, reasoning_tokens: 30 },
          ...{ cost_usd: 0.2500000001, cost_is_whole: false, unpriced_calls: 1 },
        },
        expect.objectContaining({
          day: '2026-11-20',
          model: 'sol',
          calls: 1,
          cost_usd: 0.25,
          cost_is_whole: true,
        }),
      ],
    });
  });

  it('is summed by what is asked, of what is asked', async () => {
    const { results } = await report(
      'by=thread,principal&since=2026-11-21&until=2026-11-21T12:30:00Z&model=sol',
    );
    expect(results.map((sum: object) => ({ ...sum }))).toMatchObject([
      { principal: '=web:bob', thread_id: 'web:1', calls: 1 },
      { principal: 'web:ada', thread_id: 'web:1', calls: 2 },
    ]);
    expect(results[0]).not.toHaveProperty('day');
    expect((await report('thread_id=web:2')).count).toBe(1);
    expect((await report('principal=nobody')).results).toEqual([]);
  });

  it('comes in pages', async () => {
    const first = await report('limit=3');
    expect(first).toMatchObject({ count: 4, next: expect.stringContaining('offset=3') });
    expect(await report('limit=3&offset=3')).toMatchObject({ count: 4, results: [{ day: '2026-11-20' }] });
    expect(await report('limit=3&offset=9')).toMatchObject({ count: 4, results: [] });
  });

  it('comes as CSV, whose cells are no formulas', async () => {
    const answer = await stage.send('GET', `${api}/usage/?by=model,principal&format=csv`);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.text.split('\r\n')).toEqual([
      'model,principal,calls,turns,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,reasoning_tokens,cost_usd,cost_is_whole,unpriced_calls',
      'dark,web:ada,1,1,100,20,60,5,10,,false,1',
      '"local, own",web:ada,1,1,100,20,60,5,10,0,true,0',
      "sol,'=web:bob,1,1,100,20,60,5,10,,false,1",
      'sol,web:ada,3,3,300,60,180,15,30,0.5000000001,true,0',
      '',
    ]);
  });

  it.each([
    ['by=week', 'by'],
    ['since=yesterday', 'since'],
    ['format=xml', 'format'],
    ['team=a', 'team'],
  ])('refuses %s with a sentence', async (query, field) => {
    const { status, json } = await stage.send('GET', `${api}/usage/?${query}`);
    expect(status).toBe(400);
    expect(json).toHaveProperty(field);
  });

  it('is for whoever may see it', async () => {
    const others = new Set([...allPermissions].filter((name) => name !== 'view_usage'));
    const stranger = await startStage(database, { permissions: others });
    expect((await stranger.send('GET', `${api}/usage/`)).status).toBe(403);
    expect(stranger.denied.join(' ')).toContain('view_usage');
    await stranger.close();
  });
});
