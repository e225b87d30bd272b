import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type Server } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { type GuardOptions, guardedFetch, RefusedError } from '../../src/tools/guarded-fetch.ts';
import type { Reach } from '../../src/tools/port.ts';
import { freePort, listen } from './mcp/helpers.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
const trustedByNode = getCACertificates('default');

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  setDefaultCACertificates(trustedByNode);
});

async function open(server: Server & { closeAllConnections(): void }): Promise<number> {
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return await listen(server);
}

const serve = async (listener: RequestListener) => `http://127.0.0.1:${await open(createServer(listener))}`;
const serveSecure = (listener: RequestListener) =>
  open(createSecureServer({ key: fixture('localhost.key'), cert: fixture('localhost.crt') }, listener));

const fetchAs = (reach: Reach, options: Partial<GuardOptions> = {}) =>
  guardedFetch({ environment: {}, ...options })(reach);

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return error;
}

describe('a request to an internal server', () => {
  it('carries method, headers and body, and brings back status, headers and body', async () => {
    const url = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      response
        .writeHead(201, { 'x-seen': `${request.method} ${request.headers['x-key']}` })
        .end(`got ${body}`);
    });
    const init = { method: 'POST', headers: { 'x-key': 'k' }, body: 'äöü' };
    const response = await fetchAs('internal')(url, init);
    expect(response.status).toBe(201);
    expect(response.headers.get('x-seen')).toBe('POST k');
    expect(await response.text()).toBe('got äöü');
  });

  it('fails as fetch does when nothing listens', async () => {
    const error = await failureOf(fetchAs('internal')(`http://127.0.0.1:${await freePort()}/`));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNREFUSED' } });
  });

  it('ends with the reason of its signal, also in the middle of the body', async () => {
    const url = await serve((_request, response) => {
      response.write('begun');
    });
    const controller = new AbortController();
    const response = await fetchAs('internal')(url, { signal: controller.signal });
    const reading = failureOf(response.text());
    controller.abort(new Error('enough'));
    expect((await reading).message).toBe('enough');
    const never = failureOf(fetchAs('internal')(url, { signal: AbortSignal.abort(new Error('before')) }));
    expect((await never).message).toBe('before');
  });

  it('ends when the server is silent for too long', async () => {
    const url = await serve(() => {});
    const error = await failureOf(fetchAs('internal', { silentMs: 100 })(url));
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ETIMEDOUT' } });
  });
});

describe('what is never reached', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://[::ffff:169.254.169.254]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/',
  ])('%s, not even as internal', async (url) => {
    const error = await failureOf(fetchAs('internal')(url));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.message).toContain('link-local or cloud metadata');
  });

  it.each([
    'https://127.0.0.1/',
    'https://10.1.2.3/',
    'https://[::1]/',
    'https://[fd12::1]/',
    'https://0x7f.1/',
  ])('%s as external', async (url) => {
    const error = await failureOf(fetchAs('external')(url));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.message).toContain('a private address');
  });

  it('an external server over http', async () => {
    const error = await failureOf(fetchAs('external')('http://mcp.example.com/'));
    expect(error.message).toContain('its URL must begin with https://');
  });

  it('an external name that stands for a private address: no connection is made', async () => {
    let connections = 0;
    const server = createSecureServer({ key: fixture('localhost.key'), cert: fixture('localhost.crt') });
    server.on('connection', () => {
      connections += 1;
    });
    const port = await open(server);
    const error = await failureOf(fetchAs('external')(`https://localhost:${port}/`));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.message).toMatch(/^its name localhost stands for (127\.0\.0\.1|::1), a private address/);
    expect(connections).toBe(0);
  });

  it('a URL with a password, which is not repeated', async () => {
    const error = await failureOf(fetchAs('internal')('http://user:hunter22@127.0.0.1/'));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.message).not.toContain('hunter22');
  });
});

describe('TLS', () => {
  it('is verified, against the CAs that this process trusts', async () => {
    const port = await serveSecure((_request, response) => response.end('secure'));
    const url = `https://localhost:${port}/`;
    const error = await failureOf(fetchAs('internal')(url));
    expect(error).toMatchObject({ cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    setDefaultCACertificates([...trustedByNode, fixture('localhost.crt').toString()]);
    expect(await (await fetchAs('internal')(url)).text()).toBe('secure');
  });
});

describe('redirects', () => {
  async function twoServers() {
    const visits: string[] = [];
    const other = await serve((request, response) => {
      visits.push(`other ${request.url}`);
      response.end('other');
    });
    const url = await serve((request, response) => {
      visits.push(`own ${request.url} ${request.headers['x-key']}`);
      if (request.url === '/out') response.writeHead(302, { location: `${other}/stolen` }).end();
      else if (request.url === '/round') response.writeHead(302, { location: '/round' }).end();
      else if (request.url === '/in') response.writeHead(307, { location: '/there' }).end();
      else response.end('there');
    });
    return { visits, url };
  }
  const headers = { 'x-key': 'k' };

  it('are followed within the origin', async () => {
    const { url, visits } = await twoServers();
    expect(await (await fetchAs('internal')(`${url}/in`, { headers })).text()).toBe('there');
    expect(visits).toEqual(['own /in k', 'own /there k']);
  });

  it('are not followed to another origin', async () => {
    const { url, visits } = await twoServers();
    expect((await fetchAs('internal')(`${url}/out`, { headers })).status).toBe(302);
    expect(visits).toEqual(['own /out k']);
  });

  it('are left alone when the caller wants to look at them, and given up when they go round', async () => {
    const { url, visits } = await twoServers();
    const manual = await fetchAs('internal')(`${url}/in`, { redirect: 'manual' });
    expect(manual.status).toBe(307);
    expect((await fetchAs('internal')(`${url}/round`)).status).toBe(302);
    expect(visits).toHaveLength(7);
  });
});

describe('a long answer', () => {
  const maxBytes = 1_000;

  it('is cut off', async () => {
    const url = await serve((_request, response) => response.end('x'.repeat(5_000)));
    const response = await fetchAs('internal', { maxBytes })(url);
    const error = await failureOf(response.text());
    expect(error).toMatchObject({
      message: 'terminated',
      cause: { message: expect.stringContaining('it sent more than') },
    });
  });

  it('may be a stream of many events, each of them short', async () => {
    const event = `data: ${'x'.repeat(300)}\r\n\r\n`;
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      for (let sent = 0; sent < 20; sent += 1) response.write(event);
      response.end();
    });
    expect(await (await fetchAs('internal', { maxBytes })(url)).text()).toBe(event.repeat(20));
  });

  it('may not be a stream with one endless event', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: short\n\n');
      for (let sent = 0; sent < 20; sent += 1) response.write(`data: ${'x'.repeat(300)}\n`);
    });
    const response = await fetchAs('internal', { maxBytes })(url);
    expect((await failureOf(response.text())).message).toBe('terminated');
  });
});

describe('a proxy', () => {
  async function startProxy() {
    const seen: string[] = [];
    const target = await serveSecure((_request, response) => response.end('secure'));
    const proxy = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end('by proxy');
    });
    proxy.on('connect', (request, socket) => {
      seen.push(`CONNECT ${request.url}`);
      const onward = connect(target, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    return { seen, url: `http://127.0.0.1:${await open(proxy)}` };
  }

  it('carries requests to other machines; TLS is with the server itself', async () => {
    const { seen, url } = await startProxy();
    setDefaultCACertificates([...trustedByNode, fixture('localhost.crt').toString()]);
    const error = await failureOf(
      fetchAs('external', { environment: { HTTPS_PROXY: url } })('https://mcp.example.com/'),
    );
    expect(seen).toEqual(['CONNECT mcp.example.com:443']);
    expect(error).toMatchObject({ cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
    const plain = await fetchAs('internal', { environment: { http_proxy: url } })('http://mcp.internal/x');
    expect(await plain.text()).toBe('by proxy');
    expect(seen.at(-1)).toBe('GET http://mcp.internal/x');
  });

  it('is no way to an address that may not be reached', async () => {
    const { seen, url } = await startProxy();
    const environment = { HTTPS_PROXY: url, HTTP_PROXY: url };
    for (const target of ['https://10.0.0.1/', 'https://localhost/', 'https://127.0.0.1/']) {
      expect(await failureOf(fetchAs('external', { environment })(target))).toBeInstanceOf(RefusedError);
    }
    const metadata = fetchAs('internal', { environment })('http://169.254.169.254/');
    expect(await failureOf(metadata)).toBeInstanceOf(RefusedError);
    expect(seen).toEqual([]);
  });

  it.each(['proxy 3128', 'socks5://proxy:1080'])(
    '“%s” is no proxy, and nothing goes past it',
    async (proxy) => {
      const environment = { HTTP_PROXY: proxy };
      const url = await serve((_request, response) => response.end('reached'));
      const error = await failureOf(fetchAs('internal', { environment })(url));
      expect(error).toBeInstanceOf(RefusedError);
      expect(error.message).toContain('HTTP_PROXY');
    },
  );

  it('may be named without http://', async () => {
    const { seen, url } = await startProxy();
    const environment = { HTTP_PROXY: url.replace('http://', '') };
    await fetchAs('internal', { environment })('http://mcp.internal/x');
    expect(seen).toEqual(['GET http://mcp.internal/x']);
  });

  it('is not asked for this machine, nor for what NO_PROXY names', async () => {
    const { seen, url } = await startProxy();
    const server = await serve((_request, response) => response.end('direct'));
    const environment = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: 'mcp.invalid' };
    expect(await (await fetchAs('internal', { environment })(server)).text()).toBe('direct');
    const onV6 = fetchAs('internal', { environment })(`http://[::1]:${await freePort()}/`);
    expect(await failureOf(onV6)).toMatchObject({ cause: { syscall: 'connect' } });
    const named = await failureOf(fetchAs('internal', { environment })('http://mcp.invalid/'));
    expect(named).toMatchObject({ cause: { syscall: 'getaddrinfo' } });
    expect(seen).toEqual([]);
  });
});
