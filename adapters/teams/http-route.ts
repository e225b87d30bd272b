import { BusyError, UnavailableError } from '../../src/chat/errors.ts';
import { isRecord, type Json, textOf } from '../../src/chat/json.ts';
import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import type { Log } from '../../src/observe/port.ts';
import type { Arrived, Dispatch } from './dispatch.ts';
import { conversationOf, tenantsOf } from './inbound.ts';
import { isFarewell, type References } from './references.ts';
import type { Verify } from './verify.ts';

export interface HttpRouteOptions {
  readonly verify: Verify;
  /** Lower case; empty: all. */
  readonly allowedTenants: readonly string[];
  readonly references: References;
  readonly dispatch: Dispatch;
  readonly log: Log;
  /** Teams sends a message again that is not acknowledged within about 15 s. */
  readonly acknowledgeWithinMs?: number;
}

/** An activity with an adaptive card's inputs is far smaller. */
const bodyLimitBytes = 1024 * 1024;

/** The one path of Teams: verified, of an allowed tenant, and acknowledged only once it is stored. */
export function httpRoute(options: HttpRouteOptions): Route {
  const { verify, allowedTenants, references, dispatch, log, acknowledgeWithinMs = 10_000 } = options;

  async function handle(request: RouteRequest): Promise<RouteResponse> {
    const activity = read(request.body);
    if (activity === undefined) return say(400, 'This body is no activity.');
    const verdict = await verify(request, activity);
    if (verdict.type !== 'good') {
      const { why, error } = verdict;
      log.warn(verdict.type === 'later' ? 'teams_keys_unavailable' : 'teams_token_refused', {
        ...{ why, address: request.remoteAddress },
        ...(verdict.type === 'later' && error !== undefined ? { error } : {}),
      });
      return verdict.type === 'later'
        ? say(503, 'Try again in a moment.')
        : { status: 401, headers: { 'www-authenticate': 'Bearer' } };
    }
    if (!isAllowed(activity)) {
      log.warn('teams_tenant_refused', { tenants: tenantsOf(activity) });
      return say(403, 'This tenant is not served.');
    }
    return await accepted(activity);
  }

  /** Every tenant that is named must be one of ours. */
  function isAllowed(activity: Json): boolean {
    if (allowedTenants.length === 0) return true;
    const named = tenantsOf(activity);
    return named.length > 0 && named.every((tenant) => allowedTenants.includes(tenant));
  }

  async function accepted(activity: Json): Promise<RouteResponse> {
    const conversation = conversationOf(activity);
    if (conversation === undefined) return say(400, 'This activity is of no conversation.');
    const arrived = { activity, conversation };
    try {
      return await inTime(activity.type === 'invoke' ? invoked(arrived) : heard(arrived));
    } catch (error) {
      const isLater = error instanceof UnavailableError || error instanceof BusyError;
      log[isLater ? 'warn' : 'error']('teams_activity_failed', { type: textOf(activity.type), error });
      return isLater ? say(503, 'Try again in a moment.') : say(500, 'Something went wrong.');
    }
  }

  async function heard(arrived: Arrived): Promise<RouteResponse> {
    // What says goodbye does not open the conversation again.
    if (!isFarewell(arrived.activity)) await references.note(arrived.conversation, arrived.activity);
    await dispatch.event(arrived);
    return { status: 200 };
  }

  async function invoked(arrived: Arrived): Promise<RouteResponse> {
    const noted = references.note(arrived.conversation, arrived.activity);
    const { status, body } = await dispatch.invoke(arrived, noted);
    return body === undefined
      ? { status }
      : { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  }

  async function inTime(answer: Promise<RouteResponse>): Promise<RouteResponse> {
    const { promise, reject } = Promise.withResolvers<never>();
    const late = setTimeout(
      () => reject(new UnavailableError('The activity could not be stored in time.')),
      acknowledgeWithinMs,
    );
    // What fails after its time was said to have failed already.
    answer.catch(() => undefined);
    return await Promise.race([answer, promise]).finally(() => clearTimeout(late));
  }

  return { method: 'POST', path: '/api/messages', bodyLimitBytes, handle };
}

function say(status: number, sentence: string): RouteResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: sentence };
}

/** The Agents Playground first sends something that is no JSON at all. */
function read(body: Buffer): Json | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isRecord(value) && typeof value.type === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
