import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestBot, type TestBot } from '../fakes/bot.ts';
import { type FakeOAuthServer, startOAuthServer } from '../fakes/oauth-server.ts';

const servers = '/api/plugins/ai-ops/mcp-servers/';
const rowSchema = z.looseObject({
  id: z.string(),
  connected_identities: z.number(),
  status: z.looseObject({ name: z.string() }),
  last_error: z.string(),
});
const linkSchema = z.object({ url: z.string(), expires_at: z.string() });
/** Without a count while it cannot be asked. */
const toolsSchema = z.looseObject({ count: z.number().optional() });

let server: FakeOAuthServer;
let bot: TestBot;

beforeAll(async () => {
  server = await startOAuthServer();
  bot = await startTestBot({
    env: { AI_OPS_ENV: 'PROD', AI_OPS_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') },
  });
});
afterAll(async () => {
  await bot.stop();
  await server.close();
});

async function send(path: string, body?: object): Promise<unknown> {
  const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await bot.fetch(path, { ...post, headers: { 'content-type': 'application/json' } });
  return await response.json();
}

/** What its last check found. */
async function standing(id: string) {
  const { status, last_error: error } = rowSchema.parse(await send(`${servers}${id}/`));
  return [status.name, error];
}

async function create(name: string, auth: string) {
  const fields = { name, url: server.url, health_check: '', mcp_type: 'internal', auth };
  return rowSchema.parse(await send(servers, fields));
}

/** The button of a page; where that page is, browsers say themselves. */
function press(link: string, headers: Record<string, string> = { origin: new URL(bot.url).origin }) {
  return fetch(new URL('/oauth/mcp/start', bot.url), {
    method: 'POST',
    body: new URLSearchParams({ link }),
    headers,
    redirect: 'manual',
  });
}

/** A browser that keeps the one cookie that matters here. */
async function follow(link: string) {
  const secret = new URL(link).searchParams.get('link') ?? '';
  const page = await fetch(link);
  const posted = await press(secret);
  const cookie = posted.headers.get('set-cookie') ?? '';
  const sent = await fetch(posted.headers.get('location') ?? '', { redirect: 'manual' });
  return {
    page: await page.text(),
    cookie,
    back: sent.headers.get('location') ?? '',
    again: () => press(secret),
  };
}

const comeBack = (back: string, cookie = '') =>
  fetch(back, { headers: { cookie: cookie.split(';')[0] ?? '' } });

describe('a server with one account for the bot', () => {
  it('is connected by an admin, in their browser, once', async () => {
    const row = await create('guarded', 'oauth_bot');
    const nobody = ['Unhealthy', expect.stringContaining('Nobody is signed in to it')];
    expect(await standing(row.id)).toEqual(nobody);
    const { url } = linkSchema.parse(await send(`${servers}${row.id}/connect/`, {}));
    const { page, cookie, back, again } = await follow(url);
    expect(page).toContain('Sign in to guarded');
    expect(page).toContain('for everybody who asks it');
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax; Path=\/oauth\/mcp/);
    expect((await again()).status).toBe(400);

    const stranger = await comeBack(back);
    expect(stranger.status).toBe(400);
    expect(await stranger.text()).toContain('opened in another browser');

    const returned = await comeBack(back, cookie);
    expect(returned.status).toBe(200);
    expect(await returned.text()).toContain('The bot is connected to guarded');
    expect((await comeBack(back, cookie)).status).toBe(400);

    const count = async () => toolsSchema.parse(await send(`${servers}${row.id}/tools/`)).count;
    await expect.poll(count).toBe(1);
    await expect.poll(() => standing(row.id)).toEqual(['Healthy', '']);
    const shown = await send(`${servers}${row.id}/`);
    expect(rowSchema.parse(shown).connected_identities).toBe(1);
    expect(JSON.stringify(shown)).not.toMatch(/access-|refresh-|client-secret-/);
    expect(await send(`${servers}${row.id}/disconnect/`, {})).toMatchObject({ success: true });
    expect(rowSchema.parse(await send(`${servers}${row.id}/`)).connected_identities).toBe(0);
    await expect.poll(() => standing(row.id)).toEqual(nobody);
  });

  it('shows what the person refused, and escapes what strangers write', async () => {
    const row = await create('refused', 'oauth_bot');
    const { url } = linkSchema.parse(await send(`${servers}${row.id}/connect/`, {}));
    server.refuses = true;
    const { back, cookie } = await follow(url);
    const returned = await comeBack(back, cookie);
    expect(returned.status).toBe(401);
    expect(await returned.text()).toContain('You did not sign in to refused');
    const forged = await fetch(new URL('/oauth/mcp/start?link=%3Cscript%3E', bot.url));
    expect(await forged.text()).not.toContain('<script>');
  });
});

describe('the button of a link', () => {
  it('works from its own page alone, and is not spent by another site', async () => {
    const row = await create('lured', 'oauth_bot');
    const { url } = linkSchema.parse(await send(`${servers}${row.id}/connect/`, {}));
    const secret = new URL(url).searchParams.get('link') ?? '';
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, {}]) {
      const lured = await press(secret, headers);
      expect(lured.status, JSON.stringify(headers)).toBe(403);
      expect(lured.headers.get('set-cookie')).toBeNull();
      expect(await lured.text()).toContain('Another site tried to sign you in');
    }
    expect((await press(secret, { 'sec-fetch-site': 'same-origin' })).status).toBe(303);
  });
});

describe('a server without sign-in', () => {
  it('has no link', async () => {
    const row = await create('open', 'none');
    expect(await send(`${servers}${row.id}/connect/`, {})).toMatchObject({
      detail: 'Nobody signs in to this server; choose so in its field Authorization.',
    });
  });
});

describe('the client id metadata document', () => {
  it('is there only where authorization servers can read it', async () => {
    expect((await fetch(new URL('/oauth/mcp/client.json', bot.url))).status).toBe(404);
  });
});
