import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestEmbedded, type TestDatabase } from '../../fakes/database.ts';
import { type Stage, startStage } from './stage.ts';

describe('the page of the API', () => {
  let database: TestDatabase;
  let stage: Stage;

  beforeAll(async () => {
    database = await openTestEmbedded();
    stage = await startStage(database, { showDetails: true });
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  it('runs its own files alone, and sends clients of Nautobot to the description', async () => {
    const page = await stage.send('GET', '/api/docs/', { headers: { authorization: '' } });
    const policy = page.headers.get('content-security-policy') ?? '';
    expect([page.status, policy.includes("script-src 'self'"), policy.includes('unsafe')]).toEqual([
      200,
      true,
      false,
    ]);
    for (const [, name] of page.text.matchAll(/(?:src|href)="([^"]+)"/g))
      expect((await stage.send('GET', `/api/docs/${name}`)).status).toBe(200);
    expect((await stage.send('GET', '/api/docs/files/package.json')).status).toBe(404);
    expect((await stage.send('GET', '/api/docs')).headers.get('location')).toBe('docs/');
    expect((await stage.send('GET', '/api/docs/?format=openapi')).headers.get('location')).toBe('../schema/');
  });
});
