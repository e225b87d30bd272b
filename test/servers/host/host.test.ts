import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { hostname, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { JsonObject } from '../../../src/agent/json.ts';
import { call, freePort, listen, stdioServer, testPool } from '../../tools/mcp/helpers.ts';

const main = fileURLToPath(new URL('../../../src/servers/host/main.ts', import.meta.url));
const fixture = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url));
const pool = testPool();
const servers: Server[] = [];

async function web(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  return await listen(server);
}

async function secureWeb(): Promise<number> {
  const server = createSecureServer(
    { key: fixture('localhost.key'), cert: fixture('localhost.crt') },
    (_request, response) => {
      response.end('secret');
    },
  );
  servers.push(server);
  return await listen(server);
}

async function ok<T extends z.ZodType>(
  tool: string,
  args: JsonObject,
  schema: T,
): Promise<z.output<T> & { text: string }> {
  const outcome = await call(pool, `host__${tool}`, args);
  expect(outcome).toMatchObject({ isError: false });
  return Object.assign(z.looseObject({}).parse(outcome.structured), schema.parse(outcome.structured), {
    text: outcome.text,
  });
}

async function refused(tool: string, args: JsonObject): Promise<string> {
  const outcome = await call(pool, `host__${tool}`, args);
  expect(outcome.isError).toBe(true);
  return outcome.text;
}

beforeAll(async () => {
  await pool.use([stdioServer('host', process.execPath, [main])]);
});
afterAll(async () => {
  await pool.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

test('offers nine tools, all of which only read', () => {
  expect(pool.tools().map((tool) => tool.sourceName)).toEqual([
    'cpu_load',
    'disk_usage',
    'dns_lookup',
    'http_check',
    'memory',
    'network_interfaces',
    'processes',
    'tcp_check',
    'tls_certificate',
  ]);
  expect(pool.tools().every((tool) => tool.effect === 'read' && tool.description.length > 40)).toBe(true);
});

test('cpu_load measures', async () => {
  const load = await ok(
    'cpu_load',
    { sample_ms: 150 },
    z.object({ cores: z.number(), utilisation_percent: z.number(), per_core_percent: z.array(z.number()) }),
  );
  expect(load.utilisation_percent).toBeGreaterThanOrEqual(0);
  expect(load.utilisation_percent).toBeLessThanOrEqual(100);
  expect(load.per_core_percent).toHaveLength(load.cores);
  expect(load.text).toMatch(/^CPU [\d.]+ % busy over 150 ms/);
});

test('memory adds up', async () => {
  const memory = await ok(
    'memory',
    {},
    z.object({ total_bytes: z.number(), available_bytes: z.number(), used_bytes: z.number() }),
  );
  expect(memory.total_bytes).toBe(totalmem());
  expect(memory.used_bytes + memory.available_bytes).toBe(memory.total_bytes);
});

test('disk_usage knows the file system of the root, and that of a path', async () => {
  const schema = z.object({
    file_systems: z.array(z.object({ mount: z.string(), size_bytes: z.number(), used_percent: z.number() })),
  });
  const all = await ok('disk_usage', {}, schema);
  expect(all.file_systems.length).toBeGreaterThan(0);
  for (const item of all.file_systems) expect(item.used_percent).toBeLessThanOrEqual(100);
  const one = await ok('disk_usage', { mount: '/usr/lib' }, schema);
  expect(one.file_systems).toHaveLength(1);
  expect(await refused('disk_usage', { mount: 'usr' })).toContain('give an absolute path');
});

test('processes finds a busy one by name, and tells no command line', async () => {
  const busy = spawn(process.execPath, ['-e', 'for (;;);', 'password=hunter2']);
  try {
    const schema = z.object({
      processes: z.array(
        z.object({ pid: z.number(), cpu_percent: z.number(), memory_bytes: z.number(), user: z.string() }),
      ),
    });
    const byCpu = await ok('processes', { sort_by: 'cpu', limit: 100 }, schema);
    const found = byCpu.processes.find((item) => item.pid === busy.pid);
    expect(found?.cpu_percent).toBeGreaterThan(10);
    expect(found?.memory_bytes).toBeGreaterThan(1_000_000);
    const byMemory = await ok('processes', { sort_by: 'memory', limit: 3 }, schema);
    expect(byMemory.processes.map((item) => item.memory_bytes)).toEqual(
      byMemory.processes.map((item) => item.memory_bytes).toSorted((a, b) => b - a),
    );
    expect(JSON.stringify([byCpu, byMemory])).not.toContain('hunter2');
  } finally {
    busy.kill('SIGKILL');
  }
});

test('network_interfaces knows the loopback', async () => {
  const found = await ok(
    'network_interfaces',
    {},
    z.object({ interfaces: z.array(z.object({ internal: z.boolean(), addresses: z.array(z.string()) })) }),
  );
  expect(found.interfaces).toContainEqual(
    expect.objectContaining({ internal: true, addresses: expect.arrayContaining(['127.0.0.1/8']) }),
  );
});

test('dns_lookup resolves as the host does, and says when there is nothing', async () => {
  const schema = z.object({ found: z.boolean(), records: z.array(z.string()) });
  expect(await ok('dns_lookup', { name: 'localhost' }, schema)).toMatchObject({
    found: true,
    records: expect.arrayContaining(['127.0.0.1']),
  });
  expect(await ok('dns_lookup', { name: hostname() }, schema)).toMatchObject({ found: true });
  expect(await ok('dns_lookup', { name: 'no-such-name.invalid' }, schema)).toMatchObject({
    text: expect.stringMatching(/has no address|failed/),
  });
  expect(await refused('dns_lookup', { name: 'localhost', type: 'PTR' })).toContain('not an IP address');
});

const checkSchema = z.object({
  reachable: z.boolean(),
  status: z.number().optional(),
  redirects: z.number(),
  redirect_to: z.string().optional(),
  body_bytes: z.number().optional(),
  body_cut: z.boolean().optional(),
  code: z.string().optional(),
});

test('http_check tells status and size, and not the content', async () => {
  const port = await web((_request, response) =>
    response.writeHead(503, { 'content-type': 'text/plain' }).end('the secret content'),
  );
  const check = await ok('http_check', { url: `http://127.0.0.1:${port}/health` }, checkSchema);
  expect(check).toMatchObject({
    reachable: true,
    status: 503,
    body_bytes: 18,
    body_cut: false,
    redirects: 0,
  });
  expect(JSON.stringify(check)).not.toContain('secret content');
});

test('http_check follows redirects within the origin and no others', async () => {
  const elsewhere = await web((_request, response) => response.end('elsewhere'));
  const port = await web((request, response) => {
    if (request.url === '/in') response.writeHead(302, { location: '/out' }).end();
    else response.writeHead(302, { location: `http://user:pass@127.0.0.1:${elsewhere}/x` }).end();
  });
  const check = await ok('http_check', { url: `http://127.0.0.1:${port}/in` }, checkSchema);
  expect(check).toMatchObject({ status: 302, redirects: 1, redirect_to: `http://127.0.0.1:${elsewhere}/x` });
});

test('http_check ends an endless redirect, an endless body and a silent server', async () => {
  const loop = await web((_request, response) => response.writeHead(302, { location: '/' }).end());
  expect(await ok('http_check', { url: `http://127.0.0.1:${loop}/` }, checkSchema)).toMatchObject({
    status: 302,
    redirects: 5,
  });
  const flood = await web((_request, response) => {
    const pour = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', pour).on('error', () => {});
    pour();
  });
  expect(await ok('http_check', { url: `http://127.0.0.1:${flood}/` }, checkSchema)).toMatchObject({
    status: 200,
    body_cut: true,
    body_bytes: 1024 * 1024,
  });
  const silent = await web(() => {});
  expect(
    await ok('http_check', { url: `http://127.0.0.1:${silent}/`, timeout_seconds: 0.3 }, checkSchema),
  ).toMatchObject({ reachable: false, code: 'TIMEOUT' });
});

test('http_check says why there is no answer', async () => {
  expect(await ok('http_check', { url: `http://127.0.0.1:${await freePort()}/` }, checkSchema)).toMatchObject(
    { reachable: false, code: 'ECONNREFUSED' },
  );
  const untrusted = await ok('http_check', { url: `https://localhost:${await secureWeb()}/` }, checkSchema);
  expect(untrusted).toMatchObject({
    reachable: false,
    text: expect.stringContaining('tls_certificate tells more'),
  });
  expect(await refused('http_check', { url: 'file:///etc/passwd' })).toContain('http:// or https://');
  expect(await refused('http_check', { url: 'nonsense' })).toContain('is not a URL');
});

test.each([
  'http://169.254.169.254/latest/meta-data/',
  'http://[fe80::1]/',
  'http://2852039166/',
  'http://[::ffff:169.254.169.254]/',
  'https://100.100.100.200/',
])('http_check refuses %s', async (url) => {
  expect(await refused('http_check', { url })).toContain('link-local or cloud metadata address');
});

test('a redirect cannot lead to a metadata address', async () => {
  const port = await web((_request, response) =>
    response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
  );
  expect(await ok('http_check', { url: `http://127.0.0.1:${port}/` }, checkSchema)).toMatchObject({
    status: 302,
    redirects: 0,
    redirect_to: 'http://169.254.169.254/',
  });
});

test('tcp_check tells open from closed, and refuses metadata addresses', async () => {
  const server = createTcpServer((socket) => socket.destroy());
  const port = await listen(server);
  const schema = z.object({ open: z.boolean(), code: z.string().optional() });
  expect(await ok('tcp_check', { host: 'localhost', port }, schema)).toMatchObject({ open: true });
  await new Promise((resolve) => server.close(resolve));
  expect(await ok('tcp_check', { host: '127.0.0.1', port }, schema)).toMatchObject({
    open: false,
    code: 'ECONNREFUSED',
  });
  expect(await ok('tcp_check', { host: 'no-such-name.invalid', port }, schema)).toMatchObject({
    open: false,
    code: 'UNRESOLVED',
  });
  expect(await refused('tcp_check', { host: '169.254.169.254', port: 80 })).toContain('metadata');
  expect(await refused('tcp_check', { host: 'localhost', port: 0 })).toMatch(/port/);
});

test('tls_certificate reads the certificate of a server that is not trusted, and says why', async () => {
  const schema = z.object({
    subject: z.string(),
    names: z.array(z.string()),
    days_left: z.number(),
    authorized: z.boolean(),
    authorization_error: z.string().optional(),
    valid_to: z.string(),
  });
  const port = await secureWeb();
  const certificate = await ok('tls_certificate', { host: 'localhost', port }, schema);
  expect(certificate).toMatchObject({
    subject: 'CN=localhost, O=AI Ops Bot tests',
    names: ['localhost', '127.0.0.1'],
    authorized: false,
  });
  expect(certificate.days_left).toBeGreaterThan(10_000);
  expect(certificate.authorization_error).toMatch(/self.signed/i);
  const plain = await web((_request, response) => response.end());
  expect(await refused('tls_certificate', { host: '127.0.0.1', port: plain })).toContain('No certificate');
  expect(await refused('tls_certificate', { host: '127.0.0.1', port: await freePort() })).toContain(
    'nothing listens',
  );
  expect(await refused('tls_certificate', { host: '169.254.169.254' })).toContain('metadata');
});

test('the program ends promptly when its stdin closes', async () => {
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'inherit'], env: {} });
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })}\n`);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const startedAt = Date.now();
  child.stdin.end();
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(0);
  expect(Date.now() - startedAt).toBeLessThan(10_000);
});
