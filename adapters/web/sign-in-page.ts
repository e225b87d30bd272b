import type { SignInFailure } from '../../src/chat/identity.ts';
import { plainPage } from '../../src/chat/plain-page.ts';
import type { RouteResponse } from '../../src/chat/route.ts';

/** What a person sees whose sign-in token is unknown, used or expired. */
export function signInFailedPage(): RouteResponse {
  return page(401, 'This sign-in link does not work any more', [
    'Each link works once and only for a short time.',
    `To get a new one, restart the bot: it prints a fresh link when it starts, and writes it to its log.
Look for <code>/console/sign-in?token=…</code>`,
  ]);
}

interface Explanation {
  readonly status: number;
  readonly title: string;
  readonly sentence: string;
}

const explanations: Readonly<Record<SignInFailure['reason'], Explanation>> = {
  stale: {
    status: 400,
    title: 'This sign-in is over',
    sentence:
      'It was begun too long ago or in another browser, or it was used already. Cookies must be allowed.',
  },
  cancelled: {
    status: 401,
    title: 'You did not sign in',
    sentence: 'The sign-in was cancelled, or your organisation does not let you use this bot.',
  },
  refused: {
    status: 502,
    title: 'Your organisation’s sign-in did not work',
    sentence: 'What it answered was not in order. If this happens again, tell whoever runs the bot.',
  },
  unreachable: {
    status: 503,
    title: 'Your organisation’s sign-in does not answer',
    sentence: 'Try again in a moment. If this happens again, tell whoever runs the bot.',
  },
};

/** What a person sees whom the organisation's issuer did not sign in. */
export function organisationFailedPage({ reason, referenceId }: SignInFailure): RouteResponse {
  const { status, title, sentence } = explanations[reason];
  const again = '<a href="/console/oidc">Sign in again</a>';
  return page(status, title, [sentence, again, `Reference: <code>${referenceId}</code>`]);
}

function page(status: number, title: string, paragraphs: readonly string[]): RouteResponse {
  return plainPage({ status, title, html: paragraphs.map((html) => `<p>${html}</p>`).join('\n') });
}
