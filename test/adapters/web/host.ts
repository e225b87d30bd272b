import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Route, RouteRequest, RouteResponse } from '../../../src/chat/route.ts';

export interface Host {
  readonly url: string;
  close(): Promise<void>;
}

interface MountedRoute {
  readonly route: Route;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

/** Serves Routes on a loopback port, as the bot's HTTP server does. */
export async function listen(routes: readonly Route[], port = 0): Promise<Host> {
  const mounted = routes.map(mount);
  const server = createServer((request, response) => {
    serve(mounted, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500).end();
      else response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function mount(route: Route): MountedRoute {
  const names = [...route.path.matchAll(/:(\w+)|\*/g)].map(([whole, name]) => name ?? whole);
  const source = route.path.replaceAll(/:\w+/g, '([^/]+)').replace('*', '(.*)');
  return { route, names, pattern: new RegExp(`^${source}$`) };
}

async function serve(mounted: readonly MountedRoute[], request: IncomingMessage, response: ServerResponse) {
  const [path = ''] = (request.url ?? '').split('?');
  const found = mounted.find(({ route, pattern }) => route.method === request.method && pattern.test(path));
  if (!found) return response.writeHead(404).end();
  const body = await buffer(request);
  if (body.length > (found.route.bodyLimitBytes ?? 1_048_576)) return response.writeHead(413).end();
  const leaving = new AbortController();
  response.on('close', () => leaving.abort());
  const answer = await found.route.handle(
    toRouteRequest(found, { request, path, body, signal: leaving.signal }),
  );
  return await send(answer, response);
}

function toRouteRequest(
  { pattern, names }: MountedRoute,
  input: { request: IncomingMessage; path: string; body: Buffer; signal: AbortSignal },
): RouteRequest {
  const { request, path, body, signal } = input;
  const values = pattern.exec(path)?.slice(1) ?? [];
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]),
    ),
    params: Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')])),
    query: Object.fromEntries(new URL(request.url ?? '', 'http://host').searchParams),
    cookies: cookiesOf(request.headers.cookie ?? ''),
    body,
    remoteAddress: request.socket.remoteAddress ?? '',
    signal,
  };
}

function cookiesOf(header: string): Record<string, string> {
  const pairs = header.split('; ').filter(Boolean);
  return Object.fromEntries(pairs.map((pair) => pair.split('=').map(decodeURIComponent)));
}

async function send({ status, headers = {}, body }: RouteResponse, response: ServerResponse) {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.writeHead(status);
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) return response.end(body);
  response.flushHeaders();
  return await pipeline(Readable.from(body), response).catch(() => undefined);
}
