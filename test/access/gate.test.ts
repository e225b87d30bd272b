import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newApiToken } from '../../src/access/tokens.ts';
import { ForbiddenError, UnavailableError } from '../../src/chat/errors.ts';
import type { Database } from '../../src/store/database.ts';
import { databases, openTestPostgres, type TestDatabase } from '../fakes/database.ts';
import { type AccessStage, addToken, all, grant, openStage } from './stage.ts';

const [minute, day] = [60_000, 86_400_000];
const from = '192.0.2.9';

describe('the gate', () => {
  let database: TestDatabase;
  let stage: AccessStage;

  beforeAll(async () => {
    database = await openTestPostgres();
    stage = openStage(database, { adminToken: 'the-admin-token', signInMinutes: 10, sessionDays: 2 });
  });
  afterAll(() => database.close());

  async function newSession(by?: Parameters<AccessStage['gate']['newSignIn']>[0]): Promise<string> {
    const signedIn = await stage.gate.signIn(await stage.gate.newSignIn(by), from);
    if (signedIn === undefined) throw new Error('not signed in');
    return signedIn.session;
  }

  it('lets the holder of the admin token do everything, by either word and in any case of it', async () => {
    for (const authorization of ['Token the-admin-token', 'token the-admin-token', 'Bearer  the-admin-token'])
      expect(await stage.as(authorization)).toEqual({
        author: { principal: 'token:admin', name: 'Admin token' },
        via: 'token',
        permissions: all,
        groups: [],
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
    expect(await stage.as(authorization)).toBeUndefined();
  });

  it('lets nobody in by token when none is configured', async () => {
    const closed = openStage(database);
    for (const authorization of ['Token undefined', 'Token ', 'Token the-admin-token'])
      expect(await closed.as(authorization)).toBeUndefined();
  });

  it('does not fall back to the session when the token is wrong', async () => {
    const session = await newSession();
    expect(await stage.inSession(session, { headers: { authorization: 'Token wrong' } })).toBeUndefined();
  });

  it('signs in once with a sign-in token', async () => {
    const token = await stage.gate.newSignIn();
    const signedIn = await stage.gate.signIn(token, from);
    expect(signedIn?.maxAgeSeconds).toBe((2 * day) / 1000);
    expect(await stage.inSession(signedIn?.session ?? '')).toEqual({
      author: { principal: 'web:operator', name: 'Operator' },
      via: 'session',
      permissions: all,
      groups: [],
    });
    expect(await stage.gate.signIn(token, from)).toBeUndefined();
  });

  it('signs in one of many that use the same token at once', async () => {
    const token = await stage.gate.newSignIn();
    const signedIn = await Promise.all(Array.from({ length: 8 }, () => stage.gate.signIn(token, from)));
    expect(signedIn.filter((one) => one !== undefined)).toHaveLength(1);
  });

  it('does not sign in with a token that nobody made, or with a session', async () => {
    const session = await newSession();
    for (const token of ['', 'guessed', session])
      expect(await stage.gate.signIn(token, from)).toBeUndefined();
  });

  it('does not sign in when the token is too old', async () => {
    const [inTime, late] = [await stage.gate.newSignIn(), await stage.gate.newSignIn()];
    stage.pass(9 * minute);
    expect(await stage.gate.signIn(inTime, from)).toBeDefined();
    stage.pass(2 * minute);
    expect(await stage.gate.signIn(late, from)).toBeUndefined();
  });

  it('makes sign-in tokens for fifteen minutes when nobody says otherwise', async () => {
    const usual = openStage(database);
    const [inTime, late] = [await usual.gate.newSignIn(), await usual.gate.newSignIn()];
    usual.pass(14 * minute);
    expect(await usual.gate.signIn(inTime, from)).toBeDefined();
    usual.pass(2 * minute);
    expect(await usual.gate.signIn(late, from)).toBeUndefined();
  });

  it('ends a session after its days', async () => {
    const session = await newSession();
    stage.pass(2 * day - minute);
    expect(await stage.inSession(session)).toBeDefined();
    stage.pass(2 * minute);
    expect(await stage.inSession(session)).toBeUndefined();
  });

  it('ends a session when its owner signs out, and no other', async () => {
    const [mine, yours] = [await newSession(), await newSession()];
    await stage.gate.signOut(mine, from);
    expect(await stage.inSession(mine)).toBeUndefined();
    expect(await stage.inSession(yours)).toBeDefined();
  });

  it('lets nobody in who brings nothing', async () => {
    expect(await stage.inSession('')).toBeUndefined();
    expect(await stage.inSession('', { cookies: {} })).toBeUndefined();
  });

  it('refuses a session that another site uses, and knows the public address', async () => {
    const session = await newSession();
    const post = (headers: Record<string, string>) => stage.inSession(session, { method: 'POST', headers });
    const crossSite = await post({ origin: 'https://evil.example' }).catch((error: unknown) => error);
    expect(crossSite).toBeInstanceOf(ForbiddenError);
    expect(crossSite).toMatchObject({ code: 'cross_site' });
    expect(await post({ origin: 'https://bot.example', host: 'inner' })).toBeDefined();
  });

  it('gives a session what is granted to its person, its groups and the tenant of its member', async () => {
    const author = { principal: 'slack:T9:U1', name: 'Ada' };
    await sql`insert into tenants (name, platform, external_id) values ('Nine', 'slack', 'T9')`.execute(
      database.db,
    );
    await grant(database.db, 'slack:T9:U1', ['approve']);
    await grant(database.db, 'group:night', ['view_audit']);
    const session = await newSession({ author, groups: ['night'] });
    const held = async () => [...((await stage.inSession(session))?.permissions ?? [])].sort();
    expect(await held()).toEqual(['approve', 'view_audit']);
    await stage.store.remember({ author, groups: [], isVerified: false, tenant: 'slack:T9' }, new Date());
    expect(await held()).toEqual([
      'ai_ops.view_llmmodel',
      'ai_ops.view_mcpserver',
      'approve',
      'chat',
      'view_audit',
    ]);
    expect(await stage.inSession(session)).toMatchObject({ author, groups: ['night'] });
  });

  it('keeps hashes only', async () => {
    const [token, session] = [await stage.gate.newSignIn(), await newSession()];
    const { rows } = await sql<{ text: string }>`
      select t::text as text from web_sign_ins t union all select t::text from web_sessions t`.execute(
      database.db,
    );
    const stored = rows.map((row) => row.text).join('\n');
    expect(rows.length).toBeGreaterThanOrEqual(2);
    for (const secret of [token, session, 'the-admin-token']) expect(stored).not.toContain(secret);
  });

  describe('writes into the audit log', () => {
    it('who signed in and out, and from where', async () => {
      const { gate, audited } = openStage(database);
      const signedIn = await gate.signIn(await gate.newSignIn(), from);
      await gate.signOut(signedIn?.session ?? '', from);
      await gate.signOut(signedIn?.session ?? '', from);
      const entry = { actor: 'web:operator', target: 'console', source: 'console', address: from };
      expect(audited).toEqual([
        { ...entry, action: 'access.signed_in', detail: { by: 'link', name: 'Operator' } },
        { ...entry, action: 'access.signed_out' },
      ]);
    });

    it('a bad token once a minute for one address, and never the token', async () => {
      const { gate, as, audited, pass } = openStage(database);
      const bad = { method: 'GET', headers: { authorization: 'Token guess' }, cookies: {} };
      for (let n = 0; n < 5; n += 1) await as(`Token guess-${n}`);
      await gate.identify({ ...bad, remoteAddress: from });
      pass(minute);
      await as('Basic guess');
      expect(audited.map(({ action, address }) => [action, address])).toEqual([
        ['access.bad_token', '192.0.2.1'],
        ['access.bad_token', from],
        ['access.bad_token', '192.0.2.1'],
      ]);
      expect(JSON.stringify(audited)).not.toContain('guess');
    });

    it('another site that uses a session, once a minute for one address', async () => {
      const { gate, inSession, audited, pass } = openStage(database);
      const session = (await gate.signIn(await gate.newSignIn(), from))?.session ?? '';
      const cross = (remoteAddress: string) =>
        expect(
          inSession(session, { method: 'POST', headers: { origin: 'https://evil.example' }, remoteAddress }),
        ).rejects.toThrow(ForbiddenError);
      await cross('192.0.2.1');
      await cross('192.0.2.1');
      await cross('192.0.2.2');
      pass(minute);
      await cross('192.0.2.1');
      const crossings = audited.filter(({ action }) => action === 'access.cross_site');
      expect(crossings.map(({ address }) => address)).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.1']);
      expect(crossings[0]).toEqual({
        actor: 'unknown',
        action: 'access.cross_site',
        target: 'session',
        source: 'console',
        address: '192.0.2.1',
      });
    });

    it('a lack of a permission once a minute for each', async () => {
      const { gate, audited, pass } = openStage(database);
      const identity = {
        author: { principal: 'web:eve', name: 'Eve' },
        via: 'session',
        permissions: new Set<string>(),
        groups: [],
      } as const;
      const deny = (permission: string) =>
        gate.denied({ identity, permission, request: { url: '/chat/?secret=1', remoteAddress: from } });
      for (const permission of ['chat', 'chat', 'approve']) deny(permission);
      pass(minute);
      deny('chat');
      expect(audited).toHaveLength(3);
      expect(audited[0]).toEqual({
        actor: 'web:eve',
        action: 'access.denied',
        target: '/chat/',
        detail: { missing: ['chat'] },
        source: 'console',
        address: from,
      });
    });
  });
});

describe.each(Object.entries(databases))('API tokens on %s', (_kind, open) => {
  let database: TestDatabase;
  let stage: AccessStage;
  beforeAll(async () => {
    database = await open();
    stage = openStage(database);
  });
  afterAll(() => database.close());

  async function newToken(name: string, permissions: readonly string[] = [], expires?: Date) {
    const { token, hash } = newApiToken();
    const more = expires === undefined ? {} : { expires };
    return { token, id: await addToken(database.db, { name, hash, permissions, ...more }) };
  }

  const lastUsed = async (id: string) => {
    const { rows } = await sql<{ at: Date | null }>`
      select last_used as at from api_tokens where id = ${id}::uuid`.execute(database.db);
    return rows[0]?.at?.getTime();
  };

  it('hold their own permissions and those that are granted to them', async () => {
    const { token, id } = await newToken('ci', ['chat', 'ai_ops.view_*']);
    await grant(database.db, `token:${id}`, ['approve']);
    const identity = await stage.as(`Bearer ${token}`);
    expect(identity).toMatchObject({ author: { principal: `token:${id}`, name: 'ci' }, via: 'token' });
    expect([...(identity?.permissions ?? [])].sort()).toEqual([
      'ai_ops.view_llmmodel',
      'ai_ops.view_mcpserver',
      'ai_ops.view_role',
      'approve',
      'chat',
    ]);
  });

  it('are shown once: a form that people recognise, and a hash', () => {
    const { token, hash, hint } = newApiToken();
    expect(token).toMatch(/^aiops_[A-Za-z0-9_-]{43}$/);
    expect(token.startsWith(hint)).toBe(true);
    expect(hint).toHaveLength(12);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(newApiToken().token).not.toBe(token);
  });

  it('end when they expire, are disabled or deleted', async () => {
    const expiring = await newToken('expiring', ['chat'], new Date(stage.clock.now() + minute));
    const other = await newToken('other', ['chat']);
    expect(await stage.as(`Token ${expiring.token}`)).toBeDefined();
    stage.pass(minute + 1);
    expect(await stage.as(`Token ${expiring.token}`)).toBeUndefined();
    expect(await stage.as(`Token ${other.token}`)).toBeDefined();
    await sql`update api_tokens set is_enabled = false where id = ${other.id}::uuid`.execute(database.db);
    expect(await stage.as(`Token ${other.token}`)).toBeUndefined();
    await sql`update api_tokens set is_enabled = true where id = ${other.id}::uuid`.execute(database.db);
    expect(await stage.as(`Token ${other.token}`)).toBeDefined();
    await sql`delete from api_tokens where id = ${other.id}::uuid`.execute(database.db);
    expect(await stage.as(`Token ${other.token}`)).toBeUndefined();
  });

  it('note their last use at most once a minute', async () => {
    const { token, id } = await newToken('counted');
    const firstAt = stage.clock.now();
    await Promise.all(Array.from({ length: 5 }, () => stage.as(`Token ${token}`)));
    await expect.poll(() => lastUsed(id)).toBeGreaterThanOrEqual(firstAt);
    const first = await lastUsed(id);
    stage.pass(minute / 2);
    await stage.as(`Token ${token}`);
    stage.pass(minute);
    const secondAt = stage.clock.now();
    await stage.as(`Token ${token}`);
    await expect.poll(() => lastUsed(id)).toBeGreaterThanOrEqual(secondAt);
    await stage.store.used(id, new Date(secondAt + minute / 2), minute);
    expect(await lastUsed(id)).toBeLessThan(secondAt + minute / 2);
    expect(first).toBeLessThan(firstAt + minute / 2);
  });
});

describe('a request', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestPostgres();
  });
  afterAll(() => database.close());

  /** The same database, which counts what is asked of it. */
  function counting(): { readonly db: Database; readonly asked: () => number } {
    let asked = 0;
    const db = database.db.withPlugin({
      transformQuery: ({ node }) => {
        asked += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    return { db, asked: () => asked };
  }

  it('costs one statement at most, and none with the admin token or with what is no token of ours', async () => {
    const { db, asked } = counting();
    const stage = openStage({ db }, { adminToken: 'the-admin-token' });
    const { token, hash } = newApiToken();
    await addToken(database.db, { name: 'one', hash });
    await stage.as(`Token ${token}`);
    const signedIn = await stage.gate.signIn(await stage.gate.newSignIn(), from);
    const cost = async (request: () => Promise<unknown>) => {
      const before = asked();
      await request();
      return asked() - before;
    };
    expect(await cost(() => stage.as(`Token ${token}`))).toBe(1);
    expect(await cost(() => stage.inSession(signedIn?.session ?? ''))).toBe(1);
    expect(await cost(() => stage.as('Token the-admin-token'))).toBe(0);
    expect(await cost(() => stage.as('Token guess'))).toBe(0);
  });

  it('while the database is away is told to try again', async () => {
    const gone = await openTestPostgres();
    const stage = openStage(gone, { adminToken: 'the-admin-token' });
    await gone.close();
    await expect(stage.as(`Token ${newApiToken().token}`)).rejects.toThrow(UnavailableError);
    await expect(stage.inSession('x')).rejects.toThrow(UnavailableError);
    await expect(stage.gate.signIn('x', from)).rejects.toThrow(UnavailableError);
    await expect(stage.gate.signOut('x', from)).rejects.toThrow(UnavailableError);
    expect(await stage.as('Token the-admin-token')).toBeDefined();
  });
});
