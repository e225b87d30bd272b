import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import cookie from '@fastify/cookie';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Route, RouteRequest, RouteResponse } from '../chat/route.ts';
import type { Log } from '../observe/port.ts';
import { explain } from './explain.ts';
import { type RateLimitHooks, type RateLimits, rateLimits } from './rate-limits.ts';

export interface HttpOptions {
  readonly routes: readonly Route[];
  readonly log: Log;
  /** Errors carry their details; in LAB only. */
  readonly showDetails: boolean;
  /** Of the routes that ask for limits. */
  readonly limits?: RateLimits;
}

export interface HttpServer {
  /** The address it listens on. Rejects with `ListenError`. */
  listen(host: string, port: number): Promise<string>;
  /** Ends streams and lets requests finish. */
  close(): Promise<void>;
}

/** The address cannot be listened on. One sentence that says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const defaultBodyLimit = 1024 * 1024;
/** How long clients may take to read their last answers once the server closes. */
const lastWordsMs = 1000;

/** The bot's one HTTP server: knows routes, and no platform. */
export async function createHttpServer(options: HttpOptions): Promise<HttpServer> {
  const { routes, log, showDetails } = options;
  const closing = new AbortController();
  const app = fastify({
    logger: false,
    routerOptions: { maxParamLength: 1024 },
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply, { log, showDetails }),
  });
  await app.register(cookie);
  const limits = await rateLimits(app, options.limits);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, { log, showDetails }));
  app.setNotFoundHandler((request, reply) => answerUnknown(routes, request, reply));
  for (const route of routes) mount(app, route, { closing: closing.signal, limits, log });
  return {
    async listen(host, port) {
      try {
        return await app.listen({ host, port });
      } catch (error) {
        throw new ListenError(cannotListen(host, port, error), { cause: error });
      }
    },
    async close() {
      closing.abort();
      const force = setTimeout(() => app.server.closeAllConnections(), lastWordsMs);
      await app.close();
      clearTimeout(force);
    },
  };
}

function cannotListen(host: string, port: number, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${host} is in use by another program. Stop it, or set PORT.`;
  if (code === 'EACCES')
    return `Port ${port} needs more rights than this user has. Set PORT to a number above 1023.`;
  if (code === 'EADDRNOTAVAIL') return `HOST ${host} is not an address of this machine. Set HOST.`;
  return `The bot cannot listen on ${host}:${port} (${error instanceof Error ? error.message : String(error)}).`;
}

interface Mounting {
  readonly closing: AbortSignal;
  readonly limits: RateLimitHooks;
  readonly log: Log;
}

function mount(app: FastifyInstance, route: Route, { closing, limits, log }: Mounting): void {
  const { isLimited = false } = route;
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.bodyLimitBytes ?? defaultBodyLimit,
    onRequest: async (request, reply) => {
      reply.headers(route.headers ?? {});
      if (isLimited !== false) await limits.before(request, reply, isLimited);
      if (route.admit === undefined || !mayBeLarge(request)) return undefined;
      const refused = await route.admit(toRouteRequest(request, reply, closing));
      if (refused === undefined) return undefined;
      // What the caller still sends is not waited for.
      reply.header('connection', 'close');
      return await send(reply, refused, log);
    },
    // Before the answer goes out, so that the next request already counts with it.
    onSend: async (request, reply, payload) => {
      if (isLimited !== false) await limits.after(request, reply);
      return payload;
    },
    handler: async (request, reply) => {
      const response = await route.handle(toRouteRequest(request, reply, closing));
      // A stream goes past the hook above.
      if (isLimited !== false && isStream(response.body)) await limits.after(request, reply);
      return send(reply, response, log);
    },
  });
}

const largeBytes = 256 * 1024;

function mayBeLarge({ headers }: FastifyRequest): boolean {
  return !(Number(headers['content-length'] ?? Number.NaN) <= largeBytes);
}

function toRouteRequest(request: FastifyRequest, reply: FastifyReply, closing: AbortSignal): RouteRequest {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return {
    method: request.method,
    url: request.url,
    headers: flat(request.headers),
    params: flatDefined(request.params),
    query: flat(request.query),
    cookies: request.cookies,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    remoteAddress: request.ip,
    signal: AbortSignal.any([gone.signal, closing]),
  };
}

/** Repeated headers and parameters are joined, as HTTP allows for lists. */
function flat(values: unknown): Record<string, string | undefined> {
  if (typeof values !== 'object' || values === null) return {};
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(', ') : text(value),
    ]),
  );
}

function flatDefined(values: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(flat(values)).map(([key, value]) => [key, value ?? '']));
}

function text(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}

async function send(reply: FastifyReply, response: RouteResponse, log: Log): Promise<FastifyReply> {
  const { status, headers = {}, body } = response;
  if (isStream(body)) return await stream(reply, { ...response, body }, log);
  reply.status(status);
  for (const [name, value] of Object.entries(headers)) reply.header(name, mutable(value));
  return reply.send(body);
}

function isStream(body: RouteResponse['body']): body is AsyncIterable<string> {
  return body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body);
}

function mutable(value: string | readonly string[]): string | string[] {
  return typeof value === 'string' ? value : [...value];
}

/** The headers go out at once: whoever follows a stream learns that it stands before the first event comes. */
async function stream(
  reply: FastifyReply,
  { status, headers = {}, body }: RouteResponse & { readonly body: AsyncIterable<string> },
  log: Log,
) {
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(headers)) reply.header(name, mutable(value));
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(status);
  raw.flushHeaders();
  await pipeline(Readable.from(body), raw).catch((error: unknown) => {
    raw.destroy();
    if (!isGone(error)) log.error('stream_failed', { path: reply.request.url.split('?')[0], error });
  });
  return reply;
}

/** The reader left before the end. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

interface Edge {
  readonly log: Log;
  readonly showDetails: boolean;
}

async function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  edge: Edge,
): Promise<FastifyReply> {
  const { status, code, headers = {}, ...explained } = explain(error, edge.showDetails);
  const fields = {
    method: request.method,
    path: request.url.split('?')[0],
    status,
    reference_id: request.id,
  };
  if (status >= 500) edge.log.error('request_failed', { ...fields, error });
  else edge.log.info('request_refused', { ...fields, code });
  reply.status(status).headers(headers);
  if ('problems' in explained) return reply.send(explained.problems);
  return reply.send({ detail: explained.detail, code, reference_id: request.id });
}

function answerUnknown(routes: readonly Route[], request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?')[0] ?? '';
  const methods = [
    ...new Set(routes.filter((route) => matches(route.path, path)).map((route) => route.method)),
  ];
  if (methods.length > 0) {
    const body = {
      detail: `${request.method} is not possible here.`,
      code: 'method_not_allowed',
      reference_id: request.id,
    };
    return reply.status(405).header('allow', methods.join(', ')).send(body);
  }
  return reply
    .status(404)
    .send({ detail: 'There is nothing at this path.', code: 'not_found', reference_id: request.id });
}

function matches(pattern: string, path: string): boolean {
  const parts = (text: string) => text.split('/').filter((part) => part !== '');
  const [wanted, given] = [parts(pattern), parts(path)];
  if (wanted.at(-1) === '*') return wanted.slice(0, -1).every((part, at) => part === given[at]);
  return (
    wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at])
  );
}
