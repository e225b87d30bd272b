import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Budgets } from './budgets.ts';
import { answer, operationOf } from './connector.ts';
import type { Answer, Request } from './exchange.ts';
import type { Fault, Faults, Operation } from './faults.ts';
import { type Json, parsed, record } from './json.ts';
import { TeamsRefusal } from './refusal.ts';
import { placeOf, type TeamsTenant } from './state.ts';

/** A call as the server saw it. */
export interface RecordedCall {
  readonly operation: Operation;
  readonly method: string;
  /** With its query, decoded. */
  readonly path: string;
  readonly body: Json;
  /** Milliseconds since 1970, on the clock that tests move. */
  readonly at: number;
  /** `ok`, or the code of what was wrong. */
  readonly outcome: string;
}

export interface HttpApiOptions {
  readonly tenant: TeamsTenant;
  /** Bearers of the bot. */
  readonly tokens: ReadonlySet<string>;
  readonly faults: Faults;
  readonly budgets: Budgets;
  readonly calls: RecordedCall[];
}

/** Answers `v3/…`: who asks, how often, what goes wrong, and only then what is asked. */
export function createHttpApi(options: HttpApiOptions) {
  const { tenant, faults, budgets, calls } = options;

  return async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    body: Buffer,
  ): Promise<void> {
    if (!isBot(request, options)) return unauthorised(response);
    const asked = requestOf(request, url, body);
    const operation = operationOf(asked);
    if (operation === undefined)
      return refused(
        response,
        new TeamsRefusal(404, 'NotFound', `There is no ${request.method} ${url.pathname}.`),
      );
    const note = (outcome: string) => {
      const path = `${decodeURIComponent(url.pathname)}${url.search}`;
      calls.push({ operation, method: asked.method, path, body: asked.body, at: tenant.now(), outcome });
    };
    const fault = faults.take(operation);
    if (fault?.latencyMs !== undefined) await sleep(fault.latencyMs);
    if (fault?.type === 'cut_before') {
      note('cut_before');
      return void request.socket.destroy();
    }
    try {
      failFirst(fault);
      budgets.spend(operation === 'members' || operation === 'member' ? 'ask' : 'write', laneOf(asked));
      const given = answer(tenant, operation, asked);
      failAfter(fault);
      note(fault?.type === 'cut_after' ? 'cut_after' : 'ok');
      if (fault?.type === 'cut_after') return void request.socket.destroy();
      reply(response, given);
    } catch (error) {
      if (!(error instanceof TeamsRefusal)) throw error;
      note(error.code);
      refused(response, error);
    }
  };
}

export function isBot(
  request: IncomingMessage,
  { tokens, faults }: Pick<HttpApiOptions, 'tokens' | 'faults'>,
): boolean {
  const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && tokens.has(token) && !faults.isRevoked;
}

function requestOf(request: IncomingMessage, url: URL, body: Buffer): Request {
  const [, ...path] = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  return {
    method: request.method ?? 'GET',
    path,
    query: url.searchParams,
    body: record(parsed(body.toString())),
  };
}

/** What is counted together: a conversation with its thread, or the creations of one channel. */
function laneOf({ path, body }: Request): string {
  const id = path[1];
  if (id !== undefined) return placeOf(id).root === undefined ? placeOf(id).base : id;
  return `new:${JSON.stringify(record(body.channelData).channel ?? body.members ?? '')}`;
}

const asWished = 'As the test wished.';

const gateway: Readonly<Record<number, string>> = {
  412: 'PreconditionFailed',
  500: 'ServiceError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};

function failFirst(fault: Fault | undefined): void {
  if (fault?.type === 'rate_limit')
    throw new TeamsRefusal(429, 'TooManyRequests', 'API calls quota exceeded', fault.seconds ?? 1);
  if (fault?.type === 'error')
    throw new TeamsRefusal(fault.status ?? 403, fault.code ?? 'Forbidden', fault.message ?? asWished);
  if (fault?.isDone !== true) failAfter(fault);
}

function failAfter(fault: Fault | undefined): void {
  if (fault?.type !== 'http') return;
  const status = fault.status ?? 500;
  throw new TeamsRefusal(status, gateway[status] ?? 'ServiceError', asWished);
}

function reply(response: ServerResponse, { status, body }: Answer): void {
  if (body === undefined) return void response.writeHead(status).end();
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

function refused(response: ServerResponse, { status, code, message, retryAfter }: TeamsRefusal): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
  reply(response, { status, body: { error: { code, message } } });
}

function unauthorised(response: ServerResponse): void {
  reply(response, { status: 401, body: { message: 'Authorization has been denied for this request.' } });
}
