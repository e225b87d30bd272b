import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storedFacts } from '../../src/store/report-facts.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';

describe.each(Object.entries(databases))('what a report tells of turns on %s', (_name, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  async function turn(state: string, isCheck: boolean): Promise<void> {
    const threadId = `web:ada:${randomUUID()}`;
    await sql`insert into threads (thread_id, platform, started_by) values (${threadId}, 'web', 'web:ada')`.execute(
      database.db,
    );
    await sql`
      insert into turns (id, thread_id, generation, state, asker, asker_name, question, ended_at, is_check)
      values (${randomUUID()}::uuid, ${threadId}, 0, ${state}, 'web:ada', 'Ada', 'why?', now(), ${isCheck})`.execute(
      database.db,
    );
  }

  it('counts the bot’s own questions apart, and leaves them out of the chart', async () => {
    await turn('done', false);
    await turn('failed', true);
    await turn('done', true);
    const { turns, days } = await storedFacts(database.db, undefined);
    expect(turns).toEqual({ done: 1, failed: 0, stopped: 0, checks: 2 });
    expect(days.at(-1)?.turns).toBe(1);
  });
});
