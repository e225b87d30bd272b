import type { RouteResponse } from '../../../src/chat/route.ts';

/** A JSON answer that no cache keeps. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): RouteResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

/** `{detail, code, reference_id}`. */
export function refuse(status: number, detail: string): RouteResponse {
  return json(status, { detail, code: `refused_${status}`, reference_id: 'ref-1' });
}
