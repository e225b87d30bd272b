import type { RouteRequest } from './route.ts';

/** Whether a peer's address is this machine itself. */
function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(address);
}

const forwarding = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/** Whether a request comes from this machine itself, and not through a proxy on it. */
export function isLocalRequest(request: Pick<RouteRequest, 'remoteAddress' | 'headers'>): boolean {
  const isForwarded = forwarding.some((name) => request.headers[name] !== undefined);
  return isLoopbackAddress(request.remoteAddress) && !isForwarded;
}
