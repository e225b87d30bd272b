import { ProviderError, type ProviderErrorKind } from '../agent/provider.ts';

const longestDetail = 400;

const advice: Readonly<Record<ProviderErrorKind, string>> = {
  misconfigured: 'Check the provider, key and settings of this model.',
  auth: 'Check the API key of this provider.',
  permission: 'The key may not use this model or feature; ask the owner of the account.',
  not_found: 'Check the name of the model and the base URL.',
  rate_limited: 'Wait, or raise the rate limit with the vendor.',
  quota_exhausted: 'Add credit or raise the budget with the vendor; trying again does not help.',
  overloaded: 'The vendor has a problem; try again later or configure a fallback.',
  context_overflow: 'Send less, or use a model with a larger context window.',
  bad_request: "The vendor refuses the request; check the model's settings and tools.",
  content_filtered: "The vendor's safety filter stopped it; word the request differently.",
  network: 'Check the base URL, DNS, proxy and firewall.',
  timeout: 'The vendor was silent for too long; try again later or allow more time.',
  aborted: 'The call was stopped by its caller.',
  protocol: 'The server did not keep to its protocol; check that the base URL speaks this API.',
};

export interface FailureFacts {
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A `ProviderError` whose message says who failed, with what, and what to do; never a key. */
export function failure(
  who: string,
  kind: ProviderErrorKind,
  detail: string,
  facts: FailureFacts = {},
): ProviderError {
  const status = facts.status === undefined ? '' : `HTTP ${facts.status}, `;
  const words = sentence(withoutKeys(detail));
  return new ProviderError(kind, `${who}: ${status}${kind}. ${words}${advice[kind]}`, facts);
}

function sentence(detail: string): string {
  const text = detail.trim().slice(0, longestDetail);
  if (text === '') return '';
  return /[.!?]$/.test(text) ? `${text} ` : `${text}. `;
}

/** A key after the words that announce it. It has a digit or a mask in it; a word that only goes on has not. */
const keyAfterItsName = /(api[ _-]?key(?: provided)?\s*[:=]\s*)(?=\S*(?:\d|\*|…|\.{2}))\S+/gi;

/** Vendors echo keys in their errors, masked or not. */
function withoutKeys(text: string): string {
  return text
    .replace(/\bBearer\s+\S+/gi, 'Bearer [key]')
    .replace(/\b(?:sk|hf|gsk|xai|pplx)[-_][\w*.…-]+/gi, '[key]')
    .replace(keyAfterItsName, '$1[key]');
}

const kindsByStatus: Readonly<Record<number, ProviderErrorKind>> = {
  401: 'auth',
  402: 'quota_exhausted',
  403: 'permission',
  404: 'not_found',
  408: 'timeout',
  409: 'overloaded',
  413: 'context_overflow',
  429: 'rate_limited',
};

/** What an HTTP error status means when the vendor says no more. */
export function kindOfStatus(status: number): ProviderErrorKind {
  return kindsByStatus[status] ?? (status >= 500 ? 'overloaded' : 'bad_request');
}

/** What `retry-after-ms` or `retry-after` (seconds or a date, RFC 9110) ask for, in milliseconds. */
export function retryAfterMs(headers: Headers | undefined, nowMs = Date.now()): number | undefined {
  const milliseconds = toNumber(headers?.get('retry-after-ms'));
  if (milliseconds !== undefined) return milliseconds;
  const value = headers?.get('retry-after');
  const seconds = toNumber(value);
  if (seconds !== undefined) return seconds * 1000;
  const date = Date.parse(value ?? '');
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function toNumber(text: string | null | undefined): number | undefined {
  const number = text === null || text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}

const timeoutCodes = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * Names what fetch, a socket or a parser threw. A cut connection is a TypeError ("terminated") in
 * Node, a broken body a SyntaxError: both are the network's, and worth another try.
 */
export function transportFailure(
  who: string,
  error: unknown,
  options: {
    /** What nobody knows. Default `protocol`. */
    readonly otherwise?: ProviderErrorKind;
    /** What to look at when the network failed. */
    readonly hint?: string;
  } = {},
): ProviderError {
  if (error instanceof ProviderError) return error;
  const { otherwise = 'protocol', hint = '' } = options;
  if (!(error instanceof Error)) return failure(who, otherwise, String(error));
  const kind = transportKind(error) ?? otherwise;
  const detail = kind === 'network' && hint !== '' ? `${describe(error)}. ${hint}` : describe(error);
  return failure(who, kind, detail, { cause: error });
}

function transportKind(error: Error): ProviderErrorKind | undefined {
  if (error.name === 'AbortError') return 'aborted';
  const code = codeOf(error);
  if (error.name === 'TimeoutError' || timeoutCodes.has(code)) return 'timeout';
  const fetchFailed = /^(terminated|fetch failed)/i.test(error.message) || code !== '';
  return fetchFailed || error instanceof SyntaxError ? 'network' : undefined;
}

function describe(error: Error): string {
  const inner = error.cause instanceof Error ? `${error.cause.message} ${codeOf(error)}`.trim() : '';
  return inner === '' ? error.message : `${error.message} (${inner})`;
}

/** The system's code of an error or of what caused it. */
function codeOf(error: Error): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return '';
}
