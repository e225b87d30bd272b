import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { openPostgresql } from '../../src/store/postgresql.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';

it('a connection that is cut in the middle of a query costs that query, and nothing else', async () => {
  const url = await createPostgresDatabase();
  const { db, close } = await openPostgresql({ url, log: silentLog, poolSize: 3, connectTimeoutMs: 5000 });
  const sleeping = sql`select pg_sleep(10), ${'mark'}::text`.execute(db);
  const refused = expect(sleeping).rejects.toThrow();
  const cut = sql`select pg_terminate_backend(pid) from pg_stat_activity
    where wait_event = 'PgSleep' and datname = current_database()`;
  await expect.poll(async () => (await cut.execute(db)).rows.length).toBeGreaterThan(0);
  await refused;
  expect((await sql<{ one: number }>`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
  await close();
});
