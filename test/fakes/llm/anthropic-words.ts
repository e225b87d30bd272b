import type { Refusal, RefusalName } from './script.ts';

/** An error body of the Anthropic API. */
export function anthropicError(status: number, type: string, message: string, code?: string): Refusal {
  const details = code === undefined ? {} : { details: { error_code: code } };
  return { status, body: { type: 'error', error: { type, message, ...details }, request_id: 'req_test' } };
}

/** What is wrong with a request. */
export function invalid(message: string): Refusal {
  return anthropicError(400, 'invalid_request_error', message);
}

const words: Readonly<Record<RefusalName, (model: string) => Refusal>> = {
  unauthorized: () => anthropicError(401, 'authentication_error', 'invalid x-api-key'),
  forbidden: () =>
    anthropicError(
      403,
      'permission_error',
      'Your API key does not have permission to use the specified resource.',
    ),
  model_not_found: (model) => anthropicError(404, 'not_found_error', `model: ${model}`),
  rate_limited: () =>
    anthropicError(
      429,
      'rate_limit_error',
      "This request would exceed your organization's rate limit of 50 requests per minute.",
    ),
  quota: () =>
    anthropicError(
      429,
      'rate_limit_error',
      "You have reached your API tier's monthly usage threshold.",
      'enforced_spend_limit_reached',
    ),
  server_error: () => anthropicError(500, 'api_error', 'Internal server error'),
  overloaded: () => anthropicError(529, 'overloaded_error', 'Overloaded'),
  context_overflow: () => invalid('prompt is too long: 1000069 tokens > 1000000 maximum'),
  content_filter: () => invalid('Output blocked by content filtering policy'),
};

export function refuseAsAnthropic(name: RefusalName, model: string): Refusal {
  return words[name](model);
}
