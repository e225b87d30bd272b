import { z } from 'zod';
import { ForbiddenAddressError } from './address.ts';
import { explainFailure, timeoutSeconds } from './connect.ts';
import { type Answer, requestOnce } from './request.ts';
import { hostTool } from './tool.ts';

const maxRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

const outputSchema = z.object({
  reachable: z.boolean(),
  url: z.string().describe('The URL that answered last.'),
  status: z.number().optional(),
  status_text: z.string().optional(),
  content_type: z.string().optional(),
  body_bytes: z.number().optional(),
  body_cut: z.boolean().optional().describe('True: the body is longer; reading stopped.'),
  address: z.string().optional(),
  first_byte_ms: z.number().optional(),
  total_ms: z.number(),
  redirects: z.number().describe('How many redirects within the origin were followed.'),
  redirect_to: z.string().optional().describe('A redirect that was not followed.'),
  reason: z.string().optional().describe('Why there was no answer.'),
  code: z.string().optional(),
});

type Check = z.output<typeof outputSchema>;

/** Whether a URL answers, how, and how fast. The body is measured and thrown away. */
export const httpCheck = hostTool({
  name: 'http_check',
  title: 'HTTP check',
  description:
    'Requests a URL from the host that the bot runs on and tells the status, timing and size of the answer, not its content. Redirects are followed only within the same origin.',
  usesNetwork: true,
  input: z.object({
    url: z.string().min(1).max(2048).describe('http or https.'),
    method: z.enum(['GET', 'HEAD']).default('GET'),
    timeout_seconds: timeoutSeconds,
  }),
  output: outputSchema,
  run: async ({ url, method, timeout_seconds }, signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout_seconds * 1000)]);
    const data = await check(parseUrl(url), method, limit);
    signal.throwIfAborted();
    return { data, text: describe(data) };
  },
});

async function check(start: URL, method: 'GET' | 'HEAD', signal: AbortSignal): Promise<Check> {
  const startedAt = performance.now();
  const elapsed = () => Math.round(performance.now() - startedAt);
  let url = start;
  for (let followed = 0; ; followed += 1) {
    const answer = await requestOnce(url, method, signal).catch((error: unknown) => {
      if (error instanceof ForbiddenAddressError) throw error;
      return explainFailure(signal.aborted ? signal.reason : error);
    });
    const seen = { url: shown(url), total_ms: elapsed(), redirects: followed };
    if ('why' in answer) return { ...seen, reachable: false, reason: answer.why, code: answer.code };
    const next = nextUrl(answer, url);
    if (next === undefined) return { ...seen, ...facts(answer), reachable: true };
    if (next.origin !== url.origin || followed === maxRedirects) {
      return { ...seen, ...facts(answer), reachable: true, redirect_to: shown(next) };
    }
    url = next;
  }
}

function facts(answer: Answer) {
  return {
    status: answer.status,
    status_text: answer.statusText,
    ...(answer.contentType === undefined ? {} : { content_type: answer.contentType }),
    body_bytes: answer.bodyBytes,
    body_cut: answer.isCut,
    address: answer.address,
    first_byte_ms: answer.firstByteMs,
  };
}

function nextUrl({ status, location }: Answer, from: URL): URL | undefined {
  if (!redirects.has(status) || location === undefined) return undefined;
  return URL.parse(location, from.href) ?? undefined;
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null)
    throw new Error(`${JSON.stringify(text)} is not a URL; give one that begins with http:// or https://.`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`${url.protocol} is not supported; give a URL that begins with http:// or https://.`);
  }
  if (url.username !== '' || url.password !== '')
    throw new Error('Give the URL without a user name and password.');
  return url;
}

/** A redirect may carry credentials of its own; they are nobody's business. */
function shown(url: URL): string {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  return copy.href;
}

function describe(check: Check): string {
  if (!check.reachable) return `${check.url} does not answer: ${check.reason ?? 'unknown reason'}.`;
  const size = `${check.body_cut === true ? 'more than ' : ''}${check.body_bytes ?? 0} bytes`;
  const redirect =
    check.redirect_to === undefined ? '' : ` It redirects to ${check.redirect_to}, which was not followed.`;
  return `${check.url} answered ${check.status} ${check.status_text ?? ''} in ${check.total_ms} ms (${size}).${redirect}`;
}
