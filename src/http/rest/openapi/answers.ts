import type { JsonSchema } from './json-schema.ts';

/** A part of the document. */
export type Part = Readonly<Record<string, unknown>>;

export function jsonContent(schema: JsonSchema, example?: unknown): Part {
  return { 'application/json': { schema, ...(example === undefined ? {} : { example }) } };
}

export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** References to the answers that refuse a request; 401, 429, 500 and 503 are possible everywhere. */
export function refusals(...statuses: readonly (keyof typeof names)[]): Part {
  const all = [...statuses, 401, 429, 500, 503] as const;
  return Object.fromEntries(
    all.map((status) => [status, { $ref: `#/components/responses/${names[status]}` }]),
  );
}

const names = {
  400: 'Invalid',
  401: 'Unauthenticated',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'NotAllowed',
  409: 'Conflict',
  412: 'Changed',
  413: 'TooLarge',
  429: 'TooMany',
  500: 'Failed',
  503: 'Unavailable',
} as const;

const referenceId = 'b3f0c7f4-41ad-4a73-8a7e-3f2b0f0a4a11';

function problem(description: string, code: string, detail: string, headers?: Part): Part {
  const example = { detail, code, reference_id: referenceId };
  return {
    description,
    content: jsonContent(ref('Problem'), example),
    ...(headers === undefined ? {} : { headers }),
  };
}

const retryAfter = { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } };

/** The answers that refuse a request. */
export const responses: Part = {
  Invalid: {
    description:
      'What was sent is wrong: by field, of several things in their order; or it cannot be read at all.',
    content: jsonContent(
      {
        anyOf: [ref('FieldErrors'), { type: 'array', items: ref('FieldErrors') }, ref('Problem')],
      },
      { name: ['This field is required.'] },
    ),
  },
  Unauthenticated: problem('Nobody known.', 'unauthenticated', 'Send "Authorization: Token <token>".', {
    'WWW-Authenticate': { description: 'Always Token.', schema: { type: 'string' } },
  }),
  Forbidden: problem(
    'A permission is missing.',
    'forbidden',
    'This needs the permission ai_ops.change_llmmodel; ask an administrator to grant it.',
  ),
  NotFound: problem('There is no such thing.', 'not_found', 'There is no LLM model with this id.'),
  NotAllowed: problem(
    'This cannot be done with such a thing.',
    'method_not_allowed',
    'POST is not possible here.',
    {
      Allow: { description: 'What can be done.', schema: { type: 'string' } },
    },
  ),
  Conflict: problem(
    'It cannot be done as things stand.',
    'conflict',
    'This middleware type is in use by 1 middleware. Change or delete those first.',
  ),
  Changed: problem(
    'If-Match names another state than there is.',
    'changed',
    'Somebody changed it since you read it. Read it again, and repeat your change.',
  ),
  TooLarge: problem(
    'The body is too large.',
    'too_large',
    'The request body is larger than this path accepts.',
  ),
  TooMany: problem('Too many requests.', 'busy', 'Too many requests. Wait before you send more.', retryAfter),
  Failed: problem('The bot failed.', 'internal', 'Something went wrong inside the bot.'),
  Unavailable: problem(
    'The database cannot be reached.',
    'unavailable',
    'The bot cannot reach its database. Try again in a moment.',
    retryAfter,
  ),
};

/** Schemas that everything shares. */
export const sharedSchemas: Part = {
  Problem: {
    type: 'object',
    properties: {
      detail: { type: 'string', description: 'A sentence that says what to do.' },
      code: { type: 'string', description: 'A stable word for programs.' },
      reference_id: { type: 'string', description: 'Under which the log says more.' },
    },
    required: ['detail', 'code', 'reference_id'],
  },
  FieldErrors: {
    type: 'object',
    description: 'Sentences by field; non_field_errors for what belongs to none.',
    additionalProperties: { type: 'array', items: { type: 'string' } },
  },
  Relation: {
    type: 'object',
    description: 'A row of another resource. It is written by its id or its unique name.',
    properties: {
      id: { type: 'string', format: 'uuid' },
      name: { type: 'string' },
      display: { type: 'string' },
      object_type: { type: 'string' },
      url: { type: 'string' },
    },
    required: ['id', 'name', 'display', 'object_type', 'url'],
  },
  Tag: {
    type: 'object',
    properties: { name: { type: 'string' }, display: { type: 'string' } },
    required: ['name', 'display'],
  },
  Id: {
    type: 'object',
    properties: { id: { type: 'string', format: 'uuid' } },
    required: ['id'],
  },
};
