import type { OrganisationSignIn } from '../../src/chat/identity.ts';
import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import { goOn, sessionCookie } from './account.ts';
import type { WebContext } from './context.ts';
import { cookie } from './cookie.ts';
import { NOT_FOUND } from './problems.ts';
import { organisationFailedPage } from './sign-in-page.ts';

/** Kept from the way to the issuer until the way back; it must come along when the issuer leads here. */
const START_COOKIE = 'ai_ops_sign_in';

type Step = (
  organisation: OrganisationSignIn,
  request: RouteRequest,
  context: WebContext,
) => Promise<RouteResponse>;

/** Sign-in by the organisation's OpenID Connect issuer: the way there, and the way back. */
export function organisationRoutes(context: WebContext): readonly Route[] {
  const { gate, problems } = context;

  function step(take: Step): Route['handle'] {
    return async (request) => {
      if (gate.organisation === undefined) return problems.refuse(NOT_FOUND);
      return await take(gate.organisation, request, context).catch(problems.fromError);
    };
  }

  return [
    { method: 'GET', path: '/console/oidc', isLimited: true, handle: step(begin) },
    { method: 'GET', path: '/console/oidc/callback', isLimited: true, handle: step(finish) },
  ];
}

const begin: Step = async (organisation, request, context) => {
  const { query, remoteAddress: address } = request;
  const begun = await organisation.begin({ next: query.next ?? '/', address });
  if (begun.type === 'failed') return organisationFailedPage(begun);
  return goOn(begun.location, [startCookie(context, begun.start, begun.maxAgeSeconds)]);
};

const finish: Step = async (organisation, request, context) => {
  const result = await organisation.finish({
    query: request.url.slice(request.url.indexOf('?') + 1),
    start: request.cookies[START_COOKIE],
    address: request.remoteAddress,
  });
  if (result.type === 'failed') return organisationFailedPage(result);
  return goOn(result.next, [sessionCookie(context, result), startCookie(context, '', 0)]);
};

function startCookie({ secureCookies }: WebContext, value: string, maxAgeSeconds: number): string {
  return cookie(START_COOKIE, { value, maxAgeSeconds, sameSite: 'Lax', secure: secureCookies });
}
