import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { Pool, PoolOptions } from '../../../src/tools/mcp/pool.ts';
import {
  call,
  everythingOverHttp,
  freePort,
  httpServer,
  listen,
  testPool,
  toolOf,
  until,
} from './helpers.ts';

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

function pool(options: Partial<PoolOptions> = {}): ReturnType<typeof testPool> {
  const made = testPool(options);
  endings.push(() => made.close());
  return made;
}

async function serve(port: number) {
  const server = await everythingOverHttp(port);
  endings.push(() => server.stop());
  return server;
}

async function connected(options: Partial<PoolOptions> = {}) {
  const port = await freePort();
  const server = await serve(port);
  const made = pool(options);
  await made.use([httpServer('web', `http://127.0.0.1:${port}/`)]);
  return { port, server, made };
}

/** The real fetch, which can be told to spoil the session of calls until the next one begins. */
function spoilable() {
  let answer: ((init: RequestInit) => Promise<Response>) | undefined;
  const counts = { calls: 0 };
  const spoiling: typeof fetch = async (input, init = {}) => {
    const body = typeof init.body === 'string' ? init.body : '';
    if (body.includes('"method":"initialize"')) answer = undefined;
    if (body.includes('"method":"tools/call"')) counts.calls += 1;
    return answer === undefined || init.method !== 'POST' ? await fetch(input, init) : await answer(init);
  };
  return {
    counts,
    fetch: spoiling,
    spoil: (how: (init: RequestInit) => Promise<Response>) => {
      answer = how;
    },
  };
}

const echoes = async (made: Pool) =>
  expect((await call(made, 'web__echo', { message: 'hi' })).text).toBe('Echo: hi');

test('runs the tools of a real server over streamable HTTP', async () => {
  const { made } = await connected();
  await echoes(made);
  expect((await call(made, 'web__get-sum', { a: 1, b: 2 })).text).toContain('3');
  const structured = await call(made, 'web__get-structured-content', { location: 'New York' });
  expect(structured.structured).toMatchObject({ temperature: expect.any(Number) });
  const image = await call(made, 'web__get-tiny-image');
  expect(image.text).toContain('[image: image/png, 4.0 kB]');
  const links = await call(made, 'web__get-resource-links', { count: 2 });
  expect(links.links).toHaveLength(2);
});

test('times out and cancels a long call', async () => {
  const { made } = await connected({ maxCallMs: 500 });
  const slow = { duration: 20, steps: 2 };
  const outcome = await call(made, 'web__trigger-long-running-operation', slow);
  expect(outcome).toEqual({
    text: 'trigger-long-running-operation gave no answer within 0.5 seconds and was cancelled.',
    isError: true,
    failure: 'timeout',
  });
  const controller = new AbortController();
  const running = call(made, 'web__trigger-long-running-operation', slow, controller.signal);
  setTimeout(() => controller.abort(new Error('stop')), 100);
  await expect(running).rejects.toThrow('stop');
  await echoes(made);
});

test('a server that is restarted in mid-conversation is connected again by itself', async () => {
  const { port, server, made } = await connected({ retryMaxMs: 300 });
  const held = toolOf(made, 'web__echo');
  await server.stop();
  await until(() => made.states()[0]?.status === 'failed');
  expect(made.tools()).toEqual([]);
  const outcome = await held.run({ message: 'hi' }, AbortSignal.timeout(5_000));
  expect(outcome).toMatchObject({
    isError: true,
    text: expect.stringContaining('not run: the server web is not connected'),
  });
  await serve(port);
  await until(() => made.states()[0]?.status === 'connected');
  expect((await held.run({ message: 'hi' }, AbortSignal.timeout(5_000))).text).toBe('Echo: hi');
});

test('a server that is restarted between two calls costs the second call nothing', async () => {
  const { port, server, made } = await connected({ retryFirstMs: 50, retryMaxMs: 50 });
  const held = toolOf(made, 'web__echo');
  await server.stop();
  await serve(port);
  await until(() => made.states()[0]?.status === 'connected');
  expect((await held.run({ message: 'hi' }, AbortSignal.timeout(5_000))).text).toBe('Echo: hi');
});

test('a forgotten session (400, as real servers answer) is begun anew and the read repeated', async () => {
  const { fetch: spoiling, spoil, counts } = spoilable();
  const { made, port } = await connected({ fetchFor: () => spoiling });
  const url = `http://127.0.0.1:${port}/mcp`;
  spoil((init) => {
    const headers = new Headers(init.headers);
    headers.set('mcp-session-id', 'forgotten');
    return fetch(url, { ...init, headers });
  });
  await echoes(made);
  expect(counts.calls).toBe(2);
});

test('a forgotten session (404, as the specification says) is begun anew and the read repeated', async () => {
  const { fetch: spoiling, spoil, counts } = spoilable();
  const { made } = await connected({ fetchFor: () => spoiling });
  spoil(async () => new Response('Session not found', { status: 404 }));
  await echoes(made);
  expect(counts.calls).toBe(2);
});

test('a write is not repeated when the session is lost, and says that it may have run', async () => {
  const { fetch: spoiling, spoil, counts } = spoilable();
  const { made } = await connected({ fetchFor: () => spoiling });
  spoil(async () => new Response('Session not found', { status: 404 }));
  const outcome = await call(made, 'web__toggle-simulated-logging');
  expect(outcome.isError).toBe(true);
  expect(outcome.text).toContain('may have run');
  expect(counts.calls).toBe(1);
  await made.settled();
  await echoes(made);
});

test('a write that a gateway failed is said to have perhaps run', async () => {
  const { fetch: spoiling, spoil } = spoilable();
  const { made } = await connected({ fetchFor: () => spoiling });
  spoil(async () => new Response('bad gateway', { status: 502 }));
  const outcome = await call(made, 'web__toggle-simulated-logging');
  expect(outcome.text).toMatch(/HTTP 502.*may have run/);
});

test('a write that was never sent is sent again', async () => {
  const { fetch: spoiling, spoil, counts } = spoilable();
  const { made } = await connected({ fetchFor: () => spoiling });
  const closed = `http://127.0.0.1:${await freePort()}/`;
  spoil(() => fetch(closed));
  expect(await call(made, 'web__toggle-simulated-logging')).toMatchObject({ isError: false });
  expect(counts.calls).toBe(2);
});

test('many reads that lose one session begin one new session, and all are answered', async () => {
  const { fetch: spoiling, spoil } = spoilable();
  const { made } = await connected({ fetchFor: () => spoiling });
  spoil(async () => new Response('Session not found', { status: 404 }));
  await Promise.all([1, 2, 3, 4, 5].map(() => echoes(made)));
  expect(made.log.entries.filter((entry) => entry.event === 'mcp_connected')).toHaveLength(2);
});

test('credentials go to the server, and their refusal is said', async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(401).end('no');
  });
  const port = await listen(server);
  endings.push(() => new Promise((resolve) => server.close(resolve)));
  const made = pool();
  await made.use([
    httpServer('web', `http://127.0.0.1:${port}`, { headers: { authorization: 'Bearer abc' } }),
  ]);
  expect(seen[0]).toBe('Bearer abc');
  expect(made.states()[0]?.error).toBe('It refused our credentials (HTTP 401); check its headers.');
});

test('a server that accepts connections and never answers costs only the time limit', async () => {
  const server = createServer(() => {});
  const port = await listen(server);
  endings.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const made = pool({ connectTimeoutMs: 500 });
  const startedAt = Date.now();
  await made.use([httpServer('web', `http://127.0.0.1:${port}`)]);
  expect(Date.now() - startedAt).toBeLessThan(5_000);
  expect(made.states()[0]?.error).toBe('It did not answer within 0.5 s.');
});
