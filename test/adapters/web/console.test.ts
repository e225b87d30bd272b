import { get } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorld } from './world.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function world(assetsDir?: string) {
  const made = await createWorld({
    script: () => [{ say: 'Hello.' }],
    ...(assetsDir !== undefined && { assetsDir }),
  });
  open.push(made.close);
  return made;
}

const nobody = { authorization: 'Token nobody' };

describe('the page', () => {
  it('needs no sign-in and may do nothing but run its own files', async () => {
    const { call } = await world();
    const page = await call('GET', '/', undefined, nobody);
    expect(page.text).toContain('<title>Console</title>');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:/);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it.each(['/manage', '/manage/', '/manage/llm-models/', '/manage/llm-models/some%20id/?q=x'])(
    'is the same at %s, which it reads itself',
    async (path) => {
      const { call } = await world();
      const page = await call('GET', path, undefined, nobody);
      expect(page.text).toContain('<title>Console</title>');
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    },
  );

  it('has files that never change under their name', async () => {
    const { call } = await world();
    const file = await call('GET', '/assets/index-abc123.js');
    expect(file.text).toBe('export {};');
    expect(file.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(file.headers.get('cache-control')).toContain('immutable');
    expect(file.headers.get('content-encoding')).toBe('gzip');
  });

  it('has no way out of its folder', async () => {
    const { host } = await world();
    for (const path of [
      '/assets/../secret.js',
      '/assets/..%2Fsecret.js',
      '/assets/%2e%2e/secret.js',
      '/assets/..%5Csecret.js',
      '/assets/%00.js',
      '/assets//etc/passwd',
      '/assets/',
    ]) {
      expect(await rawStatus(host.url, path), path).toBe(404);
    }
  });

  it('says how to build it when it is not there', async () => {
    const { call } = await world('/nowhere');
    const page = await call('GET', '/');
    expect(page.status).toBe(503);
    expect(page.json.detail).toContain('npm run build');
  });
});

describe('signing in', () => {
  it('spends the token for a strict session cookie and goes to the console', async () => {
    const { call, gate } = await world();
    const answer = await call('GET', `/console/sign-in?token=${gate.invite('Ada')}`, undefined, nobody);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    expect(answer.headers.get('set-cookie')).toBe(
      'ai_ops_session=session%201; HttpOnly; SameSite=Strict; Path=/; Max-Age=3600',
    );
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('with a spent token explains how to get another', async () => {
    const { call, gate } = await world();
    const token = gate.invite('Ada');
    await call('GET', `/console/sign-in?token=${token}`, undefined, nobody);
    const again = await call('GET', `/console/sign-in?token=${token}`, undefined, nobody);
    expect(again.status).toBe(401);
    expect(again.text).toContain('restart the bot');
    expect((await call('GET', '/console/sign-in', undefined, nobody)).status).toBe(401);
  });

  it('by an organisation is not offered when there is none', async () => {
    const { call } = await world();
    const options = await call('GET', 'sign-in-options/', undefined, nobody);
    expect([options.status, options.json]).toEqual([200, { oidc: false }]);
    expect((await call('GET', '/console/oidc')).status).toBe(404);
    expect((await call('GET', '/console/oidc/callback?code=x')).status).toBe(404);
  });

  it('does not give rights: who lacks one is told which, and it is noted', async () => {
    const { call, gate } = await world();
    const refused = await call('GET', 'approvals/', undefined, { authorization: 'Token mute' });
    expect([refused.status, refused.json]).toEqual([
      403,
      expect.objectContaining({
        detail: 'This needs the permission "approve"; ask an administrator to grant it.',
      }),
    ]);
    expect(gate.refused).toEqual(['token:mute approve']);
  });

  it('again while signed in just goes on', async () => {
    const { host, gate } = await world();
    const token = gate.invite('Ada');
    const cookie = await sessionOf(host.url, token);
    const again = await fetch(`${host.url}/console/sign-in?token=${token}`, {
      headers: { cookie },
      redirect: 'manual',
    });
    expect(again.status).toBe(303);
  });

  it('tells who one is until one signs out', async () => {
    const { host, gate } = await world();
    const cookie = await sessionOf(host.url, gate.invite('Ada'));
    const me = () => fetch(`${host.url}/plugins/ai-ops/api/me/`, { headers: { cookie } });
    expect(await (await me()).json()).toEqual({
      name: 'Ada',
      principal: 'web:ada',
      permissions: ['approve', 'chat'],
    });
    const out = await fetch(`${host.url}/plugins/ai-ops/api/sign-out/`, {
      method: 'POST',
      headers: { cookie, origin: host.url },
    });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    expect((await me()).status).toBe(401);
  });
});

describe('a session', () => {
  it('cannot be used by another site', async () => {
    const { host, gate, bot } = await world();
    const cookie = await sessionOf(host.url, gate.invite('Ada'));
    const post = (headers: Record<string, string>) =>
      fetch(`${host.url}/plugins/ai-ops/api/chat/`, {
        method: 'POST',
        headers: { cookie, ...headers },
        body: '{"message":"hi"}',
      });
    expect((await post({})).status).toBe(403);
    expect(await (await post({ origin: 'https://evil.example' })).json()).toMatchObject({
      code: 'cross_site',
    });
    expect(bot.received).toHaveLength(0);
    expect((await post({ origin: host.url })).status).toBe(200);
  });
});

async function sessionOf(url: string, token: string): Promise<string> {
  const answer = await fetch(`${url}/console/sign-in?token=${token}`, { redirect: 'manual' });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** `fetch` would tidy up the path. */
function rawStatus(url: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    get({ hostname, port, path }, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
  });
}
