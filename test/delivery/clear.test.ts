import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inboxStore } from '../../src/store/inbox.ts';
import { turnStore } from '../../src/store/turns.ts';
import { openTestPostgres, type TestDatabase } from '../fakes/database.ts';

const ada = { principal: 'web:ada', name: 'Ada' };
let database: TestDatabase;

beforeAll(async () => {
  database = await openTestPostgres();
});
afterAll(() => database.close());

it('a thread that is cleared while its turn is being settled keeps nothing of it', async () => {
  const { db } = database;
  const threadId = `web:ada:${randomUUID()}`;
  const message = { threadId, dedupeKeys: [randomUUID()], author: ada, text: 'hello' };
  const { turnId } = await inboxStore(db).receive(message, randomUUID(), { maxPending: 5 });
  let clearing: Promise<boolean> = Promise.resolve(false);
  await db.transaction().execute(async (trx) => {
    await sql`update threads set head = 'c1' where thread_id = ${threadId}`.execute(trx);
    await sql`update turns set state = 'done' where id = ${turnId}::uuid`.execute(trx);
    await sql`insert into checkpoints (thread_id, id, tokens, messages) values (${threadId}, 'c1', 1, '[]')`.execute(
      trx,
    );
    clearing = turnStore(db).clear(threadId, ada);
    await new Promise((resolve) => setTimeout(resolve, 150));
  });
  expect(await clearing).toBe(true);
  const left = await sql<{ turns: number; checkpoints: number }>`
    select (select count(*)::int from turns where thread_id = ${threadId}) as turns,
      (select count(*)::int from checkpoints where thread_id = ${threadId}) as checkpoints`.execute(db);
  expect(left.rows).toEqual([{ turns: 0, checkpoints: 0 }]);
});
