import { apiPath } from '../row-json.ts';
import { usageParameters } from '../usage-routes.ts';
import { jsonContent, type Part, ref, refusals } from './answers.ts';
import { listingOf, pagingParameters, queryParameter } from './parameters.ts';

const sum = {
  day: '2026-11-21',
  model: 'gpt-6.1-sol',
  calls: 41,
  turns: 17,
  input_tokens: 96_300,
  output_tokens: 8_120,
  cache_read_tokens: 61_440,
  cache_write_tokens: 0,
  reasoning_tokens: 2_304,
  cost_usd: 0.157064,
  cost_is_whole: true,
  unpriced_calls: 0,
};

const trace = {
  turn_id: '5b1c7d2e-0f5a-4c53-9a3c-1d2e3f4a5b6c',
  activations: [
    {
      began_at: '2026-11-15T12:00:00.000Z',
      duration_ms: 913.4,
      layers: [{ type: 'LoggingMiddleware', priority: 10 }],
      skipped: [],
      calls: [
        {
          around: 'model call',
          name: 'gpt-4o',
          at_ms: 1.4,
          duration_ms: 870.2,
          input_tokens: 1204,
          output_tokens: 96,
        },
      ],
      entered: [
        {
          layer: 'LoggingMiddleware',
          around: 'turn',
          at_ms: 0.1,
          in_ms: 0.1,
          out_ms: null,
          calls: 1,
          failed: false,
          end: null,
        },
      ],
      more: 0,
    },
  ],
  text: 'The layers that this turn went through: …',
};

/** What model calls used and cost, and what turns went through. */
export const usagePaths: Part = {
  [`${apiPath}/usage/`]: {
    get: {
      operationId: 'usage_list',
      tags: ['usage'],
      summary: 'Sums what model calls used and cost, by day, model, principal or thread',
      parameters: [
        ...pagingParameters,
        ...Object.entries(usageParameters).map(([name, description]) =>
          queryParameter(name, description, { type: 'string' }),
        ),
      ],
      responses: {
        200: {
          description: 'A page of sums.',
          content: {
            ...jsonContent(listingOf(ref('UsageSum')), {
              count: 1,
              next: null,
              previous: null,
              results: [sum],
            }),
            'text/csv': { schema: { type: 'string' } },
          },
        },
        ...refusals(400, 403),
      },
    },
  },
  [`${apiPath}/turns/{id}/trace/`]: {
    get: {
      operationId: 'turns_trace_retrieve',
      tags: ['usage'],
      summary: 'Says which middleware a turn went through, in order, and how long each took',
      parameters: [
        {
          name: 'id',
          in: 'path',
          required: true,
          description: 'The turn’s reference id.',
          schema: { type: 'string', format: 'uuid' },
        },
      ],
      responses: {
        200: {
          description: 'One entry for each time that the turn was worked on.',
          content: jsonContent(ref('TurnTrace'), trace),
        },
        ...refusals(403, 404),
      },
    },
  },
};

const integers = [
  'calls',
  'turns',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
];

/** The schemas that they refer to. */
export const usageSchemas: Part = {
  TurnTrace: {
    type: 'object',
    required: ['turn_id', 'activations', 'text'],
    properties: {
      turn_id: { type: 'string', format: 'uuid' },
      activations: { type: 'array', items: { type: 'object' } },
      text: { type: 'string', description: 'The same as Markdown, for people.' },
    },
  },
  UsageSum: {
    type: 'object',
    description: 'Input includes the vendor’s cache, output includes reasoning.',
    properties: {
      ...Object.fromEntries(
        ['day', 'model', 'principal', 'thread_id'].map((name) => [
          name,
          { type: 'string', description: 'Where it was summed by.' },
        ]),
      ),
      ...Object.fromEntries([...integers, 'reasoning_tokens'].map((name) => [name, { type: 'integer' }])),
      cost_usd: { anyOf: [{ type: 'number' }, { type: 'null' }], description: 'Null: nothing is known.' },
      cost_is_whole: { type: 'boolean', description: 'False: it was more than that.' },
      unpriced_calls: { type: 'integer', description: 'Calls of unknown cost.' },
    },
  },
};
