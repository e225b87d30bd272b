import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../../src/store/database.ts';
import { openPostgresql } from '../../src/store/postgresql.ts';
import { startTestBot, type TestBot } from '../fakes/bot.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { type FakeIssuer, startIssuer } from '../fakes/issuer.ts';
import { silentLog } from '../fakes/log.ts';
import { type Browser, openBrowser } from './browser.ts';
import { grant } from './stage.ts';

const [minute, hour] = [60_000, 3_600_000];

describe('signing in by the organisation’s issuer', () => {
  let issuer: FakeIssuer;
  let bot: TestBot;
  let database: OpenDatabase;
  let ahead = 0;

  beforeAll(async () => {
    issuer = await startIssuer();
    const url = await createPostgresDatabase('migrated');
    bot = await startTestBot({
      clock: { now: () => Date.now() + ahead },
      env: {
        DATABASE_URL: url,
        OIDC_ISSUER: issuer.url,
        OIDC_CLIENT_ID: issuer.client.id,
        OIDC_CLIENT_SECRET: issuer.client.secret,
      },
    });
    database = await openPostgresql({ url, log: silentLog, poolSize: 2, connectTimeoutMs: 5000 });
    issuer.accounts.ada = {
      name: 'Ada Byron',
      email: 'Ada@Example.com',
      email_verified: true,
      groups: ['sre', 'on call'],
    };
    issuer.accounts.eve = { name: 'Eve' };
  });
  afterAll(async () => {
    await bot.stop();
    await database.close();
    await issuer.close();
  });
  afterEach(() => {
    ahead = 0;
  });

  const at = (path: string) => new URL(path, bot.url).href;
  const api = (path: string) => at(`/plugins/ai-ops/api/${path}`);
  const isCallback = (location: string) => location.startsWith(at('/console/oidc/callback'));

  async function signIn(person: string | undefined, path = '/console/oidc', browser = openBrowser()) {
    issuer.person = person;
    const answer = await browser.follow(at(path), (location) => location === at('/'));
    return { browser, answer };
  }

  /** Signs in up to the callback, which is not called. */
  async function almost(person: string) {
    issuer.person = person;
    const browser = openBrowser();
    const { location = '' } = await browser.follow(at('/console/oidc'), isCallback);
    return { browser, callback: location };
  }

  const me = async (browser: Browser) => (await browser.json(api('me/'))).body;

  it('says so in plain words while the issuer is down, and tries again', async () => {
    const down = await openBrowser().get(at('/console/oidc'));
    expect(down.status).toBe(503);
    expect(down.text).toContain('does not answer');
    expect(down.text).toMatch(/Reference: <code>[0-9a-f-]{36}</);
    issuer.start(at('/console/oidc/callback'));
    const up = await openBrowser().get(at('/console/oidc'));
    expect([up.status, new URL(up.location ?? '').origin]).toEqual([303, issuer.url]);
  });

  it('is offered by the console', async () => {
    expect(await openBrowser().json(api('sign-in-options/'))).toEqual({ status: 200, body: { oidc: true } });
  });

  it('asks by code with PKCE, state and nonce, and keeps one secret in a cookie for the way back', async () => {
    const { location, setCookies } = await openBrowser().get(at('/console/oidc'));
    const asked = Object.fromEntries(new URL(location ?? '').searchParams);
    expect(asked).toMatchObject({
      response_type: 'code',
      client_id: issuer.client.id,
      scope: 'openid email profile',
      redirect_uri: at('/console/oidc/callback'),
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[name]).toMatch(/^[\w-]{43}$/);
    expect(setCookies).toEqual([
      expect.stringMatching(/^ai_ops_sign_in=[\w-]{43}; HttpOnly; SameSite=Lax; Path=\/; Max-Age=600$/),
    ]);
    const secret = /=([\w-]{43});/.exec(setCookies[0] ?? '')?.[1] ?? '';
    expect(JSON.stringify(asked)).not.toContain(secret);
    const { rows } = await sql<{ text: string }>`select t::text as text from web_sign_in_starts t`.execute(
      database.db,
    );
    const stored = rows.map(({ text }) => text).join();
    expect(stored).not.toContain(secret);
    expect(stored).not.toContain(asked.state);
  });

  it('knows who came back, and opens a session', async () => {
    const { browser, answer } = await signIn('eve');
    expect([answer.status, answer.location]).toEqual([303, at('/')]);
    expect(answer.setCookies).toEqual([
      expect.stringMatching(/^ai_ops_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43200$/),
      expect.stringMatching(/^ai_ops_sign_in=; .*Max-Age=0$/),
    ]);
    const host = encodeURIComponent(new URL(issuer.url).host);
    expect(await me(browser)).toEqual({ name: 'Eve', principal: `web:${host}:eve`, permissions: [] });
  });

  it('gives no rights by itself, and says which one is missing', async () => {
    const { browser } = await signIn('eve');
    expect(await browser.json(api('chat/'))).toMatchObject({
      status: 403,
      body: { code: 'forbidden', detail: expect.stringContaining('"chat"') },
    });
    expect((await browser.json(api('approvals/'))).body).toMatchObject({
      detail: expect.stringContaining('"approve"'),
    });
  });

  it('gives what is granted to the groups that the issuer names', async () => {
    await grant(database.db, 'group:sre', ['chat']);
    await grant(database.db, 'group:on call', ['approve']);
    const { browser } = await signIn('ada');
    expect(await me(browser)).toMatchObject({ name: 'Ada Byron', permissions: ['approve', 'chat'] });
    expect((await browser.json(api('chat/'))).status).toBe(200);
    expect(await me((await signIn('eve')).browser)).toMatchObject({ permissions: [] });
  });

  it('makes one person of the identities with one verified e-mail', async () => {
    await signIn('ada');
    const { rows } = await sql`
      select i.principal, i.is_verified, i.groups, p.name, p.email
      from identities i join people p on p.id = i.person_id where p.email is not null`.execute(database.db);
    expect(rows).toEqual([
      {
        principal: expect.stringMatching(/^web:.*:ada$/),
        is_verified: true,
        groups: ['sre', 'on call'],
        name: 'Ada Byron',
        email: 'ada@example.com',
      },
    ]);
  });

  it('leads to the page that was wanted', async () => {
    issuer.person = 'ada';
    const wanted = at('/console/oidc?next=%2F%3Fthread%3Dabc%23end');
    const answer = await openBrowser().follow(wanted, (location) => location.startsWith(at('/?')));
    expect(answer.location).toBe(at('/?thread=abc#end'));
  });

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/.//evil.example/',
    '/\t/evil.example',
    'javascript:alert(1)',
  ])('never leads to %j', async (next) => {
    const { answer } = await signIn('ada', `/console/oidc?next=${encodeURIComponent(next)}`);
    expect(answer.location).toBe(at('/'));
  });

  it('ends in a page when the person cancels', async () => {
    const { browser, answer } = await signIn(undefined);
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('You did not sign in');
    expect(answer.text).toMatch(/Reference: <code>[0-9a-f-]{36}</);
    expect(browser.cookies(bot.url).has('ai_ops_session')).toBe(false);
  });

  describe('refuses a callback', () => {
    const refused = async (browser: Browser, callback: string, redeemedBefore: number) => {
      const answer = await browser.get(callback);
      expect(answer.text).toContain('This sign-in is over');
      expect([answer.status, answer.setCookies]).toEqual([400, []]);
      expect(issuer.redeemed()).toBe(redeemedBefore);
    };

    it('with another state', async () => {
      const { browser, callback } = await almost('ada');
      const other = new URL(callback);
      other.searchParams.set('state', 'x'.repeat(43));
      await refused(browser, other.href, issuer.redeemed());
      other.searchParams.delete('state');
      await refused(browser, other.href, issuer.redeemed());
      expect((await browser.get(callback)).location).toBe(at('/'));
    });

    it('in another browser', async () => {
      const { callback } = await almost('ada');
      await refused(openBrowser(), callback, issuer.redeemed());
      const { browser } = await almost('eve');
      await refused(browser, callback, issuer.redeemed());
    });

    it('for the second time', async () => {
      const { browser, callback } = await almost('ada');
      const start = browser.cookies(bot.url).get('ai_ops_sign_in') ?? '';
      expect((await browser.get(callback)).location).toBe(at('/'));
      await refused(openBrowser(), callback, issuer.redeemed());
      const again = openBrowser();
      again.cookies(bot.url).set('ai_ops_sign_in', start);
      await refused(again, callback, issuer.redeemed());
    });

    it('that comes too late', async () => {
      const { browser, callback } = await almost('ada');
      ahead = 11 * minute;
      await refused(browser, callback, issuer.redeemed());
    });

    it('without anything', async () => {
      await refused(openBrowser(), at('/console/oidc/callback'), issuer.redeemed());
      const { browser } = await almost('ada');
      await refused(browser, at('/console/oidc/callback'), issuer.redeemed());
    });

    it('with a code that the issuer did not give', async () => {
      const { browser, callback } = await almost('ada');
      const forged = new URL(callback);
      forged.searchParams.set('code', 'forged');
      const answer = await browser.get(forged.href);
      expect(answer.status).toBe(502);
      expect(answer.text).toContain('did not work');
      expect(browser.cookies(bot.url).has('ai_ops_session')).toBe(false);
    });

    it('that another issuer claims to send', async () => {
      const { browser, callback } = await almost('ada');
      const mixed = new URL(callback);
      mixed.searchParams.set('iss', 'https://evil.example');
      expect((await browser.get(mixed.href)).status).toBe(502);
    });

    it('while the issuer is down', async () => {
      const { browser, callback } = await almost('ada');
      issuer.halt();
      const answer = await browser.get(callback);
      issuer.start(at('/console/oidc/callback'));
      expect(answer.status).toBe(503);
      expect(answer.text).toContain('does not answer');
    });
  });

  it('lasts half a day, and no longer than until sign-out', async () => {
    const { browser } = await signIn('ada');
    ahead = 11 * hour;
    expect((await browser.json(api('me/'))).status).toBe(200);
    ahead = 13 * hour;
    expect((await browser.json(api('me/'))).status).toBe(401);
    ahead = 0;
    const session = browser.cookies(bot.url).get('ai_ops_session') ?? '';
    expect((await browser.json(api('sign-out/'), 'POST')).status).toBe(204);
    browser.cookies(bot.url).set('ai_ops_session', session);
    expect((await browser.json(api('me/'))).status).toBe(401);
  });

  it('is in the audit log, and so are refusals', async () => {
    const { browser } = await signIn('eve');
    await browser.json(api('chat/'));
    await browser.json(api('sign-out/'), 'POST');
    const actions = async () => {
      const { rows } = await sql<{ action: string }>`
        select distinct action from audit_log where actor like 'web:%:eve' order by action`.execute(
        database.db,
      );
      return rows.map(({ action }) => action);
    };
    await expect.poll(actions).toEqual(['access.denied', 'access.signed_in', 'access.signed_out']);
  });
});
