import type { Gate, Identity } from '../../src/chat/identity.ts';
import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import type { Problem, Problems } from './problems.ts';

/** Answers a request of a known caller. */
export type Handler = (request: RouteRequest, identity: Identity) => Promise<RouteResponse>;

/** Puts authentication, permissions and known errors around handlers. */
export interface Guard {
  /** Without a permission, any known caller passes. */
  around(handler: Handler, permission?: string): Route['handle'];
  /** Refuses, before a body is read, who may not send one. */
  admit(permission: string): NonNullable<Route['admit']>;
  /** The refusal of a caller who lacks a permission that only some of a route's answers need. */
  refusal(identity: Identity, permission: string, request: RouteRequest): RouteResponse | undefined;
  /** Who sends this request, if anybody known. */
  identify(request: RouteRequest): Promise<Identity | undefined>;
}

export interface GuardOptions {
  readonly gate: Gate;
  readonly problems: Problems;
}

const UNAUTHENTICATED: Problem = {
  status: 401,
  code: 'unauthenticated',
  detail: 'Send "Authorization: Token <token>", or sign in to the console.',
  headers: { 'www-authenticate': 'Token' },
};

export function createGuard({ gate, problems }: GuardOptions): Guard {
  function around(handler: Handler, permission?: string): Route['handle'] {
    return async (request) => {
      try {
        const identity = await gate.identify(request);
        if (!identity) return problems.refuse(UNAUTHENTICATED);
        const refused = permission === undefined ? undefined : refusal(identity, permission, request);
        return refused ?? (await handler(request, identity));
      } catch (error) {
        return problems.fromError(error);
      }
    };
  }

  function refusal(identity: Identity, permission: string, request: RouteRequest): RouteResponse | undefined {
    if (identity.permissions.has(permission)) return undefined;
    gate.denied({ identity, permission, request });
    return problems.refuse(missing(permission));
  }

  function admit(permission: string): NonNullable<Route['admit']> {
    return async (request) => {
      try {
        const identity = await gate.identify(request);
        return identity ? refusal(identity, permission, request) : problems.refuse(UNAUTHENTICATED);
      } catch (error) {
        return problems.fromError(error);
      }
    };
  }

  return { around, admit, refusal, identify: gate.identify };
}

function missing(permission: string): Problem {
  const detail = `This needs the permission "${permission}"; ask an administrator to grant it.`;
  return { status: 403, code: 'forbidden', detail };
}
