import { randomUUID } from 'node:crypto';
import { BusyError, ForbiddenError, InvalidError, UnavailableError } from '../../src/chat/errors.ts';
import type { RouteResponse } from '../../src/chat/route.ts';
import type { Log } from '../../src/observe/port.ts';
import { ClearedError } from './cleared-error.ts';
import type { ChatEvent } from './events.ts';
import type { FieldErrors } from './inbound.ts';

/** Why a request is refused. */
export interface Problem {
  readonly status: number;
  /** A stable word for programs. */
  readonly code: string;
  /** A sentence for people that says what to do. */
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** More fields of the body. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Draws refusals as `{detail, code, reference_id}`; each has a fresh reference id, which is logged. */
export interface Problems {
  refuse(problem: Problem): RouteResponse;
  /** The errors of ../../src/chat/errors.ts; rethrows everything else for the HTTP edge. */
  fromError(error: unknown): RouteResponse;
  /** The last event of a stream that cannot go on. */
  event(error: unknown): ChatEvent;
}

export function createProblems(log: Log): Problems {
  function refuse({ status, code, detail, headers, extra }: Problem): RouteResponse {
    const reference_id = randomUUID();
    log.info('web_refused', { reference_id, status, code });
    return json(status, { detail, code, reference_id, ...extra }, headers);
  }

  function fromError(error: unknown): RouteResponse {
    if (error instanceof InvalidError) return invalid(error.fields);
    const problem = knownProblem(error);
    if (!problem) throw error;
    return refuse(problem);
  }

  function event(error: unknown): ChatEvent {
    const reference_id = randomUUID();
    const known = knownProblem(error);
    log[known ? 'info' : 'error']('web_stream_failed', { reference_id, error });
    const { detail, code } = known ?? { detail: 'The stream broke off; the turn goes on.', code: 'error' };
    return { event: 'error', data: { detail, code, reference_id } };
  }

  return { refuse, fromError, event };
}

/** A JSON answer that no cache keeps. */
export function json(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): RouteResponse {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: JSON.stringify(body),
  };
}

/** Answers 400 with `{field: ["sentence"]}`. */
export function invalid(fields: FieldErrors): RouteResponse {
  return json(400, fields);
}

export const NOT_FOUND: Problem = { status: 404, code: 'not_found', detail: 'There is no such thing here.' };

function knownProblem(error: unknown): Problem | undefined {
  if (error instanceof ForbiddenError) return { status: 403, code: error.code, detail: error.message };
  if (error instanceof ClearedError) return { status: 404, code: 'cleared', detail: error.message };
  if (error instanceof BusyError) {
    const headers = { 'retry-after': String(error.retryAfterSeconds) };
    return { status: 429, code: 'busy', detail: error.message, headers };
  }
  if (error instanceof UnavailableError) {
    return { status: 503, code: 'unavailable', detail: error.message, headers: { 'retry-after': '1' } };
  }
  return undefined;
}
