import { isRecord, type Json, textOf } from '../../src/chat/json.ts';
import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import type { Clock, Log } from '../../src/observe/port.ts';
import type { Dispatch } from './dispatch.ts';
import { isFromSlack } from './signature.ts';

export interface HttpRouteOptions {
  readonly signingSecret: string;
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  readonly log: Log;
}

const bodyLimitBytes = 4 * 1024 * 1024;

/** The one path for events, commands, interactivity and options, on the bot's own server. */
export function httpRoute({ signingSecret, dispatch, clock, log }: HttpRouteOptions): Route {
  async function handle(request: RouteRequest): Promise<RouteResponse> {
    const { headers, body } = request;
    const signed = {
      signature: headers['x-slack-signature'],
      timestamp: headers['x-slack-request-timestamp'],
      body,
    };
    if (!isFromSlack(signed, signingSecret, clock.now())) {
      log.warn('slack_signature_refused', { address: request.remoteAddress });
      return { status: 401, body: 'This request is not signed by Slack, or too long ago.' };
    }
    const payload = read(body, headers['content-type'] ?? '');
    if (payload === undefined) return { status: 400, body: 'This body cannot be read.' };
    if (payload.type === 'url_verification') return json({ challenge: textOf(payload.challenge) });
    if (payload.ssl_check !== undefined) return { status: 200 };
    const retry = headers['x-slack-retry-num'];
    const acknowledgement = await dispatch({
      body: payload,
      ...(retry === undefined ? {} : { retryNum: Number(retry) }),
      ...(headers['x-slack-retry-reason'] === undefined
        ? {}
        : { retryReason: headers['x-slack-retry-reason'] }),
    });
    if (acknowledgement.status !== 200) return { status: acknowledgement.status };
    return answer(acknowledgement.body);
  }
  return { method: 'POST', path: '/slack/events', bodyLimitBytes, handle };
}

function answer(body: unknown): RouteResponse {
  if (body === undefined || body === '') return { status: 200 };
  if (typeof body === 'string') return { status: 200, headers: { 'content-type': 'text/plain' }, body };
  return json(body);
}

function json(body: unknown): RouteResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** JSON, or a form whose field `payload` is JSON, or a form. */
function read(body: Buffer, contentType: string): Json | undefined {
  try {
    if (contentType.includes('application/json')) return recordOf(JSON.parse(body.toString('utf8')));
    const form = new URLSearchParams(body.toString('utf8'));
    const payload = form.get('payload');
    return payload === null ? Object.fromEntries(form) : recordOf(JSON.parse(payload));
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Json | undefined {
  return isRecord(value) ? value : undefined;
}
