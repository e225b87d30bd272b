import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestEmbedded, type TestDatabase } from '../fakes/database.ts';
import { api, type Stage, startStage } from './rest/stage.ts';

describe('limits of how often callers may ask', () => {
  let database: TestDatabase;
  let stage: Stage;

  beforeAll(async () => {
    database = await openTestEmbedded();
  });
  afterAll(() => database.close());

  const ask = (token: string) =>
    stage.send('GET', `${api}/statuses/?limit=1`, { headers: { authorization: token } });
  const times = async (n: number, asking: () => ReturnType<typeof ask>) => {
    const statuses: number[] = [];
    for (let k = 0; k < n; k += 1) statuses.push((await asking()).status);
    return statuses;
  };

  it('each caller may ask so many times in a minute, over all paths together', async () => {
    stage = await startStage(database, { limits: { requestsPerMinute: 3 } });
    expect(await times(2, () => ask('Token ada'))).toEqual([200, 200]);
    expect((await stage.send('GET', '/api/')).status).toBe(200);
    const refused = await ask('Token  ada');
    expect([refused.status, refused.json.code]).toEqual([429, 'busy']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask('Token nobody')).status).toBe(200);
    await stage.close();
  });

  it('an address that fails to say who it is waits, and the callers known there do not', async () => {
    stage = await startStage(database, { limits: { failuresPerMinute: 3 } });
    expect((await ask('Token ada')).status).toBe(200);
    let guess = 0;
    expect(await times(4, () => ask(`Token guess${guess++}`))).toEqual([401, 401, 401, 429]);
    expect((await ask('Token nobody')).status).toBe(429);
    expect((await ask('Token ada')).status).toBe(200);
    await stage.close();
  });
});
