import type { SignedIn } from '../../src/chat/identity.ts';
import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import type { WebContext } from './context.ts';
import { cookie } from './cookie.ts';
import { API, slashed } from './paths.ts';
import { json } from './problems.ts';
import { signInFailedPage } from './sign-in-page.ts';

/** Who is calling; sign-in to the console by a one-time token; sign-out. */
export function accountRoutes(context: WebContext): readonly Route[] {
  const { gate, guard, problems, secureCookies } = context;

  const me = guard.around(async (_request, { author, permissions }) =>
    json(200, { name: author.name, principal: author.principal, permissions: [...permissions].sort() }),
  );

  const signOut = guard.around(async (request) => {
    const session = request.cookies[gate.sessionCookie];
    if (session !== undefined) await gate.signOut(session, request.remoteAddress);
    const gone = { value: '', maxAgeSeconds: 0, sameSite: 'Strict', secure: secureCookies } as const;
    return { status: 204, headers: { 'set-cookie': cookie(gate.sessionCookie, gone) } };
  });

  const options: Route['handle'] = async () => json(200, { oidc: gate.organisation !== undefined });

  return [
    ...slashed({ method: 'GET', path: `${API}/me`, isLimited: true, handle: me }),
    ...slashed({ method: 'POST', path: `${API}/sign-out`, isLimited: true, handle: signOut }),
    ...slashed({ method: 'GET', path: `${API}/sign-in-options`, handle: options }),
    {
      method: 'GET',
      path: '/console/sign-in',
      isLimited: true,
      handle: (request) => signIn(context, request).catch(problems.fromError),
    },
  ];
}

/**
 * Spends the token and goes to the console. A strict cookie is enough even when the link was opened
 * from another site: the page holds no data, and what it then fetches is same-site. A person who
 * opens a used link again but is signed in just goes on. Whatever opens the link ahead of the person, as
 * some mail scanners do, spends it: it is printed for one reader and not for sending around.
 */
async function signIn(context: WebContext, request: RouteRequest): Promise<RouteResponse> {
  const { gate, guard } = context;
  const token = request.query.token ?? '';
  const session = token === '' ? undefined : await gate.signIn(token, request.remoteAddress);
  if (session) return goOn('/', [sessionCookie(context, session)]);
  return (await guard.identify(request)) ? goOn('/', []) : signInFailedPage();
}

/** Sends a browser on to a path of this bot, or to an issuer. */
export function goOn(location: string, cookies: readonly string[]): RouteResponse {
  const headers = { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
  return { status: 303, headers: { ...headers, ...(cookies.length > 0 && { 'set-cookie': cookies }) } };
}

/** The cookie of a session that was just opened. */
export function sessionCookie(
  { gate, secureCookies }: WebContext,
  { session, maxAgeSeconds }: SignedIn,
): string {
  const options = { value: session, maxAgeSeconds, sameSite: 'Strict', secure: secureCookies } as const;
  return cookie(gate.sessionCookie, options);
}
