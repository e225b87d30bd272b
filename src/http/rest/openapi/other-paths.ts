import { auditFilters } from '../audit-routes.ts';
import { apiPath } from '../row-json.ts';
import { jsonContent, type Part, ref, refusals } from './answers.ts';
import { listingOf, pagingParameters, queryParameter } from './parameters.ts';

function get(operationId: string, summary: string, { tag, ok, more = {}, refused = [] }: Reading): Part {
  const responses = { 200: ok, ...refusals(...refused) };
  return { get: { operationId, summary, tags: [tag], ...more, responses } };
}

interface Reading {
  readonly tag: string;
  readonly ok: Part;
  readonly more?: Part;
  readonly refused?: readonly (400 | 403 | 404)[];
}

const addresses = { type: 'object', additionalProperties: { type: 'string' } };
const map = { description: 'Addresses by name.', content: jsonContent(addresses) };
const auditParameters = Object.entries(auditFilters).map(([name, description]) =>
  queryParameter(name, description, { type: 'string' }),
);
const audit = `${apiPath}/audit/`;
const open = { security: [] };

const verified = {
  ok: true,
  seals: 12,
  rows: 431,
  unsealed: 3,
  hash: '9f2c6d1b0a4e8f7733221100ffeeddccbbaa99887766554433221100abcdef01',
};
const auditRow = {
  id: '17',
  at: '2026-11-21T12:00:00.000000Z',
  actor: 'token:admin',
  action: 'llm-models.change',
  target: 'llm-models/5b1c7d2e-0f5a-4c53-9a3c-1d2e3f4a5b6c',
  detail: { name: 'gpt-4o', before: { temperature: 0 }, after: { temperature: 0.3 } },
  source: 'rest',
  address: '192.0.2.7',
  thread_id: null,
  turn_id: null,
  seal: 12,
};

/** What belongs to no resource: the API itself, the audit log, health. */
export const otherPaths: Part = {
  '/api/': get('api_root', 'Says where things are', { tag: 'api', ok: map }),
  '/api/status/': get('api_status', 'Says which version this is', {
    tag: 'api',
    ok: { description: 'Versions.', content: jsonContent({ type: 'object' }) },
  }),
  '/api/plugins/': get('plugins_root', 'Says where plugins are', { tag: 'api', ok: map }),
  '/api/plugins/installed-plugins/': get('plugins_installed', 'Lists plugins', {
    tag: 'api',
    ok: { description: 'This one.', content: jsonContent({ type: 'array', items: { type: 'object' } }) },
  }),
  '/api/extras/': get('extras_root', 'Says where statuses are', { tag: 'api', ok: map }),
  '/api/extras/statuses/': get('extras_statuses_list', 'Lists statuses, where Nautobot has them', {
    tag: 'api',
    more: { parameters: pagingParameters },
    ok: { description: 'A page of them.', content: jsonContent(listingOf(ref('Status'))) },
    refused: [400],
  }),
  '/api/schema/': get('api_schema', 'This document', {
    tag: 'api',
    ok: { description: 'OpenAPI 3.1.', content: jsonContent({ type: 'object' }) },
  }),
  [`${apiPath}/`]: get('ai_ops_root', 'Lists the resources that you may see', { tag: 'api', ok: map }),
  [`${apiPath}/forms/`]: get('forms', 'Describes what you may see and do, to draw pages from', {
    tag: 'api',
    ok: { description: 'Forms by resource.', content: jsonContent({ type: 'object' }) },
  }),
  [`${apiPath}/forms/{id}/`]: get(
    'forms_options',
    'Describes the options of a resource’s JSON field, each as a field',
    {
      tag: 'api',
      more: {
        parameters: [
          {
            name: 'id',
            in: 'path',
            required: true,
            description: 'The path of the resource.',
            schema: { type: 'string', maxLength: 60 },
          },
        ],
      },
      ok: {
        description:
          'Options by what decides about them, null where they are not known; and what each choice begins with.',
        content: jsonContent({ type: 'object' }),
      },
      refused: [404],
    },
  ),
  '/plugins/ai-ops/mcp/clear-cache/': {
    post: {
      operationId: 'mcp_clear_cache',
      tags: ['api'],
      summary: 'Forgets the tools of all MCP servers, and asks again',
      responses: {
        200: {
          description: 'Of how many.',
          content: jsonContent(ref('CacheCleared'), { success: true, cleared_count: 2 }),
        },
        ...refusals(403),
      },
    },
  },
  [audit]: get('audit_list', 'Lists the audit log, the newest first', {
    tag: 'audit',
    more: { parameters: [...pagingParameters, ...auditParameters] },
    ok: {
      description: 'A page of it.',
      content: jsonContent(listingOf(ref('AuditRow')), {
        count: 1,
        next: null,
        previous: null,
        results: [auditRow],
      }),
    },
    refused: [400, 403],
  }),
  [`${audit}export/`]: get('audit_export', 'Exports the audit log as JSON lines, the oldest first', {
    tag: 'audit',
    more: { parameters: auditParameters },
    ok: {
      description: 'A row in each line.',
      content: { 'application/x-ndjson': { schema: { type: 'string' } } },
    },
    refused: [400, 403],
  }),
  [`${audit}verify/`]: get('audit_verify', 'Checks every seal of the audit log', {
    tag: 'audit',
    ok: { description: 'Whether it is whole.', content: jsonContent(ref('AuditVerification'), verified) },
    refused: [403],
  }),
  '/health/live': health('health_live', 'Whether the process runs', { status: 'ok' }),
  '/health/ready': health('health_ready', 'Whether it can work; details for those who may know them', {
    status: 'ready',
    database: { status: 'ok' },
    redis: { status: 'absent' },
    model: { status: 'ok' },
    servers: { ok: 2 },
  }),
  '/metrics': {
    get: {
      operationId: 'metrics',
      tags: ['health'],
      summary: 'Metrics in the format of Prometheus',
      responses: {
        200: { description: 'Metrics.', content: { 'text/plain': { schema: { type: 'string' } } } },
        401: { $ref: '#/components/responses/Unauthenticated' },
      },
    },
  },
};

function health(operationId: string, summary: string, example: Part): Part {
  const content = jsonContent({ type: 'object' }, example);
  const notReady = operationId === 'health_ready' ? { 503: { description: 'It cannot.', content } } : {};
  return {
    get: {
      ...{ operationId, summary, tags: ['health'], ...open },
      responses: { 200: { description: 'It is.', content }, ...notReady },
    },
  };
}

/** The schemas that they refer to. */
export const otherSchemas: Part = {
  CacheCleared: {
    type: 'object',
    properties: { success: { type: 'boolean' }, cleared_count: { type: 'integer' } },
    required: ['success', 'cleared_count'],
  },
  AuditRow: {
    type: 'object',
    properties: {
      ...Object.fromEntries(
        ['id', 'at', 'actor', 'action', 'target', 'source', 'address'].map((name) => [
          name,
          { type: 'string' },
        ]),
      ),
      detail: { type: 'object' },
      thread_id: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      turn_id: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      seal: { anyOf: [{ type: 'integer' }, { type: 'null' }], description: 'The seal that covers it.' },
    },
    required: Object.keys(auditRow),
  },
  AuditVerification: {
    type: 'object',
    properties: {
      ok: { type: 'boolean' },
      seals: { type: 'integer', description: 'Seals that hold, up to the first that does not.' },
      rows: { type: 'integer' },
      unsealed: { type: 'integer' },
      hash: { type: 'string', description: 'Of the last seal.' },
      broken_seal: { type: 'integer', description: 'The first link that does not hold.' },
      flaw: { type: 'string' },
      reason: { type: 'string' },
    },
    required: ['ok', 'seals', 'rows'],
  },
};
