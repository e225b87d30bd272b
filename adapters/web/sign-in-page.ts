import { createHash } from 'node:crypto';
import type { RouteResponse } from '../../src/chat/route.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 34rem; margin: 18vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 1.35rem; margin: 0 0 .75rem; }
code { font: .9em ui-monospace, monospace; white-space: nowrap; }
`;

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign-in link not valid · AI Ops Bot</title>
<style>${STYLE}</style>
<h1>This sign-in link does not work any more</h1>
<p>Each link works once and only for a short time.</p>
<p>To get a new one, restart the bot: it prints a fresh link when it starts, and writes it to its log.
Look for <code>/console/sign-in?token=…</code></p>
</html>
`;

/** What a person sees whose sign-in token is unknown, used or expired. */
export function signInFailedPage(): RouteResponse {
  const styleHash = createHash('sha256').update(STYLE).digest('base64');
  return {
    status: 401,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
    body: PAGE,
  };
}
