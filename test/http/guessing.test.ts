import { afterEach, describe, expect, it } from 'vitest';
import { createWebAdapter } from '../../adapters/web/index.ts';
import type { Gate, Identity } from '../../src/chat/identity.ts';
import { healthRoutes } from '../../src/http/health.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { createFakeBot } from '../adapters/web/fake-bot.ts';
import { startTestBot } from '../fakes/bot.ts';
import { silentLog } from '../fakes/log.ts';

const api = '/plugins/ai-ops/api';
const ok = { status: 'ok' } as const;

const ada: Identity = {
  author: { principal: 'token:ada', name: 'Ada' },
  via: 'token',
  permissions: new Set(['chat', 'approve', 'ai_ops.view_mcpserver']),
  groups: [],
};

const gate: Gate = {
  sessionCookie: 'ai_ops_session',
  identify: async ({ headers }) => (headers.authorization === 'Token ada' ? ada : undefined),
  denied: () => {},
  signIn: async () => undefined,
  signOut: async () => {},
};

let server: HttpServer | undefined;
afterEach(() => server?.close());

/** A real server that lets three requests of an address fail to say who they are, and `requests` come at all. */
async function serve(requests = 1_000_000) {
  const web = createWebAdapter({
    bot: createFakeBot(() => []),
    gate,
    log: silentLog,
    assetsDir: '/nothing',
    secureCookies: false,
  });
  const health = healthRoutes({
    report: async () => ({ database: ok, redis: ok, model: ok, servers: {} }),
    metrics: async () => ({ contentType: 'text/plain', body: '' }),
    gate,
    showDetails: false,
    accepting: () => true,
  });
  server = await createHttpServer({
    routes: [...health, ...web.routes],
    log: silentLog,
    showDetails: false,
    limits: { failuresPerMinute: 3, requestsPerMinute: requests, sessionCookie: gate.sessionCookie },
  });
  const url = await server.listen('127.0.0.1', 0);
  return async (method: string, path: string, authorization?: string) => {
    const headers = { 'x-forwarded-for': '10.0.0.7', ...(authorization && { authorization }) };
    const response = await fetch(new URL(path, url), { method, headers });
    await response.body?.cancel();
    return response.status;
  };
}

describe('whoever guesses tokens waits, and the callers known there do not', () => {
  it.each([
    ['GET', `${api}/me/`, 401],
    ['GET', `${api}/approvals/`, 401],
    ['GET', `${api}/approvals/one`, 401],
    ['POST', `${api}/approvals/one/`, 401],
    ['POST', `${api}/sign-out/`, 401],
    ['POST', `${api}/chat/`, 401],
    ['GET', `${api}/chat/`, 401],
    ['GET', `${api}/chat/quiet/`, 401],
    ['DELETE', `${api}/chat/quiet/`, 401],
    ['POST', `${api}/chat/quiet/stop/`, 401],
    ['GET', `${api}/chat/quiet/events/`, 401],
    ['GET', '/metrics', 401],
    ['GET', '/health/ready', 200],
  ])('%s %s', async (method, path, refused) => {
    const send = await serve();
    expect(await send('GET', `${api}/me/`, 'Token ada')).toBe(200);
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push(await send(method, path, `Token guess${n}`));
    expect(statuses).toEqual([refused, refused, refused, 429]);
    expect(await send(method, path, 'Token ada')).not.toBe(429);
  });

  it('also of links that sign in', async () => {
    const send = await serve();
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push(await send('GET', `/console/sign-in?token=guess${n}`));
    expect(statuses).toEqual([401, 401, 401, 429]);
  });
});

it('a probe without a token is answered although its address is made to wait', async () => {
  const send = await serve();
  for (let n = 0; n < 5; n += 1) await send('GET', '/health/ready', `Token guess${n}`);
  expect(await send('GET', '/health/ready')).toBe(200);
});

it('a stream makes its caller known', async () => {
  const send = await serve();
  expect(await send('GET', `${api}/chat/quiet/events/`, 'Token ada')).toBe(200);
  for (let n = 0; n < 4; n += 1) await send('GET', `${api}/me/`, `Token guess${n}`);
  expect(await send('GET', `${api}/chat/quiet/events/`, 'Token ada')).toBe(200);
});

it('a busy client may chat as often as it likes, and ask who it is so many times', async () => {
  const send = await serve(2);
  const chatting: number[] = [];
  for (let n = 0; n < 5; n += 1) chatting.push(await send('GET', `${api}/chat/`, 'Token ada'));
  expect(chatting).toEqual([200, 200, 200, 200, 200]);
  const asking: number[] = [];
  for (let n = 0; n < 3; n += 1) asking.push(await send('GET', `${api}/me/`, 'Token ada'));
  expect(asking).toEqual([200, 200, 429]);
});

it('a wrong token for the health of a bot is in its audit log, with where it came from', async () => {
  const bot = await startTestBot();
  const headers = { authorization: 'Token wrong', 'x-forwarded-for': '10.0.0.7' };
  expect((await bot.fetch('/health/ready', { headers })).status).toBe(200);
  const addresses = async () => {
    const log = await bot.fetch('/api/plugins/ai-ops/audit/?action=access.bad_token');
    const { results } = (await log.json()) as { results: readonly { address: string }[] };
    return results.map(({ address }) => address);
  };
  await expect.poll(addresses).toEqual(['127.0.0.1']);
  await bot.stop();
});
