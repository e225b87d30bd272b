import type { RouteRequest } from '../chat/route.ts';

/**
 * Whether a request may use a session cookie. Browsers set `Sec-Fetch-Site` on secure origins and
 * loopback (https://www.w3.org/TR/fetch-metadata/); elsewhere the `Origin` must be this host's.
 */
export function isSameOrigin(
  request: Pick<RouteRequest, 'method' | 'headers'>,
  publicOrigin?: string,
): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = request.headers;
  if (origin === undefined || host === undefined) return false;
  return origin === publicOrigin || origin === `http://${host}` || origin === `https://${host}`;
}
