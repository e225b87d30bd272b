import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessGate, createGate } from '../../src/access/gate.ts';
import { signInStore } from '../../src/store/sign-ins.ts';
import { openTestPostgres, type TestDatabase } from '../fakes/database.ts';

const [minute, day] = [60_000, 86_400_000];

describe('the gate', () => {
  let database: TestDatabase;
  let gate: AccessGate;
  let ahead = 0;

  beforeAll(async () => {
    database = await openTestPostgres();
    gate = createGate({
      store: signInStore(database.db),
      adminToken: 'the-admin-token',
      clock: { now: () => Date.now() + ahead },
      signInMinutes: 10,
      sessionDays: 2,
    });
  });
  afterAll(() => database.close());

  async function newSession(): Promise<string> {
    const signedIn = await gate.signIn(await gate.newSignIn());
    if (signedIn === undefined) throw new Error('not signed in');
    return signedIn.session;
  }

  it('lets the holder of the admin token in, by either word and in any case of it', async () => {
    for (const authorization of ['Token the-admin-token', 'token the-admin-token', 'Bearer  the-admin-token'])
      expect(await gate.authenticate({ authorization })).toMatchObject({
        author: { principal: 'token:admin' },
        via: 'token',
      });
  });

  it.each([
    'Token the-admin-tokeN',
    'Token the-admin-token2',
    'Token ',
    'the-admin-token',
    'Basic the-admin-token',
    '',
  ])('lets nobody in with %j', async (authorization) => {
    expect(await gate.authenticate({ authorization })).toBeUndefined();
  });

  it('lets nobody in by token when none is configured', async () => {
    const closed = createGate({ store: signInStore(database.db), clock: { now: Date.now } });
    for (const authorization of ['Token undefined', 'Token ', 'Token the-admin-token'])
      expect(await closed.authenticate({ authorization })).toBeUndefined();
  });

  it('does not fall back to the session when the token is wrong', async () => {
    const session = await newSession();
    expect(await gate.authenticate({ authorization: 'Token wrong', session })).toBeUndefined();
  });

  it('signs in once with a sign-in token', async () => {
    const token = await gate.newSignIn();
    const signedIn = await gate.signIn(token);
    expect(signedIn?.maxAgeSeconds).toBe((2 * day) / 1000);
    expect(await gate.authenticate({ session: signedIn?.session ?? '' })).toMatchObject({
      author: { principal: 'web:operator' },
      via: 'session',
    });
    expect(await gate.signIn(token)).toBeUndefined();
  });

  it('signs in one of many that use the same token at once', async () => {
    const token = await gate.newSignIn();
    const all = await Promise.all(Array.from({ length: 8 }, () => gate.signIn(token)));
    expect(all.filter((signedIn) => signedIn !== undefined)).toHaveLength(1);
  });

  it('does not sign in with a token that nobody made, or with a session', async () => {
    const session = await newSession();
    for (const token of ['', 'guessed', session]) expect(await gate.signIn(token)).toBeUndefined();
  });

  it('does not sign in when the token is too old', async () => {
    const [inTime, late] = [await gate.newSignIn(), await gate.newSignIn()];
    ahead += 9 * minute;
    expect(await gate.signIn(inTime)).toBeDefined();
    ahead += 2 * minute;
    expect(await gate.signIn(late)).toBeUndefined();
  });

  it('makes sign-in tokens for fifteen minutes when nobody says otherwise', async () => {
    let now = Date.now();
    const usual = createGate({ store: signInStore(database.db), clock: { now: () => now } });
    const [inTime, late] = [await usual.newSignIn(), await usual.newSignIn()];
    now += 14 * minute;
    expect(await usual.signIn(inTime)).toBeDefined();
    now += 2 * minute;
    expect(await usual.signIn(late)).toBeUndefined();
  });

  it('ends a session after its days', async () => {
    const session = await newSession();
    ahead += 2 * day - minute;
    expect(await gate.authenticate({ session })).toBeDefined();
    ahead += 2 * minute;
    expect(await gate.authenticate({ session })).toBeUndefined();
  });

  it('ends a session when its owner signs out, and no other', async () => {
    const [mine, yours] = [await newSession(), await newSession()];
    await gate.signOut(mine);
    expect(await gate.authenticate({ session: mine })).toBeUndefined();
    expect(await gate.authenticate({ session: yours })).toBeDefined();
  });

  it('lets nobody in who brings nothing', async () => {
    expect(await gate.authenticate({})).toBeUndefined();
    expect(await gate.authenticate({ session: '' })).toBeUndefined();
  });

  it('keeps hashes only', async () => {
    const [token, session] = [await gate.newSignIn(), await newSession()];
    const { rows } = await sql<{ text: string }>`
      select t::text as text from web_sign_ins t union all select t::text from web_sessions t`.execute(
      database.db,
    );
    const stored = rows.map((row) => row.text).join('\n');
    expect(rows.length).toBeGreaterThanOrEqual(2);
    for (const secret of [token, session, 'the-admin-token']) expect(stored).not.toContain(secret);
  });
});
