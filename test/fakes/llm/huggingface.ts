import { chat } from './chat.ts';
import { openaiError } from './openai-words.ts';
import type { JsonRecord, RecordedRequest, Refusal, RefusalName, Wire } from './script.ts';

/** Errors of the router itself are a sentence; those of the providers behind it look like OpenAI's. */
const sentence = (status: number, error: string): Refusal => ({ status, body: { error } });

const words: Readonly<Record<RefusalName, (model: string) => Refusal>> = {
  unauthorized: () => sentence(401, 'Invalid username or password.'),
  forbidden: () =>
    sentence(
      403,
      'This authentication method does not have sufficient permissions to call Inference Providers.',
    ),
  model_not_found: (model) =>
    openaiError(404, `The requested model '${model}' does not exist`, {
      code: 'model_not_found',
      param: 'model',
    }),
  rate_limited: () => sentence(429, 'Too many requests.'),
  quota: () => sentence(402, 'You have exceeded your monthly included credits for Inference Providers.'),
  server_error: () => sentence(500, 'Internal Server Error'),
  overloaded: () => sentence(503, 'Model is currently loading'),
  context_overflow: () =>
    openaiError(400, "This model's maximum context length is 131072 tokens.", { param: 'messages' }),
  content_filter: () => openaiError(400, 'Your prompt was flagged.', { code: 'content_filter' }),
};

/** What providers behind the router do not all know. */
function checkName(body: JsonRecord): Refusal | undefined {
  if (body.max_completion_tokens === undefined) return undefined;
  return openaiError(422, 'Unexpected field max_completion_tokens.', { param: 'max_completion_tokens' });
}

/** Hugging Face's router: Chat Completions with other words for what is wrong. */
export const huggingface: Wire = {
  ...chat,
  path: '/router/v1/chat/completions',
  check: (body: JsonRecord, request: RecordedRequest) => checkName(body) ?? chat.check(body, request),
  refuse: (name, model) => words[name](model),
};
