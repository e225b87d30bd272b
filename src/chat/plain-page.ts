import { createHash } from 'node:crypto';
import type { RouteResponse } from './route.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #16201e; --soft: #5b6866; --page: #f5f8f7; --card: #fff; --line: #d8e0de; --accent: #0f766e; --on-accent: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edeb; --soft: #93a19e; --page: #0d1211; --card: #151c1b; --line: #2a3533; --accent: #2bb3a3; --on-accent: #04201c; }
}
* { box-sizing: border-box; }
body { font: 16px/1.6 system-ui, sans-serif; margin: 0; padding: 14vh 1.25rem 2rem; background: var(--page); color: var(--ink); }
main { max-width: 34rem; margin: 0 auto; padding: 1.75rem 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow-wrap: anywhere; }
.name { display: block; margin: 0 0 1.25rem; color: var(--accent); font-weight: 700; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 .75rem; }
p { margin: 0 0 .75rem; }
a { color: var(--accent); }
code { font: .9em ui-monospace, monospace; }
button { font: inherit; font-weight: 600; margin: .75rem 0 .25rem; padding: .55rem 1.1rem; border: 0; border-radius: 8px; background: var(--accent); color: var(--on-accent); cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;
const styleHash = createHash('sha256').update(STYLE).digest('base64');

/** A small page outside the console: one thing to say, and perhaps one thing to do. */
export interface PlainPage {
  readonly status: number;
  /** Plain text. */
  readonly title: string;
  /** HTML below the title; whatever strangers wrote in it must be escaped. */
  readonly html: string;
  /** Where its forms may lead, in the words of the Content Security Policy. Default: nowhere. */
  readonly formAction?: string;
  /** What it tells of where it comes from. Default: nothing. */
  readonly referrerPolicy?: 'no-referrer' | 'same-origin';
  readonly headers?: Readonly<Record<string, string>>;
}

/** Such a page as an answer that no browser keeps and no other site can frame; without scripts. */
export function plainPage(page: PlainPage): RouteResponse {
  const { status, title, html, formAction = "'none'", referrerPolicy = 'no-referrer', headers = {} } = page;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action ${formAction}; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': referrerPolicy,
      'cache-control': 'no-store',
      ...headers,
    },
    body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapedHtml(title)} · AI Ops Bot</title>
<style>${STYLE}</style>
<main>
<span class="name">AI Ops Bot</span>
<h1>${escapedHtml(title)}</h1>
${html}
</main>
</html>
`,
  };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that means itself in HTML, also within an attribute's quotes. */
export function escapedHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
