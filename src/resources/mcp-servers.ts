import { isDeepStrictEqual } from 'node:util';
import { looksLikeKey } from '../access/secret-reference.ts';
import type { FieldErrors } from '../chat/form.ts';
import type { ActionContext, Caller, Resource, Row, RuleContext, Values } from './definition.ts';
import { nameOf } from './input.ts';
import { isSecretName } from './leaked-keys.ts';
import { serverCheckSchema, serverToolsSchema, toolsDecidedSchema } from './outputs.ts';
import { authErrors } from './server-auth.ts';
import { serverFields } from './server-fields.ts';
import { signInActions } from './server-sign-in.ts';
import { serverStatuses, statuses } from './statuses.ts';
import {
  acceptTools,
  listTools,
  revokeTools,
  toolDecisionForm,
  toolDecisionSchema,
} from './tool-decisions.ts';
import { tryServer } from './try-out.ts';
import type { ServerCheck } from './world.ts';

const decidedExample = {
  success: true,
  message: '1 tool is accepted. It takes effect at the next turn.',
  tools: ['look'],
  waiting: 0,
};

const icons: ReadonlyMap<string, string> = new Map([
  ['Healthy', '🟢'],
  ['Unhealthy', '🔴'],
  ['Vulnerable', '🟠'],
]);

/** Where tools come from. */
export const mcpServers: Resource = {
  path: 'mcp-servers',
  table: 'mcp_servers',
  suffix: 'mcpserver',
  word: 'servers',
  one: 'MCP server',
  many: 'MCP servers',
  help: 'Where tools come from. Only the tools of servers that answer are offered.',
  fields: serverFields,
  nameField: 'name',
  columns: ['name', 'status', 'protocol', 'is_enabled', 'is_trusted', 'last_checked'],
  search: ['name', 'url'],
  order: ['name'],
  changes: ['create', 'change', 'delete'],
  decisive: ['status'],
  example: {
    name: 'new-mcp-server',
    protocol: 'http',
    url: 'https://mcp.example.com',
    health_check: '/health',
    description: 'External MCP server',
    mcp_type: 'external',
  },
  check: checkServer,
  prepare: ({ by, before }) => ({ values: { origin: originAfter(by, before) } }),
  keep: (row) =>
    row.origin === 'bundled'
      ? 'It comes with the bot and would be back at the next start. Disable it instead.'
      : undefined,
  saved: async ({ row, before, world }) =>
    needsCheck(row, before) ? found(await world.checkServer(row.id)) : undefined,
  brief: (row, world) => ({
    Health: row.is_enabled === true ? nameOf(row.status) : 'disabled',
    'Last check': row.last_checked,
    Tools: world.toolCount(String(row.name)) ?? 'not connected',
    Latency: row.last_latency_ms === null ? null : `${String(row.last_latency_ms)} ms`,
  }),
  icon: (row) => (row.is_enabled === true ? (icons.get(nameOf(row.status)) ?? '') : '⚪'),
  tryOut: tryServer,
  actions: {
    'health-check': {
      label: 'Check',
      help: 'Asks the server now, and stores what is found.',
      method: 'POST',
      needs: 'change',
      output: serverCheckSchema,
      example: {
        success: true,
        message: 'The server answers.',
        details: 'HTTP 200',
        url: 'https://mcp.example.com/health',
        status: 'Healthy',
        latency_ms: 42,
      },
      run: checkNow,
    },
    tools: {
      label: 'Tools',
      help: 'Lists its tools, what they do to the world, whether they ask first, and which wait to be accepted.',
      method: 'GET',
      needs: 'view',
      output: serverToolsSchema,
      example: { count: 0, waiting: 0, tools: [] },
      run: listTools,
    },
    ...signInActions,
    'accept-tools': {
      label: 'Accept tools',
      help: 'Lets models have tools as they are defined now. New and changed tools wait for this outside LAB.',
      method: 'POST',
      needs: 'change',
      input: { schema: toolDecisionSchema, example: { tools: ['look'] }, ...toolDecisionForm },
      output: toolsDecidedSchema,
      example: decidedExample,
      run: acceptTools,
    },
    'revoke-tools': {
      label: 'Take tools back',
      help: 'Takes tools away from models until they are accepted again.',
      method: 'POST',
      needs: 'change',
      input: { schema: toolDecisionSchema, example: { tools: ['look'] }, ...toolDecisionForm },
      output: toolsDecidedSchema,
      example: { ...decidedExample, message: '1 tool is taken back. It takes effect at the next turn.' },
      run: revokeTools,
    },
  },
};

async function checkServer({ values, before, rows, world }: RuleContext): Promise<FieldErrors> {
  const status = await rows.find(statuses, { id: String(values.status) });
  const isKnown = serverStatuses.some((name) => name === status?.name);
  return {
    ...(isKnown ? {} : { status: [`Must be one of ${serverStatuses.join(', ')}.`] }),
    ...(values.protocol === 'http'
      ? httpErrors(values)
      : stdioErrors({ values, world, ...(before === undefined ? {} : { before }) })),
    ...authErrors(values, world),
    ...leakedArguments(values.args),
    ...bundledErrors(values, before),
  };
}

function httpErrors({ url, mcp_type: type }: Values): FieldErrors {
  if (url === '') return { url: ['An http server needs a URL that begins with https:// or http://.'] };
  if (!URL.canParse(String(url))) return {};
  const { username, password, search, hash, protocol } = new URL(String(url));
  if (username !== '' || password !== '')
    return {
      url: [
        'A URL may not hold a name or password: it is shown and logged. Use a header with a secret reference.',
      ],
    };
  if (search !== '' || hash !== '') return { url: ['Without ? and #.'] };
  if (type === 'external' && protocol !== 'https:')
    return { url: ['An external server must be reached by https.'] };
  return {};
}

function stdioErrors({
  values,
  before,
  world,
}: Pick<RuleContext, 'values' | 'before' | 'world'>): FieldErrors {
  const command = String(values.command);
  if (command === '') return { command: ['A stdio server needs a command.'] };
  if (command === 'bundled') {
    return before?.origin === 'bundled'
      ? {}
      : { command: ['Only the bot brings servers along; name a program.'] };
  }
  const refusal = world.refusalOfProgram({
    command,
    args: listOf(values.args),
    variables: Object.keys(Object(values.env)),
  });
  return refusal === undefined ? {} : { command: [`${refusal} AI_OPS_STDIO_ALLOW is read at the start.`] };
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Arguments are shown, and other programs of the machine can read them. */
function leakedArguments(args: unknown): FieldErrors {
  const words = listOf(args);
  const isLeak = words.some((word, n) => looksLikeKey(word) || givesSecret(word, words[n + 1]));
  return isLeak
    ? { args: ['One of these looks like a secret. Give it by the environment, as a secret reference.'] }
    : {};
}

/** `--password=…`, or `--password` and then something. */
function givesSecret(word: string, next: string | undefined): boolean {
  const [, name = '', value] = /^--?([A-Za-z0-9_-]+)(?:=(.+))?$/.exec(word) ?? [];
  return isSecretName(name) && (value !== undefined || (next !== undefined && !next.startsWith('-')));
}

const fixedWhenBundled = [
  'auth',
  'name',
  'protocol',
  'url',
  'mcp_endpoint',
  'headers',
  'command',
  'args',
  'env',
];

/** A server that comes with the bot is started as the bot says. */
function bundledErrors(values: Values, before: Row | undefined): FieldErrors {
  if (before?.origin !== 'bundled') return {};
  const changed = fixedWhenBundled.filter((name) => !isDeepStrictEqual(values[name], before[name]));
  return Object.fromEntries(
    changed.map((name) => [
      name,
      ['It comes with the bot; this cannot be changed. Make a server of your own.'],
    ]),
  );
}

function originAfter(by: Caller, before: Row | undefined): unknown {
  return by.source === 'bootstrap' ? 'bootstrap' : (before?.origin ?? 'admin');
}

const decisive = [
  'protocol',
  'url',
  'mcp_endpoint',
  'health_check',
  'headers',
  'auth',
  'oauth_client_id',
  'oauth_client_secret',
  'oauth_private_key',
  'oauth_scopes',
  'oauth_issuer',
  'command',
  'args',
  'env',
  'mcp_type',
  'is_enabled',
  'status',
];

/** A server is asked when anything that decides about the answer changed; one marked vulnerable is left alone. */
function needsCheck(row: Row, before: Row | undefined): boolean {
  if (nameOf(row.status) === 'Vulnerable' || row.is_enabled !== true) return false;
  return (
    before === undefined ||
    decisive.some((name) => JSON.stringify(row[name]) !== JSON.stringify(before[name]))
  );
}

/** What a check says of the row. */
export function found({ healthy, message, guarded = message, latencyMs }: ServerCheck): Values {
  return {
    status: healthy ? 'Healthy' : 'Unhealthy',
    last_checked: new Date().toISOString(),
    last_latency_ms: Math.round(latencyMs),
    last_error: healthy ? '' : guarded,
  };
}

async function checkNow({ row, world, note }: ActionContext): Promise<unknown> {
  const check = await world.checkServer(row.id);
  const isManual = nameOf(row.status) === 'Vulnerable';
  const { status: _kept, ...rest } = found(check);
  const stored = await note(isManual ? rest : found(check));
  return {
    success: check.healthy,
    message: check.message,
    details: check.details,
    url: check.url,
    status: nameOf(stored.status),
    latency_ms: Math.round(check.latencyMs),
  };
}
