import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import cookie from '@fastify/cookie';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { BusyError, ForbiddenError, UnavailableError } from '../chat/errors.ts';
import type { Route, RouteRequest, RouteResponse } from '../chat/route.ts';
import type { Log } from '../observe/port.ts';

export interface HttpOptions {
  readonly routes: readonly Route[];
  readonly log: Log;
  /** Errors carry their details; in LAB only. */
  readonly showDetails: boolean;
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
export async function createHttpServer({ routes, log, showDetails }: HttpOptions): Promise<HttpServer> {
  const closing = new AbortController();
  const app = fastify({
    logger: false,
    routerOptions: { maxParamLength: 1024 },
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
  });
  await app.register(cookie);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, { log, showDetails }));
  app.setNotFoundHandler((request, reply) => answerUnknown(routes, request, reply));
  for (const route of routes) mount(app, route, closing.signal);
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

function mount(app: FastifyInstance, route: Route, closing: AbortSignal): void {
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.bodyLimitBytes ?? defaultBodyLimit,
    handler: async (request, reply) =>
      send(reply, await route.handle(toRouteRequest(request, reply, closing))),
  });
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

async function send(reply: FastifyReply, response: RouteResponse): Promise<FastifyReply> {
  const { status, headers = {}, body } = response;
  if (body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body))
    return await stream(reply, response, body);
  reply.status(status);
  for (const [name, value] of Object.entries(headers)) reply.header(name, mutable(value));
  return reply.send(body);
}

function mutable(value: string | readonly string[]): string | string[] {
  return typeof value === 'string' ? value : [...value];
}

/** The headers go out at once: whoever follows a stream learns that it stands before the first event comes. */
async function stream(
  reply: FastifyReply,
  { status, headers = {} }: RouteResponse,
  body: AsyncIterable<string>,
) {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(
    status,
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, mutable(value)])),
  );
  raw.flushHeaders();
  await pipeline(Readable.from(body), raw).catch(() => raw.destroy());
  return reply;
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
  const { status, code, detail, headers = {} } = explain(error, edge.showDetails);
  const fields = {
    method: request.method,
    path: request.url.split('?')[0],
    status,
    reference_id: request.id,
    error,
  };
  if (status >= 500) edge.log.error('request_failed', fields);
  else edge.log.info('request_refused', fields);
  return reply.status(status).headers(headers).send({ detail, code, reference_id: request.id });
}

interface Explained {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function explain(error: unknown, showDetails: boolean): Explained {
  if (error instanceof ForbiddenError) return { status: 403, code: 'forbidden', detail: error.message };
  if (error instanceof BusyError) {
    const headers = { 'retry-after': String(error.retryAfterSeconds) };
    return { status: 429, code: 'busy', detail: error.message, headers };
  }
  if (error instanceof UnavailableError) {
    return { status: 503, code: 'unavailable', detail: error.message, headers: { 'retry-after': '1' } };
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status === 413)
    return { status, code: 'too_large', detail: 'The request body is larger than this path accepts.' };
  if (status >= 400 && status < 500)
    return { status, code: 'bad_request', detail: error instanceof Error ? error.message : 'Bad request.' };
  const detail = showDetails && error instanceof Error ? ` (${error.message})` : '';
  return {
    status: 500,
    code: 'internal',
    detail: `Something went wrong inside the bot${detail}. Its log has the details under the reference id.`,
  };
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
