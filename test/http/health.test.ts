import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../src/chat/errors.ts';
import type { Identity } from '../../src/chat/identity.ts';
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

const known: Readonly<Record<string, Identity>> = {
  'Token right': identity(['ai_ops.view_mcpserver']),
  'Token small': identity(['chat', 'ai_ops.view_llmmodel']),
};

function identity(permissions: readonly string[]): Identity {
  const author = { principal: 'token:t', name: 'T' };
  return { author, via: 'token', permissions: new Set(permissions), groups: [] };
}

/** Asks as this caller; from this machine, without a token and in PROD unless it says otherwise. */
async function get(
  path: string,
  { remoteAddress = '127.0.0.1', headers = {}, showDetails = false }: Caller,
): Promise<{
  readonly status: number;
  readonly body: string;
  readonly asks: boolean;
  readonly denied: readonly string[];
}> {
  const denied: string[] = [];
  const routes = healthRoutes({
    report: async () => report,
    metrics: async () => ({ contentType: 'text/plain', body: 'counters' }),
    gate: {
      async identify({ headers: { authorization = '' } }) {
        if (authorization === 'Token unsure') throw new UnavailableError('The database is away.');
        return known[authorization];
      },
      denied: ({ permission }) => void denied.push(permission),
    },
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
  const asks = response?.headers?.['www-authenticate'] !== undefined;
  return { status: response?.status ?? 0, body: String(response?.body), asks, denied };
}

const elsewhere = { remoteAddress: '10.0.0.7' };
const proxied = { headers: { 'x-forwarded-for': '10.0.0.7' } };
const as = (token: string) => ({ headers: { authorization: `Token ${token}` }, ...elsewhere });

describe('readiness', () => {
  it.each([
    ['in PROD from this machine', {}],
    ['in LAB from elsewhere', { ...elsewhere, showDetails: true }],
    ['in LAB through a proxy', { ...proxied, showDetails: true }],
    ['with a wrong token', as('wrong')],
    ['with a token that may not see servers', as('small')],
    ['while nobody can tell whose the token is', as('unsure')],
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
    ['with a token that may see servers', as('right')],
    ['in LAB from this machine', { showDetails: true }],
  ])('tells everything %s', async (_who, caller) => {
    expect(JSON.parse((await get('/health/ready', caller)).body)).toEqual({ status: 'ready', ...report });
  });
});

it('readiness asks for another token when the one that came is wrong, and is ready all the same', async () => {
  expect(await get('/health/ready', as('wrong'))).toMatchObject({ status: 200, asks: true });
  for (const caller of [as('right'), as('small'), as('unsure'), elsewhere, {}])
    expect(await get('/health/ready', caller)).toMatchObject({ status: 200, asks: false });
});

describe('metrics', () => {
  it.each([
    ['from this machine', {}, 200],
    ['with a token that may see servers', as('right'), 200],
    ['with a token that may not', as('small'), 403],
    ['with a wrong token', as('wrong'), 401],
    ['while nobody can tell whose the token is', as('unsure'), 503],
    ['from elsewhere', elsewhere, 401],
    ['through a proxy on this machine', proxied, 401],
    ['through a proxy that says Forwarded', { headers: { forwarded: 'for=10.0.0.7' } }, 401],
  ])('%s', async (_who, caller, status) => {
    const answer = await get('/metrics', caller);
    expect([answer.status, answer.asks]).toEqual([status, status === 401]);
    expect(answer.denied).toEqual(status === 403 ? ['ai_ops.view_mcpserver'] : []);
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
