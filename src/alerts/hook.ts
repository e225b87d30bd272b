import { randomUUID } from 'node:crypto';
import { BusyError } from '../chat/errors.ts';
import { isLocalRequest } from '../chat/local-request.ts';
import { reachable } from '../chat/reachable.ts';
import type { Route, RouteRequest, RouteResponse } from '../chat/route.ts';
import type { Clock } from '../observe/port.ts';
import { readNotification } from './formats.ts';
import { AlertFormatError } from './parts.ts';
import type { AlertRoute, Notification, RefusedAlert } from './port.ts';
import { isProven } from './proof.ts';
import { inTime, type ReceiveParts, receiveAlerts } from './receive.ts';

export interface HookParts extends ReceiveParts {
  /** Throws when the reference leads nowhere. */
  readonly secret: (reference: string) => Promise<string>;
  readonly isLab: boolean;
  readonly clock: Clock;
}

const bodyLimitBytes = 4 * 1024 * 1024;

/** Where senders deliver their alerts: `POST /hooks/alerts/<route>`. */
export function alertsHook(parts: HookParts): Route {
  return {
    method: 'POST',
    path: '/hooks/alerts/:route',
    bodyLimitBytes,
    // Senders that sign share their proxy's address with whoever guesses: each route counts its alerts itself.
    isLimited: 'failures',
    handle: (request) => handle(parts, request),
  };
}

async function handle(parts: HookParts, request: RouteRequest): Promise<RouteResponse> {
  const name = request.params.route ?? '';
  const { store, withinMs = 2000 } = parts;
  const route = await inTime(withinMs, reachable(store.route)({ name }));
  const problem = route === undefined ? undefined : await problemOf(parts, route, request);
  if (route === undefined) return refused(parts, name, await problemOfGone(parts, name, request));
  if (problem !== undefined) return refused(parts, name, problem);
  if (!route.isEnabled) return refused(parts, name, disabled);
  try {
    const notification = read(route, request);
    const { isRepeated, fired, ended, same, opened } = await receiveAlerts(parts, route, notification);
    const { alerts, refused = [] } = notification;
    noteRefused(parts, route, refused);
    return json(200, {
      received: alerts.length + refused.length,
      accepted: alerts.length,
      refused: refused.slice(0, mostRefused),
      repeated: isRepeated,
      fired,
      resolved: ended,
      unchanged: same,
      threads: opened,
    });
  } catch (error) {
    const wrong = problemIn(error);
    if (wrong === undefined) throw error;
    return refused(parts, name, wrong);
  }
}

/** So many of those that were refused are told to the sender, and to the operator. */
const mostRefused = 100;
const mostLogged = 3;

/** Senders seldom read what they are answered: whoever runs the bot hears of it, too. */
function noteRefused({ log }: HookParts, route: AlertRoute, refused: readonly RefusedAlert[]): void {
  if (refused.length === 0) return;
  const some = refused.slice(0, mostLogged);
  log.warn('alerts_refused_in_part', { route: route.name, refused: refused.length, some });
}

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly retryAfterSeconds?: number;
}

/** The same whether there is such a route or not. */
const nobody: Problem = {
  status: 401,
  code: 'unauthorized',
  detail:
    'No route takes this: the path, the token or the signature is wrong. Send Authorization: Bearer <token>, or the signature that the route wants.',
};

const disabled: Problem = {
  status: 403,
  code: 'route_disabled',
  detail:
    'This route is switched off, and what it had open is closed; nothing was stored. Enable it among the alert-routes.',
};

const deleted: Problem = {
  status: 410,
  code: 'route_deleted',
  detail:
    'This route was deleted, and what it had open is closed; nothing was stored. Take it out of the sender’s configuration.',
};

const unusable: Problem = {
  status: 503,
  code: 'unavailable',
  detail: 'The bot cannot read its secret for this route now. Send the alerts again later.',
};

/** Whoever shows the secret that the route had is told that it is gone, and sends no more. */
async function problemOfGone(parts: HookParts, name: string, request: RouteRequest): Promise<Problem> {
  const { store, withinMs = 2000 } = parts;
  const gone = await inTime(withinMs, reachable(store.goneRoute)(name));
  if (gone === undefined) return nobody;
  const problem = await problemOf(parts, gone, request);
  return problem === undefined ? deleted : nobody;
}

/** Senders send again what is answered with 503; many give up at any other refusal. */
function problemIn(error: unknown): Problem | undefined {
  if (error instanceof AlertFormatError) return { status: 400, code: 'bad_payload', detail: error.message };
  if (!(error instanceof BusyError)) return undefined;
  const { message: detail, retryAfterSeconds } = error;
  return { status: 503, code: 'busy', detail, retryAfterSeconds };
}

/** Why the sender is not taken for who it should be. */
async function problemOf(
  { secret, isLab, clock, log }: HookParts,
  route: AlertRoute,
  request: RouteRequest,
): Promise<Problem | undefined> {
  if (route.authentication === 'none')
    return isLab && isLocalRequest(request) && !isFromPage(request) ? undefined : nobody;
  const resolved = await secret(route.secretReference).catch((error: unknown) => {
    log.error('alert_secret_not_read', { route: route.name, error });
    return undefined;
  });
  if (resolved === undefined) return unusable;
  const { headers, body } = request;
  return isProven(route, resolved, { headers, body, now: clock.now() }) ? undefined : nobody;
}

/** A browser posts for any page that somebody on this machine reads; senders are no browsers. */
function isFromPage({ headers }: RouteRequest): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}

/** A sender may name what it sends, so that sent again it is the same. */
function read(route: AlertRoute, { body, headers }: RouteRequest): Notification {
  const notification = readNotification(route.format, body);
  const key = headers['idempotency-key']?.slice(0, 200);
  return key === undefined || key === '' ? notification : { ...notification, key };
}

function refused(
  { log, counted }: HookParts,
  route: string,
  { status, code, detail, retryAfterSeconds = 10 }: Problem,
): RouteResponse {
  const reference_id = randomUUID();
  counted('refused', 1);
  log.info('alerts_refused', { route: route.slice(0, 63), status, code, reference_id });
  const headers = {
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="alerts"' } : {}),
    ...(status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}),
  };
  return json(status, { detail, code, reference_id }, headers);
}

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): RouteResponse {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(body) };
}
