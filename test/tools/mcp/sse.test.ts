import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fetch } from '../../../src/tools/guarded-fetch.ts';
import { guardedFetch } from '../../../src/tools/guarded-fetch.ts';
import { checkServer } from '../../../src/tools/mcp/check.ts';
import {
  call,
  everythingOverHttp,
  freePort,
  httpServer,
  listen,
  memoryLog,
  type TestPool,
  tempDir,
  testPool,
  until,
} from './helpers.ts';

const patience = 60_000;

/** The real fetch, which notes what is asked. */
function noting() {
  const asked: string[] = [];
  const headers: (string | null)[] = [];
  const guarded = guardedFetch({ environment: {} })('internal');
  const fetch: Fetch = async (url, init) => {
    asked.push(`${init?.method ?? 'GET'} ${new URL(url).pathname}`);
    headers.push(new Headers(init?.headers).get('x-team'));
    return await guarded(url, init);
  };
  return { asked, headers, fetch };
}

describe('a server that speaks the older transport only', () => {
  const { asked, headers, fetch } = noting();
  let port = 0;
  let server: { stop(): Promise<void> };
  let pool: TestPool;
  beforeAll(async () => {
    port = await freePort();
    server = await everythingOverHttp(port, 'sse');
    pool = testPool({ connectTimeoutMs: patience, fetchFor: () => fetch, retryMaxMs: 300 });
    const more = { mcpEndpoint: '/sse', headers: { 'x-team': 'ops' } };
    await pool.use([httpServer('old', `http://127.0.0.1:${port}`, more)]);
  }, patience);
  afterAll(async () => {
    await pool.close();
    await server.stop();
  }, patience);

  it('is connected all the same, by the same fetch and with its headers', { timeout: patience }, async () => {
    expect(pool.states()[0]).toMatchObject({ status: 'connected' });
    expect(asked.slice(0, 3)).toEqual(['POST /sse', 'GET /sse', 'POST /message']);
    expect(new Set(headers)).toEqual(new Set(['ops']));
    expect((await call(pool, 'old__echo', { message: 'hi' })).text).toBe('Echo: hi');
    const long = await call(pool, 'old__trigger-long-running-operation', { duration: 0.2, steps: 2 });
    expect(long).toMatchObject({ isError: false });
  });

  it('is found healthy by a check that meets it for the first time', { timeout: patience }, async () => {
    const config = httpServer('old', `http://127.0.0.1:${port}`, { mcpEndpoint: '/sse', healthCheck: '' });
    const check = await checkServer(config, {
      log: memoryLog(),
      childrenDir: tempDir(),
      environment: process.env,
      version: '0.0.0-test',
      fetchFor: () => fetch,
    });
    expect(check).toMatchObject({ healthy: true, message: expect.stringContaining('It speaks MCP') });
  });

  it('is known as such at the next connect, after it was restarted on its port', {
    timeout: patience,
  }, async () => {
    await server.stop();
    await until(() => pool.states()[0]?.status === 'failed', patience);
    expect(pool.log.entries).toContainEqual(
      expect.objectContaining({
        event: 'mcp_lost',
        fields: expect.objectContaining({
          why: expect.stringMatching(/stream of events ended|ECONNRESET|ECONNREFUSED/),
        }),
      }),
    );
    await until(() => /Nothing listens/.test(pool.states()[0]?.error ?? ''), patience);
    asked.length = 0;
    server = await everythingOverHttp(port, 'sse');
    await until(() => pool.states()[0]?.status === 'connected', patience);
    expect(asked).not.toContain('POST /sse');
    expect((await call(pool, 'old__echo', { message: 'again' })).text).toBe('Echo: again');
  });
});

describe('an address that speaks neither transport', () => {
  const http = createServer((request, response) => {
    request.resume();
    if (request.method === 'GET' && request.url === '/page')
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>');
    response.writeHead(request.url === '/page' ? 405 : 404).end('no');
  });
  let url = '';
  beforeAll(async () => {
    url = `http://127.0.0.1:${await listen(http)}`;
  });
  afterAll(() => {
    http.closeAllConnections();
    http.close();
  });

  it.each(['/mcp', '/page'])('is told by what streamable HTTP answered: %s', async (mcpEndpoint) => {
    const pool = testPool();
    await pool.use([httpServer('none', url, { mcpEndpoint })]);
    expect(pool.states()[0]?.error).toMatch(/^There is no MCP endpoint at its address \(HTTP 40[45]\)/);
    await pool.close();
  });
});
