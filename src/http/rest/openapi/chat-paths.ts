import { jsonContent, type Part, ref, refusals } from './answers.ts';

const chat = '/plugins/ai-ops/api/chat/';
const approvals = '/plugins/ai-ops/api/approvals/';
const concerns = '/plugins/ai-ops/api/concerns/';
const tag = 'chat';

const threadId = {
  name: 'thread_id',
  in: 'path',
  required: true,
  description: 'The caller’s own name of a thread.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' },
};
const approvalId = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };

const answer = {
  response: 'The database is well: 12 of 200 connections are in use.',
  thread_id: 'incident-42',
  turn_id: '0191c1d0-7c1e-7a52-b8a5-6f0c4b1d2e3f',
  status: 'done',
};

const decided = { description: 'As it stands now.', content: jsonContent({ type: 'object' }) };

/** The chat API, which an adapter serves. */
export const chatPaths: Part = {
  [chat]: {
    post: {
      operationId: 'chat_send',
      tags: [tag],
      summary: 'Asks the bot',
      description:
        'Answers when the turn ended or waits. With Accept: text/event-stream it streams turn, text, status, plan, restart, tool_start, tool_progress, tool_end, approval, final and error.',
      parameters: [
        {
          name: 'Idempotency-Key',
          in: 'header',
          description: 'A repeated request with the same key is the same turn.',
          schema: { type: 'string', maxLength: 255 },
        },
      ],
      requestBody: {
        required: true,
        content: jsonContent(ref('ChatMessage'), { message: 'How is the database?' }),
      },
      responses: {
        200: {
          description: 'Done, or stopped.',
          content: {
            ...jsonContent(ref('ChatAnswer'), answer),
            'text/event-stream': { schema: { type: 'string' } },
          },
        },
        202: {
          description: 'It waits for approvals.',
          content: jsonContent(ref('ChatAnswer'), {
            ...answer,
            response: 'May I restart it?',
            status: 'waiting',
            approval_ids: ['0191c1d0-8a3b-7f10-9c55-1a2b3c4d5e6f'],
          }),
        },
        502: { description: 'The turn failed.', content: jsonContent(ref('ChatAnswer')) },
        504: { description: 'The turn took too long.', content: jsonContent(ref('ChatAnswer')) },
        ...refusals(400, 403, 409, 413),
      },
    },
    get: {
      operationId: 'chat_list',
      tags: [tag],
      summary: 'Lists your threads',
      responses: {
        200: { description: 'The newest first.', content: jsonContent({ type: 'object' }, { threads: [] }) },
        ...refusals(403),
      },
    },
  },
  [`${chat}{thread_id}/`]: {
    parameters: [threadId],
    get: {
      operationId: 'chat_read',
      tags: [tag],
      summary: 'Reads a thread',
      responses: {
        200: {
          description: 'Its messages, oldest first, and its newest turn.',
          content: jsonContent({ type: 'object' }, { thread_id: 'incident-42', messages: [], turn: null }),
        },
        ...refusals(403, 404),
      },
    },
    delete: {
      operationId: 'chat_clear',
      tags: [tag],
      summary: 'Forgets a thread',
      responses: { 204: { description: 'Forgotten.' }, ...refusals(403, 404) },
    },
  },
  [`${chat}{thread_id}/stop/`]: {
    parameters: [threadId],
    post: {
      operationId: 'chat_stop',
      tags: [tag],
      summary: 'Stops the running turn',
      responses: {
        200: {
          description: 'Whether there was one.',
          content: jsonContent({ type: 'object' }, { stopped: true }),
        },
        ...refusals(403, 404),
      },
    },
  },
  [`${chat}{thread_id}/events/`]: {
    parameters: [threadId],
    get: {
      operationId: 'chat_follow',
      tags: [tag],
      summary: 'Follows a thread as server-sent events',
      responses: {
        200: { description: 'Events.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
        ...refusals(403, 404),
      },
    },
  },
  [approvals]: {
    get: {
      operationId: 'approvals_list',
      tags: [tag],
      summary: 'Lists what waits for a decision',
      responses: {
        200: {
          description: 'The newest first.',
          content: jsonContent({ type: 'object' }, { approvals: [] }),
        },
        ...refusals(403),
      },
    },
  },
  [`${approvals}{id}/`]: {
    parameters: [approvalId],
    get: {
      operationId: 'approvals_read',
      tags: [tag],
      summary: 'Reads an approval',
      responses: { 200: decided, ...refusals(403, 404) },
    },
    post: {
      operationId: 'approvals_decide',
      tags: [tag],
      summary: 'Approves, edits, denies or responds; answers a form or declines it',
      requestBody: {
        required: true,
        content: jsonContent(ref('Decision'), { decision: 'deny', reason: 'Not during the day.' }),
      },
      responses: { 200: decided, ...refusals(400, 403, 404, 409) },
    },
  },
  [`${concerns}{id}/`]: {
    parameters: [approvalId],
    post: {
      operationId: 'concerns_attend',
      tags: [tag],
      summary: 'Acknowledges what needs attention, snoozes it, or opens it again',
      requestBody: {
        required: true,
        content: jsonContent(ref('Attending'), { verb: 'snooze', minutes: 240 }),
      },
      responses: { 200: decided, ...refusals(400, 403, 404) },
    },
  },
};

/** The schemas that they refer to. */
export const chatSchemas: Part = {
  ChatMessage: {
    type: 'object',
    properties: {
      message: { type: 'string', minLength: 1, maxLength: 32_000 },
      thread_id: {
        description: 'An existing thread, or a new one of this name. Absent: a new one.',
        anyOf: [{ type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' }, { type: 'null' }],
      },
    },
    required: ['message'],
    additionalProperties: false,
  },
  ChatAnswer: {
    type: 'object',
    properties: {
      response: { type: 'string' },
      thread_id: { type: 'string' },
      turn_id: { type: 'string', description: 'Also the reference id.' },
      status: { type: 'string', enum: ['waiting', 'done', 'failed', 'stopped'] },
      approval_ids: { type: 'array', items: { type: 'string' } },
      footer: { type: 'string', description: 'What it took.' },
      usage: ref('TurnUsage'),
      code: { type: 'string', description: 'Of a failed turn.' },
    },
    required: ['response', 'thread_id', 'turn_id', 'status'],
  },
  TurnUsage: {
    type: 'object',
    description: 'Tokens of its model calls. Input includes the vendor’s cache, output includes reasoning.',
    properties: {
      ...Object.fromEntries(
        ['input', 'output', 'cache_read', 'cache_write', 'reasoning'].map((kind) => [
          `${kind}_tokens`,
          { type: 'integer' },
        ]),
      ),
      cost_usd: { anyOf: [{ type: 'number' }, { type: 'null' }], description: 'Null: unknown.' },
      cost_is_whole: { type: 'boolean', description: 'False: it was more than that.' },
    },
  },
  Attending: {
    type: 'object',
    properties: {
      verb: { type: 'string', enum: ['acknowledge', 'snooze', 'reopen'] },
      minutes: {
        description: 'Of snooze: for how long.',
        anyOf: [{ type: 'integer', minimum: 1, maximum: 43_200 }, { type: 'null' }],
      },
    },
    required: ['verb'],
    additionalProperties: false,
  },
  Decision: {
    type: 'object',
    properties: {
      decision: {
        type: 'string',
        enum: ['approve', 'deny', 'edit', 'respond', 'answer', 'decline'],
        description:
          'An approval is approved, edited (approved with other arguments), denied or responded to (the message becomes the result), where its `allows` says so; what only the asker can give is answered or declined.',
      },
      arguments: {
        description: 'Of edit: everything that the call is to run with.',
        anyOf: [{ type: 'object' }, { type: 'null' }],
      },
      message: {
        description: 'Of respond: what the model gets in place of a result.',
        anyOf: [{ type: 'string', maxLength: 4000 }, { type: 'null' }],
      },
      values: {
        description:
          'What a form is filled in with, by field; of edit, the form that reading the approval gives.',
        anyOf: [{ type: 'object' }, { type: 'null' }],
      },
      reason: { anyOf: [{ type: 'string', maxLength: 2000 }, { type: 'null' }] },
    },
    required: ['decision'],
    additionalProperties: false,
  },
};
