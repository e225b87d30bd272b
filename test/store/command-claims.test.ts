import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHeardOnce } from '../../src/chat/heard-once.ts';
import { commandClaims } from '../../src/store/command-claims.ts';
import { inboxStore } from '../../src/store/inbox.ts';
import { openTestPostgres, type TestDatabase } from '../fakes/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestPostgres();
}, 120_000);
afterAll(async () => await database.close());

const thread = 'slack:T1:C1:1.1';
const author = { principal: 'slack:T1:UBOB', name: 'Bob' };

describe('a message that is a command', () => {
  it('is run by the first of two replicas, also where they share one of their keys alone', async () => {
    const [one, two] = [commandClaims(database.db), commandClaims(database.db)];
    const claims = await Promise.all([one.claim(thread, ['ev1', 'm1']), two.claim(thread, ['ev2', 'm1'])]);
    expect(claims.toSorted()).toEqual(['first', 'under_way']);
    await one.done(['ev1', 'ev2', 'm1']);
    expect(await two.claim(thread, ['ev3', 'm1'])).toBe('over');
  });

  it('is said to be interrupted where nobody ended it in time, and run again where it was given back', async () => {
    const claims = commandClaims(database.db);
    await claims.claim(thread, ['m2']);
    await sql`update dedupe_keys set created_at = now() - interval '1 minute' where key = 'm2'`.execute(
      database.db,
    );
    const said: string[] = [];
    await createHeardOnce(claims)({
      ...{ threadId: thread, keys: ['m2'], isHarmless: false },
      run: async () => void said.push('run'),
      interrupted: async () => void said.push('interrupted'),
    });
    expect(said).toEqual(['interrupted']);
    await claims.claim(thread, ['m3']);
    await claims.release(['m3']);
    expect(await claims.claim(thread, ['m3'])).toBe('first');
  });

  it('is never a question too, and a question is never a command', async () => {
    const [claims, inbox] = [commandClaims(database.db), inboxStore(database.db)];
    await claims.claim(thread, ['m4']);
    const turn = '00000000-0000-4000-8000-000000000004';
    const heard = (key: string) => ({ threadId: thread, dedupeKeys: [key], author, text: 'models' });
    expect(await inbox.receive(heard('m4'), turn, { maxPending: 10 })).toMatchObject({
      duplicate: true,
      seq: 0,
    });
    expect(await inbox.receive(heard('m5'), turn, { maxPending: 10 })).toMatchObject({ duplicate: false });
    expect(await claims.claim(thread, ['m5'])).toBe('over');
  });
});
