import type { ProviderError, ProviderErrorKind } from '../agent/provider.ts';
import { failure, kindOfStatus } from './failures.ts';

/** What Anthropic says of a failure, in an HTTP answer or in the stream. */
export interface AnthropicFailure {
  readonly status?: number | undefined;
  /** The broad category. */
  readonly type?: string | null | undefined;
  /** The cause, where it has a name. */
  readonly code?: string | null | undefined;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

/** https://platform.claude.com/docs/en/api/errors and the error codes of the vendor's SDK. */
const kindsByName: Readonly<Record<string, ProviderErrorKind>> = {
  enforced_spend_limit_reached: 'quota_exhausted',
  contract_spend_limit_reached: 'quota_exhausted',
  linked_organization_spend_limit_reached: 'quota_exhausted',
  linked_organization_billing_unavailable: 'quota_exhausted',
  organization_on_hold: 'permission',
  authentication_error: 'auth',
  billing_error: 'quota_exhausted',
  permission_error: 'permission',
  not_found_error: 'not_found',
  request_too_large: 'context_overflow',
  rate_limit_error: 'rate_limited',
  overloaded_error: 'overloaded',
  api_error: 'overloaded',
  timeout_error: 'timeout',
};

/** `invalid_request_error` is all that these have besides their words. */
const kindsByWords: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  [/prompt is too long|exceeds? .*context (?:limit|window)/i, 'context_overflow'],
  [/credit balance is too low|usage limits?\b|spend limit/i, 'quota_exhausted'],
  [/content filtering policy/i, 'content_filtered'],
];

/** The error of one Anthropic failure, with its kind. */
export function anthropicFailure(who: string, facts: AnthropicFailure): ProviderError {
  const name = facts.code ?? facts.type ?? '';
  const detail = name === '' ? facts.message : `${name}: ${facts.message}`;
  return failure(who, kindOf(facts), detail, facts);
}

function kindOf({ status, type, code, message }: AnthropicFailure): ProviderErrorKind {
  const named = kindsByName[code ?? ''] ?? kindsByName[type ?? ''];
  if (named !== undefined) return named;
  const worded = kindsByWords.find(([words]) => words.test(message));
  if (worded !== undefined && (status === undefined || status === 400)) return worded[1];
  if (status !== undefined) return kindOfStatus(status);
  return type === 'invalid_request_error' ? 'bad_request' : 'overloaded';
}
