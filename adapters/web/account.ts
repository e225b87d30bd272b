import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import type { WebContext } from './context.ts';
import { SESSION_COOKIE } from './guard.ts';
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
    const session = request.cookies[SESSION_COOKIE];
    if (session !== undefined) await gate.signOut(session);
    return { status: 204, headers: { 'set-cookie': cookie('', 0, secureCookies) } };
  });

  return [
    ...slashed({ method: 'GET', path: `${API}/me`, handle: me }),
    ...slashed({ method: 'POST', path: `${API}/sign-out`, handle: signOut }),
    {
      method: 'GET',
      path: '/console/sign-in',
      handle: (request) => signIn(context, request).catch(problems.fromError),
    },
  ];
}

/**
 * Spends the token and goes to the console. A strict cookie is enough even when the link was opened
 * from another site: the page holds no data, and what it then fetches is same-site. A person who
 * opens a used link again but is signed in just goes on.
 */
async function signIn(
  { gate, guard, secureCookies }: WebContext,
  request: RouteRequest,
): Promise<RouteResponse> {
  const token = request.query.token ?? '';
  const session = token === '' ? undefined : await gate.signIn(token);
  if (session)
    return goToConsole({ 'set-cookie': cookie(session.session, session.maxAgeSeconds, secureCookies) });
  return (await guard.identify(request)) ? goToConsole() : signInFailedPage();
}

function goToConsole(headers: Readonly<Record<string, string>> = {}): RouteResponse {
  return {
    status: 303,
    headers: { location: '/', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...headers },
  };
}

function cookie(value: string, maxAgeSeconds: number, secure: boolean): string {
  const parts = [
    `${SESSION_COOKIE}=${encodeURIComponent(value)}`,
    'HttpOnly',
    'SameSite=Strict',
    'Path=/',
    `Max-Age=${Math.floor(maxAgeSeconds)}`,
  ];
  return [...parts, ...(secure ? ['Secure'] : [])].join('; ');
}
