import { describe, expect, it } from 'vitest';
import type { RouteRequest } from '../../src/chat/route.ts';
import { healthRoutes, lookAround } from '../../src/http/health.ts';
import { openRedis } from '../../src/store/redis.ts';
import { silentLog } from '../fakes/log.ts';
import { freePort } from '../fakes/ports.ts';

const failed = { status: 'failed', detail: 'stderr: secret-host refused' } as const;
const report = {
  database: { status: 'ok', detail: 'postgresql' },
  redis: { status: 'absent', detail: 'not configured' },
  model: { status: 'failed', detail: 'The model m has no key.' },
  servers: { billing: failed, host: { status: 'ok', detail: '9 tools' }, tickets: failed },
} as const;

interface Caller {
  readonly remoteAddress?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly showDetails?: boolean;
}

/** Asks as this caller; from this machine, without a token and in PROD unless it says otherwise. */
async function get(
  path: string,
  { remoteAddress = '127.0.0.1', headers = {}, showDetails = false }: Caller,
): Promise<{ readonly status: number; readonly body: string }> {
  const routes = healthRoutes({
    report: async () => report,
    metrics: async () => ({ contentType: 'text/plain', body: 'counters' }),
    mayRead: async (authorization) => authorization === 'Token right',
    showDetails,
    accepting: () => true,
  });
  const request: RouteRequest = {
    method: 'GET',
    url: path,
    headers,
    params: {},
    query: {},
    cookies: {},
    body: Buffer.alloc(0),
    remoteAddress,
    signal: new AbortController().signal,
  };
  const response = await routes.find((route) => route.path === path)?.handle(request);
  return { status: response?.status ?? 0, body: String(response?.body) };
}

const elsewhere = { remoteAddress: '10.0.0.7' };
const proxied = { headers: { 'x-forwarded-for': '10.0.0.7' } };
const withToken = { headers: { authorization: 'Token right' }, ...elsewhere };

describe('readiness', () => {
  it.each([
    ['in PROD from this machine', {}],
    ['in LAB from elsewhere', { ...elsewhere, showDetails: true }],
    ['in LAB through a proxy', { ...proxied, showDetails: true }],
    ['with a wrong token', { headers: { authorization: 'Token wrong' }, ...elsewhere }],
  ])('tells strangers no more than statuses: %s', async (_who, caller) => {
    const { status, body } = await get('/health/ready', caller);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      status: 'ready',
      database: { status: 'ok' },
      redis: { status: 'absent' },
      model: { status: 'failed' },
      servers: { ok: 1, failed: 2 },
    });
  });

  it.each([
    ['with a token', withToken],
    ['in LAB from this machine', { showDetails: true }],
  ])('tells everything %s', async (_who, caller) => {
    expect(JSON.parse((await get('/health/ready', caller)).body)).toEqual({ status: 'ready', ...report });
  });
});

describe('metrics', () => {
  it.each([
    ['from this machine', {}, 200],
    ['with a token', withToken, 200],
    ['from elsewhere', elsewhere, 401],
    ['through a proxy on this machine', proxied, 401],
    ['through a proxy that says Forwarded', { headers: { forwarded: 'for=10.0.0.7' } }, 401],
  ])('%s', async (_who, caller, status) => {
    expect((await get('/metrics', caller)).status).toBe(status);
  });
});

it('names the Redis that cannot be reached', async () => {
  const port = await freePort();
  const redis = await openRedis(`redis://:a-password@127.0.0.1:${port}`, silentLog);
  const check = await redis.check();
  await redis.close();
  expect(check).toEqual({ status: 'failed', detail: `Redis at 127.0.0.1:${port} cannot be reached.` });
});

it('does not say that there is no model while the database is away', async () => {
  const { database, model } = await lookAround({
    database: async () => Promise.reject(new Error('down')),
    redis: undefined,
    model: async () => ({ status: 'ok', detail: 'm' }),
    servers: () => ({}),
  });
  expect(database).toEqual({ status: 'failed', detail: 'down' });
  expect(model).toEqual({ status: 'failed', detail: 'unknown while the database is away' });
});
