import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardedFetch } from '../../src/tools/guarded-fetch.ts';
import { type ConfiguredServer, createServerSet, type ServerSetOptions } from '../../src/tools/servers.ts';
import { refusalOfProgram } from '../../src/tools/stdio-rules.ts';
import { startMcpServer, type TestMcpServer } from '../fakes/mcp-server.ts';
import { everythingOverStdio, memoryLog, type TestPool, testPool } from './mcp/helpers.ts';

let pool: TestPool;
let server: TestMcpServer;
let keys: (string | undefined)[];
beforeEach(async () => {
  pool = testPool();
  keys = [];
  server = await startMcpServer(
    (mcp) => {
      mcp.registerTool('look', { description: 'Looks.', annotations: { readOnlyHint: true } }, () => ({
        content: [],
      }));
      mcp.registerTool('touch', { description: 'Touches.' }, () => ({ content: [] }));
    },
    (request, response) => {
      keys.push(request.headers['x-key']?.toString());
      response.end();
    },
  );
});
afterEach(async () => {
  await pool.close();
  await server.close();
});

function open(more: Partial<ServerSetOptions> = {}) {
  const log = memoryLog();
  return createServerSet({
    pool,
    log,
    dial: {
      log,
      childrenDir: pool.childrenDir,
      environment: process.env,
      version: '0.0.0-test',
      fetchFor: guardedFetch({ environment: {} }),
    },
    resolveValues: async (values) =>
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => {
          if (value === 'env:GONE_KEY') throw new Error('The secret env:GONE_KEY is not there.');
          return [name, value.replace('env:X_KEY', 'resolved')];
        }),
      ),
    acceptsAll: true,
    programs: { isFree: false, allowed: [] },
    bundled: () => undefined,
    ...more,
  });
}

const row = (more: Partial<ConfiguredServer> = {}): ConfiguredServer => ({
  id: '1',
  name: 'web',
  protocol: 'http',
  type: 'internal',
  url: server.url,
  mcpEndpoint: '/mcp',
  healthCheck: '/health',
  headers: { 'x-key': 'env:X_KEY' },
  command: '',
  args: [],
  env: {},
  isTrusted: true,
  toolOverrides: {},
  pins: { accepted: [], refused: [] },
  ...more,
});

describe('a check of a configured server', () => {
  it('is made with its secrets resolved', async () => {
    expect(await open().check(row())).toMatchObject({ healthy: true });
    expect(keys).toEqual(['resolved']);
  });

  it('says when a secret is missing, and asks nothing', async () => {
    expect(await open().check(row({ headers: { 'x-key': 'env:GONE_KEY' } }))).toEqual({
      healthy: false,
      message: 'The secret env:GONE_KEY is not there.',
      details: '',
      url: server.url,
      latencyMs: 0,
    });
    expect(keys).toEqual([]);
  });

  it('does not start a program that may not run here', async () => {
    const { command, args } = everythingOverStdio();
    const check = open().check(row({ protocol: 'stdio', command, args }));
    expect(await check).toMatchObject({
      healthy: false,
      message: expect.stringContaining('AI_OPS_STDIO_ALLOW'),
    });
  });
});

describe('the tools of a configured server', () => {
  const toolOverrides = { look: { approval: 'ask' }, touch: { approval: 'auto', offer: false } } as const;

  it('are listed as its row decides about them, though it is not connected', async () => {
    expect((await open().tools(row({ toolOverrides }), [])).tools).toMatchObject([
      {
        name: 'look',
        fullName: 'web__look',
        description: 'Looks.',
        hints: { readOnlyHint: true, destructiveHint: undefined, openWorldHint: undefined },
        effect: 'read',
        isOffered: true,
        asks: true,
        override: { approval: 'ask' },
      },
      {
        name: 'touch',
        fullName: 'web__touch',
        description: 'Touches.',
        hints: { readOnlyHint: undefined, destructiveHint: undefined, openWorldHint: undefined },
        effect: 'write',
        isOffered: false,
        asks: false,
        override: { approval: 'auto', offer: false },
      },
    ]);
    expect(pool.states()).toEqual([]);
  });

  it('are those of the session where there is one, which need no other', async () => {
    const servers = open();
    servers.use({ servers: [row({ toolOverrides })] });
    await servers.ready(10_000);
    expect(pool.tools().map((tool) => [tool.name, tool.approval])).toEqual([['web__look', 'ask']]);
    await server.close();
    expect((await servers.tools(row({ toolOverrides: {} }), [])).tools.map((tool) => tool.asks)).toEqual([
      false,
      true,
    ]);
  });

  it('always ask where they destroy', async () => {
    const destroys = { touch: { effect: 'destructive', approval: 'auto' } } as const;
    expect((await open().tools(row({ toolOverrides: destroys }), [])).tools.at(1)).toMatchObject({
      effect: 'destructive',
      asks: true,
    });
  });

  it('cannot be listed of a server that is away or may not run; the error says why', async () => {
    const { command, args } = everythingOverStdio();
    const refused = open().tools(row({ protocol: 'stdio', command, args }), []);
    await expect(refused).rejects.toThrow('AI_OPS_STDIO_ALLOW');
    await server.close();
    await expect(open().tools(row(), [])).rejects.toThrow(/^Nothing listens at its address/);
  });
});

describe('a secret that was replaced', () => {
  it('reaches the server that uses it, and only that one is connected anew', async () => {
    let secret = 'old';
    const log = memoryLog();
    const servers = open({
      log,
      resolveValues: async (values) =>
        Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name, value.replace('env:X_KEY', secret)]),
        ),
    });
    const rows = [
      row({ headers: { 'x-key': 'env:X_KEY' } }),
      row({ id: '2', name: 'plain', headers: {} }),
      row({ id: '3', name: 'refused', protocol: 'stdio', command: '/no/such' }),
    ];
    servers.use({ servers: rows });
    const connected = () =>
      pool.log.entries.flatMap(({ event, fields }) => (event === 'mcp_connected' ? [fields.server] : []));
    await expect.poll(() => connected().toSorted()).toEqual(['plain', 'web']);
    servers.refresh();
    secret = 'new';
    servers.refresh();
    await expect.poll(() => connected().toSorted()).toEqual(['plain', 'web', 'web']);
    expect(log.entries.filter(({ event }) => event === 'server_refused')).toHaveLength(1);
  });

  it('closes nothing that works when it cannot be looked up just now', async () => {
    let isDown = false;
    const servers = open({
      async resolveValues(values) {
        if (isDown) throw new Error('Vault cannot be reached.');
        return values;
      },
    });
    servers.use({ servers: [row({ headers: {} })] });
    await servers.ready(10_000);
    expect(pool.tools()).toHaveLength(2);
    isDown = true;
    servers.refresh();
    servers.use({ servers: [row({ headers: {} }), row({ id: '2', name: 'new', headers: {} })] });
    await servers.ready(10_000);
    await expect.poll(() => servers.checks().new).toMatchObject({ status: 'failed' });
    expect(pool.tools().map(({ source }) => source)).toEqual(['web', 'web']);
  });
});

describe('a program outside LAB', () => {
  const refuse = (command: string, args: readonly string[], variables: readonly string[] = []) =>
    refusalOfProgram(
      { command, args, variables },
      { isFree: false, allowed: ['/usr/bin/mcp', '/usr/bin/npx -y server'] },
    );

  it('runs when its command is allowed, or its command with the arguments that it begins with', () => {
    expect(refuse('/usr/bin/mcp', ['--any'])).toBeUndefined();
    expect(refuse('/usr/bin/npx', ['-y', 'server', '/srv'])).toBeUndefined();
    expect(refuse('/usr/bin/npx', ['-y', 'other'])).toContain('AI_OPS_STDIO_ALLOW');
    expect(refuse('/bin/sh', ['-c', 'id'])).toContain('AI_OPS_STDIO_ALLOW');
  });

  it.each(['NODE_OPTIONS', 'LD_PRELOAD', 'PATH', 'PYTHONPATH', 'BASH_ENV', 'node_options'])(
    'gets no variable that steers it: %s',
    (name) => {
      expect(refuse('bundled', ['host'], [name])).toContain(name);
      expect(refuse('/usr/bin/mcp', [], ['K8S_TOKEN', name])).toContain(name);
    },
  );

  it('is refused even when it is stored', async () => {
    const evil = row({
      protocol: 'stdio',
      command: 'bundled',
      args: ['../../../tmp/evil'],
      env: {},
      headers: {},
    });
    const check = await open().check(evil);
    expect(check).toMatchObject({ healthy: false, message: 'The bot brings no such server along.' });
  });
});
