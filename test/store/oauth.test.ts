import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCipher } from '../../src/access/cipher.ts';
import { oauthStore } from '../../src/store/oauth.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';
import { memoryOAuthStore } from '../fakes/oauth-store.ts';

const key = randomBytes(32);
const inAMinute = () => new Date(Date.now() + 60_000);

describe.each(['postgresql', 'embedded', 'memory'] as const)('tokens kept in %s', (kind) => {
  let database: TestDatabase | undefined;
  const unreadable: string[] = [];
  const open = (bytes = key) =>
    database === undefined
      ? memory
      : oauthStore(database.db, {
          cipher: createCipher([bytes]),
          unreadable: (what) => unreadable.push(what),
        });
  const memory = memoryOAuthStore();
  const ada = () => ({ serverId: randomUUID(), identity: 'slack:T1:ADA' });

  beforeAll(async () => {
    if (kind !== 'memory') database = await databases[kind]();
  });
  afterAll(() => database?.close());

  it('are there until they are forgotten', async () => {
    const store = open();
    const who = ada();
    expect(await store.tokens(who)).toEqual({ wantedScope: '' });
    await store.saveTokens(who, { access_token: 'one' });
    expect((await store.tokens(who)).tokens?.value).toEqual({ access_token: 'one' });
    expect(await store.identities(who.serverId)).toEqual([who.identity]);
    expect(await store.forgetTokens(who)).toBe(true);
    expect(await store.forgetTokens(who)).toBe(false);
    expect((await store.tokens(who)).tokens).toBeUndefined();
    expect(await store.identities(who.serverId)).toEqual([]);
  });

  it('are deleted only if they are still the ones that failed', async () => {
    const store = open();
    const who = ada();
    await store.saveTokens(who, { access_token: 'failed' });
    const failed = (await store.tokens(who)).tokens?.version;
    await store.saveTokens(who, { access_token: 'renewed' });
    expect(await store.forgetTokens(who, failed)).toBe(false);
    expect((await store.tokens(who)).tokens?.value).toEqual({ access_token: 'renewed' });
  });

  it('are renewed only if nobody has signed in or out meanwhile, which fulfils nothing', async () => {
    const store = open();
    const who = ada();
    await store.saveTokens(who, { access_token: 'old' });
    await store.want(who, 'read write');
    const old = (await store.tokens(who)).tokens?.version;
    expect(await store.saveTokens(who, { access_token: 'renewed' }, old)).toBe(true);
    expect((await store.tokens(who)).wantedScope).toBe('read write');
    expect(await store.saveTokens(who, { access_token: 'late' }, old)).toBe(false);
    expect((await store.tokens(who)).tokens?.value).toEqual({ access_token: 'renewed' });
    const renewed = (await store.tokens(who)).tokens?.version;
    await store.forgetTokens(who);
    expect(await store.saveTokens(who, { access_token: 'back' }, renewed)).toBe(false);
    expect(await store.identities(who.serverId)).toEqual([]);
  });

  it('are renewed by one at a time', async () => {
    const store = open();
    const who = ada();
    const claims = await Promise.all(['a', 'b', 'c'].map((owner) => store.claim(who, owner, 60_000)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    const winner = ['a', 'b', 'c'][claims.indexOf(true)] ?? '';
    await store.release(who, 'somebody else');
    expect(await store.claim(who, 'd', 60_000)).toBe(false);
    await store.release(who, winner);
    expect(await store.claim(who, 'd', 0)).toBe(true);
  });

  it('fulfil what was wanted', async () => {
    const store = open();
    const who = ada();
    await store.want(who, 'read write');
    expect(await store.tokens(who)).toEqual({ wantedScope: 'read write' });
    await store.saveTokens(who, { access_token: 'wider' });
    expect((await store.tokens(who)).wantedScope).toBe('');
  });

  it('come from a sign-in that works once, and not too late', async () => {
    const store = open();
    const [hash, late] = [randomUUID(), randomUUID()];
    await store.addSignIn(hash, { verifier: 'v' }, inAMinute());
    await store.addSignIn(late, { verifier: 'v' }, inAMinute());
    expect(await store.signIn(hash, new Date())).toEqual({ verifier: 'v' });
    const spent = await Promise.all([1, 2, 3].map(() => store.spendSignIn(hash, new Date())));
    expect(spent.filter((value) => value !== undefined)).toEqual([{ verifier: 'v' }]);
    expect(await store.spendSignIn(late, new Date(Date.now() + 120_000))).toBeUndefined();
  });

  it('belong to clients that are forgotten only if they are still the same', async () => {
    const store = open();
    const { serverId } = ada();
    await store.saveClient(serverId, { client_id: 'one' });
    const first = (await store.client(serverId))?.version ?? 0;
    await store.saveClient(serverId, { client_id: 'two' });
    await store.forgetClient(serverId, first);
    expect((await store.client(serverId))?.value).toEqual({ client_id: 'two' });
  });

  // The store in memory has no tables.
  if (kind !== 'memory') {
    it('are ciphertext in every table, and nothing by another key', async () => {
      const store = open();
      const who = ada();
      const hash = randomUUID();
      await store.saveTokens(who, { access_token: 'plain-secret' });
      await store.saveClient(who.serverId, { client_secret: 'plain-secret' });
      await store.addSignIn(hash, { verifier: 'plain-secret' }, inAMinute());
      const db = database?.db;
      if (db === undefined) throw new Error('no database');
      const { rows } = await sql<{ line: string }>`
        select i::text as line from mcp_identities i union all select c::text from mcp_clients c
        union all select s::text from mcp_sign_ins s`.execute(db);
      expect(rows.filter(({ line }) => line.includes('v1.')).length).toBeGreaterThanOrEqual(3);
      expect(rows.map(({ line }) => line).join('\n')).not.toContain('plain-secret');
      const stranger = open(randomBytes(32));
      expect((await stranger.tokens(who)).tokens).toBeUndefined();
      expect(unreadable).toEqual([`tokens ${who.serverId} ${who.identity}`]);
    });

    it('go with their server', async () => {
      const db = database?.db;
      if (db === undefined) throw new Error('no database');
      const { rows } = await sql<{ id: string }>`
        insert into mcp_servers (name, url, status_id) select 'gone', 'https://x', id from statuses
        where name = 'Healthy' returning id`.execute(db);
      const who = { serverId: rows[0]?.id ?? '', identity: 'bot' };
      await open().saveTokens(who, { access_token: 'x' });
      const counted = await sql<{ n: number }>`
        select connected_identities as n from mcp_servers where id = ${who.serverId}::uuid`.execute(db);
      expect(counted.rows).toEqual([{ n: 1 }]);
      await sql`delete from mcp_servers where id = ${who.serverId}::uuid`.execute(db);
      expect((await open().tokens(who)).tokens).toBeUndefined();
    });
  }
});
