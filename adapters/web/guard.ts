import type { Gate, Identity } from '../../src/chat/identity.ts';
import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import type { Problem, Problems } from './problems.ts';

/** The cookie that carries a console session. */
export const SESSION_COOKIE = 'ai_ops_session';

/** Answers a request of a known caller. */
export type Handler = (request: RouteRequest, identity: Identity) => Promise<RouteResponse>;

/** Puts authentication, the check against cross-site requests, permissions and known errors around handlers. */
export interface Guard {
  /** Without a permission, any known caller passes. */
  around(handler: Handler, permission?: string): Route['handle'];
  /** Who sends this request, if anybody known. */
  identify(request: RouteRequest): Promise<Identity | undefined>;
}

export interface GuardOptions {
  readonly gate: Gate;
  readonly problems: Problems;
  /** The origin that browsers see when a proxy rewrites `Host`. */
  readonly publicOrigin?: string | undefined;
}

const UNAUTHENTICATED: Problem = {
  status: 401,
  code: 'unauthenticated',
  detail: 'Send "Authorization: Token <token>", or sign in to the console.',
  headers: { 'www-authenticate': 'Token' },
};

const CROSS_SITE: Problem = {
  status: 403,
  code: 'cross_site',
  detail: 'A session may only be used from the pages of this bot; programs use a token.',
};

export function createGuard({ gate, problems, publicOrigin }: GuardOptions): Guard {
  function identify(request: RouteRequest): Promise<Identity | undefined> {
    const { authorization } = request.headers;
    const session = request.cookies[SESSION_COOKIE];
    return gate.authenticate({
      ...(authorization !== undefined && { authorization }),
      ...(session !== undefined && { session }),
    });
  }

  function around(handler: Handler, permission?: string): Route['handle'] {
    return async (request) => {
      try {
        const identity = await identify(request);
        if (!identity) return problems.refuse(UNAUTHENTICATED);
        if (identity.via === 'session' && !isSameOrigin(request, publicOrigin))
          return problems.refuse(CROSS_SITE);
        if (permission !== undefined && !identity.permissions.has(permission)) {
          return problems.refuse(missing(permission));
        }
        return await handler(request, identity);
      } catch (error) {
        return problems.fromError(error);
      }
    };
  }

  return { around, identify };
}

/**
 * Whether a request may use a session cookie. Browsers set `Sec-Fetch-Site` on secure origins and
 * loopback (https://www.w3.org/TR/fetch-metadata/); elsewhere the `Origin` must be this host's.
 */
export function isSameOrigin(request: RouteRequest, publicOrigin?: string): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = request.headers;
  if (origin === undefined || host === undefined) return false;
  return origin === publicOrigin || origin === `http://${host}` || origin === `https://${host}`;
}

function missing(permission: string): Problem {
  const detail = `This needs the permission "${permission}"; ask an administrator to grant it.`;
  return { status: 403, code: 'forbidden', detail };
}
