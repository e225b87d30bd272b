import { chat } from './chat.ts';
import { openaiError, sse } from './openai-words.ts';
import { responses } from './responses.ts';
import type { JsonRecord, RecordedRequest, Refusal, RefusalName, ScriptedReply, Wire } from './script.ts';

/** An error body of Azure: `code` says it again, `type` is often missing. */
function azureError(status: number, code: string, message: string, more: JsonRecord = {}): Refusal {
  return { status, body: { error: { code, message, ...more } } };
}

const safe = { filtered: false, severity: 'safe' };

const words: Readonly<Record<RefusalName, () => Refusal>> = {
  unauthorized: () =>
    azureError(
      401,
      '401',
      'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
    ),
  forbidden: () => azureError(403, '403', 'Access denied due to Virtual Network/Firewall rules.'),
  model_not_found: () =>
    azureError(
      404,
      'DeploymentNotFound',
      'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
    ),
  rate_limited: () =>
    azureError(
      429,
      '429',
      'Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 7 seconds.',
    ),
  quota: () =>
    azureError(429, 'insufficient_quota', 'You exceeded your current quota, please check your plan.', {
      type: 'insufficient_quota',
    }),
  server_error: () => azureError(500, 'InternalServerError', 'Internal server error'),
  overloaded: () =>
    azureError(503, 'ServiceUnavailable', 'The service is temporarily unable to process your request.'),
  context_overflow: () =>
    openaiError(400, "This model's maximum context length is 8192 tokens.", {
      code: 'context_length_exceeded',
      param: 'messages',
    }),
  content_filter: () =>
    azureError(
      400,
      'content_filter',
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
      {
        type: null,
        param: 'prompt',
        status: 400,
        innererror: {
          code: 'ResponsibleAIPolicyViolation',
          content_filter_result: {
            hate: safe,
            jailbreak: { filtered: true, detected: true },
            self_harm: safe,
            violence: { filtered: true, severity: 'medium' },
          },
        },
      },
    ),
};

const refuse = (name: RefusalName) => words[name]();

/** A key in Azure's own header, or a token behind `Bearer`. */
function admits({ headers }: RecordedRequest, key: string): boolean {
  return headers['api-key'] === key || headers.authorization === `Bearer ${key}`;
}

/** Azure says of every answer what its filter found: before it, and behind it in a choice without a delta. */
function annotated(reply: ScriptedReply, model: string, number: number, body: JsonRecord): readonly string[] {
  const frames = chat.frames(reply, model, number, body);
  const bare = { id: '', object: '', created: 0, model: '' };
  const found = { hate: safe, violence: safe };
  const prompt = [{ prompt_index: 0, content_filter_results: found }];
  const text = { index: 0, finish_reason: null, content_filter_results: found };
  const end = frames.findIndex((frame) => !frame.includes('"finish_reason":null'));
  return [
    sse({ ...bare, choices: [], prompt_filter_results: prompt }),
    ...frames.slice(0, end),
    sse({ ...bare, choices: [{ ...text, content_filter_offsets: { check_offset: 0 } }] }),
    ...frames.slice(end),
  ];
}

const azure = { refuse, admits };

function apiVersionOf({ path }: RecordedRequest): string | null {
  return new URL(path, 'http://azure').searchParams.get('api-version');
}

const noVersion = azureError(404, '404', 'Resource not found');

/** Versions before `2024-09-01-preview` know neither. */
function checkAge(body: JsonRecord, version: string): Refusal | undefined {
  const unknown = ['max_completion_tokens', 'stream_options'].find((name) => body[name] !== undefined);
  if (version >= '2024-09-01' || unknown === undefined) return undefined;
  return openaiError(400, `Unrecognized request argument supplied: ${unknown}`);
}

function checkDeployment(body: JsonRecord, request: RecordedRequest): Refusal | undefined {
  const version = apiVersionOf(request);
  if (version === null) return noVersion;
  return checkAge(body, version) ?? chat.check(body, request);
}

function checkOlderResponses(body: JsonRecord, request: RecordedRequest): Refusal | undefined {
  const version = apiVersionOf(request);
  if (version === null) return noVersion;
  if (version < '2025-03-01') {
    const message = 'Azure OpenAI Responses API is enabled only for api-version 2025-03-01-preview and later';
    return azureError(400, 'BadRequest', message);
  }
  return responses.check(body, request);
}

/**
 * OpenAI's formats as Azure serves them: the v1 API without a version, and the older one, which wants
 * `api-version` and has the deployment in the path of Chat Completions, but not of Responses.
 */
export const azureWires: readonly Wire[] = [
  { ...responses, ...azure, path: /^\/openai\/v1\/responses(\?api-version=preview)?$/ },
  { ...chat, ...azure, frames: annotated, path: /^\/openai\/v1\/chat\/completions(\?api-version=preview)?$/ },
  {
    ...chat,
    ...azure,
    frames: annotated,
    check: checkDeployment,
    path: /^\/openai\/deployments\/[\w.-]+\/chat\/completions(\?.*)?$/,
  },
  { ...responses, ...azure, check: checkOlderResponses, path: /^\/openai\/responses(\?.*)?$/ },
];
