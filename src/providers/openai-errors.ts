import type { ProviderError, ProviderErrorKind } from '../agent/provider.ts';
import { failure, kindOfStatus } from './failures.ts';

/** What OpenAI says of a failure, in an HTTP answer or in the stream. */
export interface OpenaiFailure {
  readonly status?: number | undefined;
  readonly code?: string | null | undefined;
  readonly type?: string | null | undefined;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  /** The error as it came. */
  readonly body?: unknown;
}

/** https://developers.openai.com/api/docs/guides/error-codes and the codes of `response.failed`. */
const kindsByCode: Readonly<Record<string, ProviderErrorKind>> = {
  insufficient_quota: 'quota_exhausted',
  billing_hard_limit_reached: 'quota_exhausted',
  billing_not_active: 'quota_exhausted',
  invalid_api_key: 'auth',
  model_not_found: 'not_found',
  context_length_exceeded: 'context_overflow',
  string_above_max_length: 'context_overflow',
  rate_limit_exceeded: 'rate_limited',
  server_error: 'overloaded',
  server_is_overloaded: 'overloaded',
  slow_down: 'overloaded',
  content_filter: 'content_filtered',
  content_policy_violation: 'content_filtered',
  image_content_policy_violation: 'content_filtered',
  misalignment_policy_violation: 'content_filtered',
  bio_policy: 'content_filtered',
  invalid_prompt: 'content_filtered',
  // https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
  ResponsibleAIPolicyViolation: 'content_filtered',
  DeploymentNotFound: 'not_found',
  // Azure says it with 401: who was let in may not do this.
  PermissionDenied: 'permission',
};

/** Servers that speak the same API put these into words instead of codes. */
const kindsByWords: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  [
    /maximum context length|context (?:window|length|size)|prompt is too long|request too large|tokens.{1,40}must be <=/i,
    'context_overflow',
  ],
  [/exceeded your current quota/i, 'quota_exhausted'],
];

/** The error of one OpenAI failure, with its kind. */
export function openaiFailure(who: string, facts: OpenaiFailure): ProviderError {
  const code = facts.code ?? facts.type ?? '';
  const filtered = filteredFor(facts.body);
  const reasons = filtered.length === 0 ? '' : ` Filtered: ${filtered.join(', ')}.`;
  const detail = code === '' ? facts.message : `${code}: ${facts.message}`;
  return failure(who, kindOf(facts), `${detail}${reasons}`, facts);
}

/** The categories in which Azure's filter, which says so in one of several places, found something. */
function filteredFor(body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([category, found]) =>
    isFiltered(found) ? [category] : filteredFor(found),
  );
}

function isFiltered(found: unknown): boolean {
  return typeof found === 'object' && found !== null && 'filtered' in found && found.filtered === true;
}

function kindOf({ status, code, type, message }: OpenaiFailure): ProviderErrorKind {
  if (status === 429 && /request too large/i.test(message)) return 'context_overflow';
  const named = kindsByCode[code ?? ''] ?? kindsByCode[type ?? ''];
  if (named !== undefined) return named;
  if (status === undefined || status === 400 || status === 422) {
    const worded = kindsByWords.find(([words]) => words.test(message));
    if (worded !== undefined) return worded[1];
  }
  return status === undefined ? 'overloaded' : kindOfStatus(status);
}
