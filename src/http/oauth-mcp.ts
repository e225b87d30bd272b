import { isSameOrigin } from '../access/same-origin.ts';
import type { Gate } from '../chat/identity.ts';
import type { Route, RouteRequest, RouteResponse } from '../chat/route.ts';
import { type LinkFor, SignInError, type SignInFlow } from '../tools/mcp/auth/port.ts';
import { page } from './oauth-pages.ts';

export interface OAuthRoutesOptions {
  readonly signIns: SignInFlow;
  readonly gate: Pick<Gate, 'identify'>;
  /** True when people reach the bot over https. */
  readonly secureCookies: boolean;
  /** Where people reach the bot. */
  readonly publicUrl: () => string;
}

const startPath = '/oauth/mcp/start';
/** Kept in the browser from the way to the authorization server until the way back. */
const COOKIE = 'ai_ops_mcp_sign_in';

/**
 * How people sign in to MCP servers. A link opens a page with a button, because programs that look at
 * links in messages must not spend it; the button leads to the authorization server, and from there the
 * person returns to the callback. Links of console people open only for whoever is signed in as them.
 * The button works from its own page alone: another site could otherwise sign somebody in to an account
 * that is not for them, without their seeing for whom.
 */
export function oauthRoutes(options: OAuthRoutesOptions): readonly Route[] {
  const { signIns, gate, secureCookies } = options;

  const start = async (request: RouteRequest): Promise<RouteResponse> => {
    const { link = '' } = request.query;
    const found = await signIns.look(link);
    if (found === undefined) return over();
    const refusal = await refusalFor(request, found);
    return refusal ?? invitation(found, link);
  };

  const go = async (request: RouteRequest): Promise<RouteResponse> => {
    if (!isSameOrigin(request, new URL(options.publicUrl()).origin)) return elsewhere();
    const link = new URLSearchParams(request.body.toString('utf8')).get('link') ?? '';
    const found = await signIns.look(link);
    if (found === undefined) return over();
    const refusal = await refusalFor(request, found);
    if (refusal !== undefined) return refusal;
    const { location, browser, maxAgeSeconds } = await signIns.begin(link);
    return {
      status: 303,
      headers: { location, 'set-cookie': cookieOf(browser, maxAgeSeconds), 'cache-control': 'no-store' },
    };
  };

  const back = async (request: RouteRequest): Promise<RouteResponse> => {
    const at = request.url.indexOf('?');
    const { server, isForBot } = await signIns.finish({
      query: at === -1 ? '' : request.url.slice(at + 1),
      browser: request.cookies[COOKIE],
    });
    const whose = isForBot ? 'The bot is' : 'You are';
    return page({
      status: 200,
      title: `${whose} connected to ${server}`,
      paragraphs: ['You can close this page and go back to the conversation.'],
      headers: { 'set-cookie': cookieOf('', 0) },
    });
  };

  const refusalFor = async (request: RouteRequest, { principal }: LinkFor) => {
    if (!principal.startsWith('web:')) return undefined;
    const identity = await gate.identify(request);
    if (identity?.via === 'session' && identity.author.principal === principal) return undefined;
    return page({
      status: 403,
      title: 'This link is for somebody else',
      paragraphs: ['Sign in to the console as the person who asked for it, and open it again.'],
    });
  };

  const cookieOf = (value: string, maxAgeSeconds: number) =>
    [
      `${COOKIE}=${encodeURIComponent(value)}`,
      ...['HttpOnly', 'SameSite=Lax', 'Path=/oauth/mcp', `Max-Age=${maxAgeSeconds}`],
      ...(secureCookies ? ['Secure'] : []),
    ].join('; ');

  return [
    { method: 'GET', path: startPath, isLimited: true, handle: explaining(start) },
    { method: 'POST', path: startPath, isLimited: true, bodyLimitBytes: 4096, handle: explaining(go) },
    { method: 'GET', path: '/oauth/mcp/callback', isLimited: true, handle: explaining(back) },
    { method: 'GET', path: '/oauth/mcp/client.json', isLimited: true, handle: async () => aboutUs(signIns) },
  ];
}

function explaining(handle: Route['handle']): Route['handle'] {
  return (request) =>
    handle(request).catch((error: unknown) => {
      if (!(error instanceof SignInError)) throw error;
      return page({
        status: statuses[error.reason],
        title: titles[error.reason],
        paragraphs: [error.message],
      });
    });
}

const statuses: Readonly<Record<SignInError['reason'], number>> = {
  stale: 400,
  cancelled: 401,
  refused: 502,
};
const titles: Readonly<Record<SignInError['reason'], string>> = {
  stale: 'This sign-in is over',
  cancelled: 'You did not sign in',
  refused: 'The sign-in did not work',
};

function over(): RouteResponse {
  return page({
    status: 400,
    title: titles.stale,
    paragraphs: ['This link was used already, is too old, or is not complete. Ask for a new one.'],
  });
}

function elsewhere(): RouteResponse {
  return page({
    status: 403,
    title: 'This did not come from our page',
    paragraphs: [
      'Another site tried to sign you in. If you want to sign in, open the link that you were given.',
    ],
  });
}

function invitation({ server, principal, isForBot }: LinkFor, link: string): RouteResponse {
  const whose = isForBot
    ? `The bot will use this account of ${server} for everybody who asks it.`
    : `The bot will use your account of ${server} for what ${principal} asks, and for nobody else.`;
  return page({
    status: 200,
    title: `Sign in to ${server}`,
    paragraphs: [whose, `Go on only if you are ${principal} and asked for this yourself.`],
    button: { label: `Go on to ${server}`, path: startPath, link },
  });
}

function aboutUs(signIns: SignInFlow): RouteResponse {
  const document = signIns.document();
  if (document === undefined) return { status: 404, body: '' };
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=3600' },
    body: JSON.stringify(document),
  };
}
