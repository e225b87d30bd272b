import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as readAll } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProcess } from '../../../src/observe/process.ts';
import type { ServerConfig } from '../../../src/tools/port.ts';
import { call, httpServer, listen, stdioServer, type TestPool, testPool, until } from './helpers.ts';

const program = fileURLToPath(new URL('../../fakes/mcp/faulty.ts', import.meta.url));
const faulty = (fault: string, name = 'bad') => stdioServer(name, process.execPath, [program, fault]);
const patience = 60_000;

describe('a server that misbehaves costs only itself', () => {
  let pool: TestPool;
  const good = faulty('', 'good');
  beforeAll(async () => {
    pool = testPool({ connectTimeoutMs: patience, callTimeoutMs: 1_500, retryFirstMs: 50, retryMaxMs: 500 });
    await pool.use([good]);
  }, patience);
  afterAll(() => pool.close(), patience);

  const stateOf = (name: string) => pool.states().find((state) => state.name === name);
  const isWell = async (name: string) =>
    expect((await call(pool, `${name}__well`)).text).toMatch(/^well as \d+$/);
  const beside = (server: ServerConfig) => pool.use([good, server]);

  it.each([
    [
      'killed in mid-call',
      /^ill gave no result: the connection to bad was lost \(its program was killed by SIGKILL\)\.$/,
    ],
    ['exits in mid-call', /lost \(its program ended with exit code 7; it last said: out of disk\)\.$/],
    ['never answers', /^ill gave no answer within 1\.5 seconds and was cancelled\.$/],
    ['answers garbage', /^ill gave no answer within 1\.5 seconds and was cancelled\.$/],
    ['answers a line of 60 MB', /lost \(it sent a message of more than 10 MiB\)\.$/],
    ['answers under other ids', /^ill gave no answer within 1\.5 seconds and was cancelled\.$/],
    [
      'answers with a result that is no object',
      /^ill failed: it answered with something that is not a result\.$/,
    ],
    ['closes its output and lives on', /lost \(its program closed its standard output and kept running\)\.$/],
  ])('%s', { timeout: patience }, async (fault, sentence) => {
    await beside(faulty(fault));
    const [ill] = await Promise.all([
      call(pool, 'bad__ill', {}, AbortSignal.timeout(patience)),
      isWell('good'),
    ]);
    expect(ill).toMatchObject({ isError: true, text: expect.stringMatching(sentence) });
    await until(() => stateOf('bad')?.status === 'connected', patience);
    await isWell('bad');
    await isWell('good');
  });

  it('stops altogether: it is started anew', { timeout: patience }, async () => {
    await beside(faulty('stops altogether'));
    const before = (await call(pool, 'bad__well')).text;
    expect((await call(pool, 'bad__ill')).text).toMatch(/^ill gave no answer within 1\.5 seconds/);
    await until(() => stateOf('bad')?.status !== 'connected', patience);
    await until(() => stateOf('bad')?.status === 'connected', patience);
    await isWell('good');
    expect((await call(pool, 'bad__well')).text).not.toBe(before);
  });

  it('floods progress and log messages: people hear a few of them', { timeout: patience }, async () => {
    await beside(faulty('floods progress and log messages'));
    const heard: string[] = [];
    const tool = pool.tools().find(({ name }) => name === 'bad__ill');
    const context = { asker: 'web:ada', answers: [], progress: (said: string) => void heard.push(said) };
    const [outcome] = await Promise.all([
      tool?.run({}, AbortSignal.timeout(patience), context),
      isWell('good'),
    ]);
    expect(outcome).toEqual({ text: 'done at last', isError: false });
    expect(heard[0]).toBe('0/5000');
    expect(heard.length).toBeLessThan(500);
  });

  it('says list_changed without end: its list is read about once a second', {
    timeout: patience,
  }, async () => {
    await beside(faulty('says list_changed without end'));
    const lists = async () => Number((await call(pool, 'bad__lists')).text);
    const startedAt = performance.now();
    await call(pool, 'bad__ill');
    await until(() => performance.now() - startedAt > 2_000, patience);
    expect(await lists()).toBeGreaterThan(1);
    expect(await lists()).toBeLessThanOrEqual(3 + Math.ceil((performance.now() - startedAt) / 1_000));
    await isWell('good');
  });

  it('lists the same page again: what it lists is used', { timeout: patience }, async () => {
    await beside(faulty('lists the same page again'));
    await isWell('bad');
  });

  it.each([
    ['lists pages without end', /^Its list of tools has more than 64 pages\.$/, patience],
    ['exits at once', /^Its program ended with exit code 2; it last said: no kubeconfig found\.$/, patience],
    ['hangs in initialize', /^It did not answer within 1\.2 s\.$/, 1_200],
  ])('%s: it is not connected', { timeout: patience }, async (fault, sentence, connectTimeoutMs) => {
    const alone = testPool({ connectTimeoutMs });
    await alone.use([faulty(fault)]);
    expect(alone.states()[0]).toMatchObject({ status: 'failed', error: expect.stringMatching(sentence) });
    await isWell('good');
    await alone.close();
  });

  it('does not end when asked: it and what it started are killed', { timeout: patience }, async () => {
    await beside(faulty('does not end when asked'));
    const pid = Number((await call(pool, 'bad__well')).text.replace(/\D/g, ''));
    await pool.use([good]);
    expect(readProcess(pid)).toBeUndefined();
    await isWell('good');
  });

  describe('over HTTP', () => {
    const http = createServer((request, response) => void serve(request, response));
    let url = '';
    let fault: (response: ServerResponse, id: number) => void = () => {};
    beforeAll(async () => {
      url = `http://127.0.0.1:${await listen(http)}`;
    });
    afterAll(() => {
      http.closeAllConnections();
      http.close();
    });

    async function serve(request: IncomingMessage, response: ServerResponse) {
      if (request.method !== 'POST') return void response.writeHead(405).end();
      const { id, method, params } = JSON.parse(await readAll(request));
      if (id === undefined) return void response.writeHead(202).end();
      if (params?.name === 'ill') return fault(response, id);
      const read = { inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };
      const result = {
        initialize: {
          protocolVersion: '2025-06-18',
          capabilities: { tools: {} },
          serverInfo: { name: 'faulty', version: '1' },
        },
        'tools/list': {
          tools: [
            { name: 'well', ...read },
            { name: 'ill', ...read },
          ],
        },
        'tools/call': { content: [{ type: 'text', text: 'well as 1' }] },
      }[String(method)];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result: result ?? {} }));
    }

    const events = { 'content-type': 'text/event-stream' };
    const json = { 'content-type': 'application/json' };
    const faults: readonly (readonly [string, typeof fault, RegExp])[] = [
      [
        'answers an HTML page',
        (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>'),
        /^ill failed: it answered with something that is not MCP; check its URL and endpoint\.$/,
      ],
      [
        'answers HTTP 500',
        (response) => response.writeHead(500).end('oops'),
        /^ill failed: HTTP 500: oops\.$/,
      ],
      [
        'ends the stream before the result',
        (response) => response.writeHead(200, events).end(': nothing\n\n'),
        /^ill failed: it ended its answer before the result\.$/,
      ],
      [
        'cuts the stream in the middle of the result',
        (response, id) => {
          response
            .writeHead(200, events)
            .write(`data: {"jsonrpc":"2.0","id":${id},"res`, () => response.destroy());
        },
        /^ill failed: it ended its answer before the result\.$/,
      ],
      [
        'answers for another request',
        (response, id) =>
          response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', id: id + 99, result: {} })),
        /^ill failed: it ended its answer before the result\.$/,
      ],
      [
        'answers JSON that is not MCP',
        (response) => response.writeHead(200, json).end('{"ok": true}'),
        /^ill failed: it answered with something that is not MCP; check its URL and endpoint\.$/,
      ],
      [
        'accepts a call and says no more',
        (response) => response.writeHead(202).end(),
        /^ill failed: it ended its answer before the result\.$/,
      ],
    ];
    it.each(faults)('%s', { timeout: patience }, async (_name, habit, sentence) => {
      fault = habit;
      await beside(httpServer('bad', url));
      expect(await call(pool, 'bad__ill')).toMatchObject({
        isError: true,
        text: expect.stringMatching(sentence),
      });
      await until(() => stateOf('bad')?.status === 'connected', patience);
      await isWell('bad');
      await isWell('good');
    });
  });
});
