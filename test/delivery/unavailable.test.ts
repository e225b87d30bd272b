import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBot, type TestBot } from '../fakes/bot.ts';
import { createPostgresDatabase } from '../fakes/database.ts';

describe('a message that cannot be stored', () => {
  let bot: TestBot;
  let url: string;
  beforeAll(async () => {
    url = await createPostgresDatabase('migrated');
    bot = await startTestBot({ env: { DATABASE_URL: url } });
  });
  afterAll(() => bot.stop());

  const ask = () =>
    bot.fetch('/plugins/ai-ops/api/chat/', {
      method: 'POST',
      body: JSON.stringify({ message: 'help', thread_id: 'blocked' }),
      headers: { 'idempotency-key': 'once' },
    });

  it('is refused within moments, so that it is sent again, and is then answered once', async () => {
    const blocker = new pg.Client({ connectionString: url });
    await blocker.connect();
    await blocker.query('begin');
    await blocker.query('lock table inbox_events in access exclusive mode');
    const startedAt = performance.now();
    const refused = await ask();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await blocker.query('rollback');
    await blocker.end();

    expect((await ask()).status).toBe(200);
    const { rows } = await queryAll(url, 'select count(*)::int as turns from turns');
    expect(rows).toEqual([{ turns: 1 }]);
  });
});

async function queryAll(connectionString: string, text: string) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return await client.query(text).finally(() => client.end());
}
