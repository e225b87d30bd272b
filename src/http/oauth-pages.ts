import { escapedHtml, plainPage } from '../chat/plain-page.ts';
import type { RouteResponse } from '../chat/route.ts';

export interface Page {
  readonly status: number;
  /** Plain text, as all of these. */
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** A button that posts a secret back to this path. */
  readonly button?: { readonly label: string; readonly path: string; readonly link: string };
  readonly headers?: Readonly<Record<string, string>>;
}

/** A small page for somebody who signs in to a server. */
export function page({ status, title, paragraphs, button, headers = {} }: Page): RouteResponse {
  const said = paragraphs.map((paragraph) => `<p>${escapedHtml(paragraph)}</p>`).join('\n');
  return plainPage({
    status,
    title,
    html: button === undefined ? said : `${said}\n${formOf(button)}`,
    // After the button browsers follow the redirect to the authorization server only where this allows it.
    ...(button === undefined ? {} : { formAction: "'self' https: http:" }),
    // A form says where it comes from, by which we know that it is ours; nobody else is told.
    referrerPolicy: 'same-origin',
    headers,
  });
}

function formOf({ label, path, link }: NonNullable<Page['button']>): string {
  return `<form method="post" action="${escapedHtml(path)}"><input type="hidden" name="link" value="${escapedHtml(link)}"><button>${escapedHtml(label)}</button></form>`;
}
