import type { JsonRecord, Refusal, RefusalName } from './script.ts';

/** An error body of the OpenAI API. */
export function openaiError(
  status: number,
  message: string,
  details: { readonly type?: string; readonly code?: string; readonly param?: string } = {},
): Refusal {
  const { type = 'invalid_request_error', code = null, param = null } = details;
  return { status, body: { error: { message, type, param, code } } };
}

const words: Readonly<Record<RefusalName, (model: string) => Refusal>> = {
  unauthorized: () =>
    openaiError(
      401,
      'Incorrect API key provided: sk-test-************cret. You can find your API key at https://platform.openai.com/account/api-keys.',
      { code: 'invalid_api_key' },
    ),
  forbidden: (model) =>
    openaiError(403, `Project \`proj_x\` does not have access to model \`${model}\``, {
      code: 'model_not_available',
    }),
  model_not_found: (model) =>
    openaiError(404, `The model \`${model}\` does not exist or you do not have access to it.`, {
      code: 'model_not_found',
    }),
  rate_limited: (model) =>
    openaiError(
      429,
      `Rate limit reached for ${model} on requests per min (RPM): Limit 3, Used 3, Requested 1.`,
      { type: 'requests', code: 'rate_limit_exceeded' },
    ),
  quota: () =>
    openaiError(429, 'You exceeded your current quota, please check your plan and billing details.', {
      type: 'insufficient_quota',
      code: 'insufficient_quota',
    }),
  server_error: () =>
    openaiError(500, 'The server had an error while processing your request. Sorry about that!', {
      type: 'server_error',
    }),
  overloaded: () =>
    openaiError(503, 'The engine is currently overloaded, please try again later.', {
      type: 'server_error',
      code: 'server_is_overloaded',
    }),
  context_overflow: () =>
    openaiError(400, 'Your input exceeds the context window of this model. Please adjust your input.', {
      code: 'context_length_exceeded',
      param: 'input',
    }),
  content_filter: () =>
    openaiError(400, 'Invalid prompt: your prompt was flagged as potentially violating our usage policy.', {
      code: 'invalid_prompt',
    }),
};

export function refuseAsOpenai(name: RefusalName, model: string): Refusal {
  return words[name](model);
}

/** What both OpenAI formats refuse in a function tool; `at` is the parameter's path. */
export function checkFunction(tool: JsonRecord, at: string, namePattern: RegExp): Refusal | undefined {
  const { name, parameters } = tool;
  if (typeof name !== 'string' || !namePattern.test(name)) return badName(name, `${at}.name`);
  const schema = parameters as JsonRecord | undefined;
  if (schema?.type !== 'object') {
    return openaiError(
      400,
      `Invalid schema for function '${name}': schema must be a JSON Schema of 'type: "object"', got 'type: "${schema?.type}"'.`,
      { param: `${at}.parameters`, code: 'invalid_function_parameters' },
    );
  }
  if (schema.properties === undefined) {
    return openaiError(
      400,
      `Invalid schema for function '${name}': In context=(), object schema missing properties.`,
      { param: `${at}.parameters`, code: 'invalid_function_parameters' },
    );
  }
  return undefined;
}

export function badName(name: unknown, param: string): Refusal {
  if (typeof name === 'string' && name.length > 64) {
    return openaiError(
      400,
      `Invalid '${param}': string too long. Expected a string with maximum length 64, but got a string with length ${name.length} instead.`,
      { param, code: 'string_above_max_length' },
    );
  }
  return openaiError(
    400,
    `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
    { param, code: 'invalid_value' },
  );
}

export function missing(param: string): Refusal {
  return openaiError(400, `Missing required parameter: '${param}'.`, {
    param,
    code: 'missing_required_parameter',
  });
}

/** A frame of server-sent events. */
export function sse(data: JsonRecord, event?: string): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
}
