import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readProcess } from '../../../src/observe/process.ts';
import { guardedFetch } from '../../../src/tools/guarded-fetch.ts';
import { checkServer, listTools, tryServer } from '../../../src/tools/mcp/check.ts';
import type { DialOptions } from '../../../src/tools/mcp/dial.ts';
import type { ServerConfig } from '../../../src/tools/port.ts';
import { startMcpServer } from '../../fakes/mcp-server.ts';
import {
  everythingOverHttp,
  everythingOverStdio,
  freePort,
  httpServer,
  listen,
  memoryLog,
  program,
  stdioServer,
  tempDir,
} from './helpers.ts';

const endings: (() => unknown)[] = [];
let options: DialOptions;
beforeEach(() => {
  options = {
    log: memoryLog(),
    childrenDir: join(tempDir(), 'children'),
    environment: process.env,
    version: '0.0.0-test',
    fetchFor: guardedFetch({ environment: {} }),
  };
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

async function open(server: Server): Promise<number> {
  endings.push(() => server.close());
  return await listen(server);
}

/** A real MCP server at `/mcp` with two tools, and whatever is at its other paths. */
async function serve(elsewhere: RequestListener): Promise<string> {
  const server = await startMcpServer((mcp) => {
    mcp.registerTool('look', { annotations: { readOnlyHint: true } }, () => ({ content: [] }));
    mcp.registerTool('touch', {}, () => ({ content: [] }));
  }, elsewhere);
  endings.push(() => server.close());
  return server.url;
}

const answering =
  (status: number, headers = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(status, headers).end('a page');

const bodySchema = z.object({ method: z.string() });

/** What a request asks for: MCP's method, or HTTP's where there is no message in it. */
function methodOf(init: RequestInit | undefined): string {
  if (typeof init?.body !== 'string') return init?.method ?? 'GET';
  return bodySchema.parse(JSON.parse(init.body)).method;
}

const check = (url: string, more: Partial<ServerConfig> = {}) =>
  checkServer(httpServer('web', url, { healthCheck: '/health', ...more }), options);

describe('a server with a health page', () => {
  it('is healthy when that answers 200, and gets the headers of its configuration', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push([request.method, request.url, request.headers.authorization]);
      response.end('fine');
    });
    const result = await check(`${url}/`, { headers: { authorization: 'Bearer abc' } });
    expect(result).toEqual({
      healthy: true,
      message: 'It answers (HTTP 200).',
      details: `GET ${url}/health answered HTTP 200.`,
      url: `${url}/health`,
      latencyMs: expect.any(Number),
    });
    expect(seen).toEqual([['GET', '/health', 'Bearer abc']]);
  });

  it.each([
    [204, /answered HTTP 204 instead of 200/],
    [401, /refused our credentials \(HTTP 401\)/],
    [503, /answered HTTP 503 instead of 200/],
  ])('is unhealthy when that answers %i', async (status, message) => {
    const result = await check(await serve(answering(status)));
    expect(result).toMatchObject({ healthy: false, message: expect.stringMatching(message) });
    expect(result.tools).toBeUndefined();
  });

  it('is unhealthy when that leads elsewhere, which is not followed', async () => {
    let visits = 0;
    const other = await serve((_request, response) => {
      visits += 1;
      response.end();
    });
    const result = await check(await serve(answering(302, { location: `${other}/` })));
    expect(result).toMatchObject({ healthy: false, message: expect.stringContaining('(HTTP 302)') });
    expect(visits).toBe(0);
  });
});

describe('a server that is tried before it is saved', () => {
  const tried = (url: string, more: Partial<ServerConfig> = {}) =>
    tryServer(httpServer('web', url, { healthCheck: '/health', ...more }), options);

  it('is asked over MCP behind its health page, and names its tools', async () => {
    const url = await serve(answering(200));
    expect(await tried(url)).toMatchObject({
      healthy: true,
      message: expect.stringMatching(/^It speaks MCP and lists 2 tools: `\w+`, `\w+`\.$/),
      tools: 2,
    });
    expect(await tried(url, { mcpEndpoint: '/other' })).toMatchObject({
      healthy: false,
      details: 'MCP: initialize or ping failed.',
    });
  });

  it('is not asked any further where its health page says that it is ill', async () => {
    expect(await tried(await serve(answering(503)))).toMatchObject({
      healthy: false,
      message: expect.stringMatching(/HTTP 503/),
    });
  });
});

describe('a server without a health page', () => {
  it.each([404, 405, 406])('is asked over MCP when its path answers %i', async (status) => {
    const url = await serve(answering(status));
    expect(await check(url)).toEqual({
      healthy: true,
      message: 'It speaks MCP and lists 2 tools.',
      details: `GET ${url}/health answered HTTP ${status}. So MCP was asked. MCP: initialize and ping were answered.`,
      url: `${url}/mcp`,
      latencyMs: expect.any(Number),
      tools: 2,
    });
  });

  it('is asked over MCP alone when it has no path', async () => {
    let visits = 0;
    const url = await serve(() => {
      visits += 1;
    });
    expect(await check(url, { healthCheck: '' })).toMatchObject({ healthy: true, tools: 2 });
    expect(visits).toBe(0);
  });

  it('is asked in a session that is ended', async () => {
    const port = await freePort();
    const server = await everythingOverHttp(port);
    endings.push(() => server.stop());
    const requests: string[] = [];
    const real = options.fetchFor('internal');
    const fetchFor: DialOptions['fetchFor'] = () => (url, init) => {
      requests.push(methodOf(init));
      return real(url, init);
    };
    const everything = httpServer('web', `http://127.0.0.1:${port}`);
    const result = await checkServer(everything, { ...options, fetchFor });
    expect(result).toMatchObject({ healthy: true, tools: expect.any(Number) });
    expect(requests.filter((method) => method !== 'GET')).toEqual([
      'initialize',
      'notifications/initialized',
      'ping',
      'tools/list',
      'DELETE',
    ]);
  });

  it('is unhealthy when it does not answer the ping', async () => {
    const real = options.fetchFor('internal');
    const fetchFor: DialOptions['fetchFor'] = () => async (url, init) =>
      methodOf(init) === 'ping' ? new Response('overloaded', { status: 503 }) : await real(url, init);
    const server = httpServer('web', await serve(answering(404)));
    expect(await checkServer(server, { ...options, fetchFor })).toMatchObject({
      healthy: false,
      message: 'HTTP 503: overloaded.',
    });
  });

  it('is described without the secrets that it repeats', async () => {
    const echo: RequestListener = (request, response) =>
      response.writeHead(500).end(`do not know ${request.headers.authorization}`);
    const port = await open(createServer(echo));
    const headers = { authorization: 'Bearer hunter22' };
    const result = await check(`http://127.0.0.1:${port}`, { healthCheck: '', headers });
    expect(result).toMatchObject({ healthy: false, message: 'HTTP 500: do not know ***.' });
  });

  it('is unhealthy when it answers with something that is not MCP', async () => {
    const port = await open(createServer(answering(200, { 'content-type': 'text/html' })));
    expect(await check(`http://127.0.0.1:${port}`, { healthCheck: '' })).toMatchObject({
      healthy: false,
      message: 'It answered with something that is not MCP; check its URL and endpoint.',
    });
  });

  it('is unhealthy when there is nothing at its endpoint either', async () => {
    const url = await serve(answering(404));
    expect(await check(url, { mcpEndpoint: '/elsewhere' })).toMatchObject({
      healthy: false,
      message: 'There is no MCP endpoint at its address (HTTP 404); check its URL and endpoint.',
    });
  });
});

describe('a server that cannot be reached is described', () => {
  it.each(['/health', ''])('when nothing listens, asked at “%s”', async (healthCheck) => {
    const result = await check(`http://127.0.0.1:${await freePort()}`, { healthCheck });
    expect(result).toMatchObject({
      healthy: false,
      message: expect.stringMatching(/^Nothing listens at its address .*connection refused/),
    });
  });

  it.each(['/health', ''])('when its name is unknown, asked at “%s”', async (healthCheck) => {
    const result = await check('http://no-such-host.invalid', { healthCheck });
    expect(result).toMatchObject({ healthy: false, message: expect.stringContaining('(DNS)') });
  });

  it.each(['/health', ''])('when its certificate is not trusted, asked at “%s”', async (healthCheck) => {
    const fixture = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url));
    const tls = { key: fixture('localhost.key'), cert: fixture('localhost.crt') };
    const port = await open(createSecureServer(tls, answering(200)));
    const result = await check(`https://localhost:${port}`, { healthCheck });
    expect(result).toMatchObject({
      healthy: false,
      message: expect.stringMatching(/^Its TLS certificate is not trusted .*NODE_EXTRA_CA_CERTS/),
    });
  });

  it('when it does not speak TLS', async () => {
    const port = await open(createServer(answering(200)));
    const result = await check(`https://localhost:${port}`);
    expect(result).toMatchObject({ healthy: false, message: expect.stringContaining('does not speak TLS') });
  });

  it('when it cuts the connection', async () => {
    const port = await open(createTcpServer((socket) => socket.resetAndDestroy()));
    expect(await check(`http://127.0.0.1:${port}`)).toMatchObject({
      healthy: false,
      message: expect.stringContaining('ECONNRESET'),
    });
  });

  it('when it accepts and says nothing', async () => {
    const port = await open(createTcpServer((socket) => void endings.unshift(() => socket.destroy())));
    expect(await check(`http://127.0.0.1:${port}`)).toMatchObject({
      healthy: false,
      message: 'It did not answer within 5 s.',
    });
  });

  it('when it is external and its address private', async () => {
    const url = (await serve(answering(200))).replace('http:', 'https:');
    expect(await check(url, { type: 'external' })).toMatchObject({
      healthy: false,
      message: expect.stringContaining('a private address'),
    });
  });

  it('when its URL is none', async () => {
    expect(await check('nowhere')).toMatchObject({
      healthy: false,
      message: expect.stringContaining('Its URL is not valid'),
    });
  });
});

describe('a stdio server', () => {
  it('is healthy when it answers, and is really ended', async () => {
    const result = await checkServer(everythingOverStdio(), options);
    expect(result).toMatchObject({ healthy: true, url: '', tools: expect.any(Number) });
    expect(readdirSync(options.childrenDir)).toEqual([]);
  });

  it('is ended even when it is stubborn', async () => {
    const watched = watchChildren();
    const stubborn = stdioServer('hand', process.execPath, [program('server.ts'), 'stubborn']);
    expect(await checkServer(stubborn, options)).toMatchObject({ healthy: true, tools: 9 });
    const pids = await watched.end();
    expect(pids).toHaveLength(1);
    expect(pids.filter((pid) => readProcess(pid) !== undefined)).toEqual([]);
  });

  it('is unhealthy with its last words when it ends, without its secrets', async () => {
    const env = { CLUSTER_TOKEN: 'sekret-token' };
    const dying = stdioServer('hand', process.execPath, [program('server.ts'), 'last-words'], { env });
    const result = await checkServer(dying, options);
    expect(result).toMatchObject({ healthy: false, message: expect.stringContaining('exit code 7') });
    expect(JSON.stringify(result)).not.toContain('sekret-token');
  });

  it('is unhealthy when there is no such program', async () => {
    expect(await checkServer(stdioServer('gone', '/no/such/program', []), options)).toMatchObject({
      healthy: false,
      message: 'There is no program /no/such/program; check its command.',
    });
  });

  /** The process ids of the children that were written down meanwhile. */
  function watchChildren() {
    const seen = new Set<number>();
    const stop = new AbortController();
    const look = async () => {
      while (!stop.signal.aborted) {
        for (const name of readChildren()) seen.add(Number(/-(\d+)\.json$/.exec(name)?.[1]));
        await sleep(5);
      }
    };
    const looking = look();
    return {
      async end() {
        stop.abort();
        await looking;
        return [...seen];
      },
    };
  }

  function readChildren(): readonly string[] {
    try {
      return readdirSync(options.childrenDir);
    } catch {
      return [];
    }
  }
});

describe('the tools of a server that is connected for the moment', () => {
  it('are listed, without those that cannot be offered', async () => {
    const broken = stdioServer('hand', process.execPath, [program('server.ts'), 'broken-tools']);
    const names = (await listTools(broken, options)).tools.map((tool) => tool.name);
    expect(names).toContain('pids');
    expect(names).toContain('bad_output');
    expect(names).not.toContain('no_schema');
    expect(readdirSync(options.childrenDir)).toEqual([]);
  });

  it('are not listed when it cannot be reached, and the error says why', async () => {
    const gone = httpServer('web', `http://127.0.0.1:${await freePort()}`);
    await expect(listTools(gone, options)).rejects.toThrow(/^Nothing listens at its address .*runs\.$/);
  });
});
