import type { Gate, Identity } from '../../chat/identity.ts';
import { reachable } from '../../chat/reachable.ts';
import type { Route, RouteRequest, RouteResponse } from '../../chat/route.ts';
import type { Caller } from '../../resources/definition.ts';
import type { Resources } from '../../resources/manage.ts';
import { Refusal } from '../refusal.ts';
import { refuseUnfitText } from './body.ts';
import { type Query, readQuery } from './query.ts';

/** What all parts of the REST API share. */
export interface RestContext {
  readonly resources: Resources;
  readonly gate: Gate;
  /** Where people and programs reach the bot; without it, where the request was sent to. */
  readonly publicUrl?: string | undefined;
}

/** A request of a known caller. */
export interface Call {
  readonly request: RouteRequest;
  readonly identity: Identity;
  readonly by: Caller;
  readonly query: Query;
  /** The bot's own address, without a slash at the end. */
  readonly base: string;
}

/** One path of the REST API. */
export interface RestRoute {
  readonly method: Route['method'];
  /** With a slash at the end. */
  readonly path: string;
  handle(call: Call): Promise<RouteResponse>;
}

/** The headers of all answers under `/api/`; the version is what clients of Nautobot look for. */
export const apiHeaders = {
  'api-version': '2.0',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;

/** Puts authentication and the reading of the query around a handler; with and without the last slash. */
export function restRoute(context: RestContext, { method, path, handle }: RestRoute): readonly Route[] {
  const inReach = reachable(handle);
  const answer = async (request: RouteRequest): Promise<RouteResponse> => {
    const identity = await context.gate.identify(request);
    if (identity === undefined) throw unauthenticated();
    for (const value of Object.values(request.params)) refuseUnfitText(value);
    return await inReach({
      request,
      identity,
      by: callerOf(identity, request),
      query: readQuery(request.url),
      base: baseOf(context, request),
    });
  };
  const route = { method, headers: apiHeaders, isLimited: true, handle: answer } as const;
  return [path, path.slice(0, -1)].map((one) => ({ ...route, path: one }));
}

/** Who sends a request, as resources know them. */
export function callerOf(
  { author, permissions, via }: Identity,
  request: Pick<RouteRequest, 'remoteAddress'>,
): Caller {
  const source = via === 'session' ? 'console' : 'rest';
  return { author, permissions, source, address: request.remoteAddress };
}

/** Throws the answer 401. */
function unauthenticated(): Refusal {
  return new Refusal(
    { status: 401, code: 'unauthenticated' },
    'Send "Authorization: Token <token>" with a valid token, or sign in to the console.',
    { 'www-authenticate': 'Token' },
  );
}

/** Refuses, and notes, whoever lacks a permission that belongs to no resource. */
export function permitCall(context: RestContext, { identity, request }: Call, permission: string): void {
  if (identity.permissions.has(permission)) return;
  context.gate.denied({ identity, permission, request });
  throw new Refusal(
    { status: 403, code: 'forbidden' },
    `This needs the permission ${permission}; ask an administrator to grant it.`,
  );
}

/** A client may say any host; only what can be one is repeated. */
function baseOf({ publicUrl }: RestContext, { headers }: RouteRequest): string {
  if (publicUrl !== undefined) return publicUrl.replace(/\/$/, '');
  const host = headers.host ?? '';
  return `http://${/^[A-Za-z0-9.:_[\]-]{1,255}$/.test(host) ? host : 'localhost'}`;
}

/** A JSON answer. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): RouteResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}
