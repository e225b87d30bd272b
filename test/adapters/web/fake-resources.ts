import type { FieldErrors, FormField, ListColumn } from '../../../src/chat/form.ts';
import { field } from './fake-fields.ts';

/** A row as REST shows it; relations are `{id, name}` or null. */
export type FakeRow = Record<string, unknown> & { id: string };

export interface FakeAction {
  readonly label: string;
  readonly help: string;
  readonly method: 'GET' | 'POST';
  readonly needs: 'view' | 'change';
  readonly takesInput?: true;
  run(row: FakeRow, input: unknown): unknown;
}

/** A resource of the REST double. */
export interface FakeResource {
  readonly path: string;
  readonly suffix: string;
  readonly word: string;
  readonly one: string;
  readonly many: string;
  readonly help: string;
  readonly nameField: string;
  readonly fields: readonly FormField[];
  readonly columns: readonly ListColumn[];
  readonly search: readonly string[];
  /** What becomes of its rows when the one that a field names is deleted. */
  readonly onDelete: Readonly<Record<string, 'cascade' | 'protect' | 'clear'>>;
  readonly actions: Readonly<Record<string, FakeAction>>;
  readonly isFixed?: boolean;
  readonly check?: (row: FakeRow) => FieldErrors;
  /** Shown in the answer to its creation and never again. */
  readonly reveal?: () => Readonly<Record<string, unknown>>;
}

const named = { isRequired: true, help: 'How it is called.' };
const tags = field('tags', { type: 'texts' }, { help: 'Words to find it by.', value: [] });

const statuses: FakeResource = {
  path: 'statuses',
  suffix: 'status',
  word: 'statuses',
  one: 'status',
  many: 'Statuses',
  help: 'How servers can stand.',
  nameField: 'name',
  fields: [field('name', { type: 'text' }, { isReadOnly: true })],
  columns: [{ name: 'name', label: 'Name', type: 'text' }],
  search: ['name'],
  onDelete: {},
  actions: {},
  isFixed: true,
};

const models: FakeResource = {
  path: 'llm-models',
  suffix: 'llmmodel',
  word: 'models',
  one: 'LLM model',
  many: 'LLM models',
  help: 'The language models that answer.',
  nameField: 'name',
  fields: [
    field('name', { type: 'text', maxLength: 255, placeholder: 'gpt-6.1-sol' }, named),
    field('fallback', { type: 'reference', resource: 'llm-models' }, { value: null }),
    field('description', { type: 'paragraph' }, { value: '' }),
    field('model_secret_key', { type: 'secret' }, { label: 'Secret reference', value: '' }),
    field('is_enabled', { type: 'switch' }, { label: 'Enabled', value: true }),
    field(
      'temperature',
      { type: 'number', isInteger: false, min: 0, max: 2 },
      { value: 0, help: 'From 0, the same each time, to 2.' },
    ),
    field(
      'context_window',
      { type: 'number', isInteger: true, min: 1, unit: 'tokens' },
      { value: null, help: 'Tokens it can read and write in all.' },
    ),
    field('retires_at', { type: 'time' }, { value: null }),
    field('model_config', { type: 'json' }, { label: 'Settings', value: {} }),
    tags,
    field('origin', { type: 'text' }, { isReadOnly: true }),
  ],
  columns: [
    { name: 'name', label: 'Name', type: 'text' },
    { name: 'fallback', label: 'Fallback', type: 'reference' },
    { name: 'is_enabled', label: 'Enabled', type: 'flag' },
    { name: 'temperature', label: 'Temperature', type: 'number' },
    { name: 'is_available', label: 'Available', type: 'text' },
  ],
  search: ['name', 'description'],
  onDelete: { fallback: 'clear' },
  check: ({ temperature, model_secret_key: secret, model_config: config }) => ({
    ...(typeof temperature === 'number' && temperature <= 2 ? {} : { temperature: ['At most 2.'] }),
    ...(JSON.stringify(config).includes('api_key') ? { model_config: ['A key may not stand here.'] } : {}),
    ...(/^sk-/.test(String(secret)) ? { model_secret_key: ['This looks like a secret.'] } : {}),
  }),
  actions: {
    test: {
      label: 'Test',
      help: 'Calls the model once with a few words.',
      method: 'POST',
      needs: 'change',
      run: ({ name }) =>
        String(name).startsWith('broken')
          ? { ok: false, latency_ms: 90, kind: 'auth', detail: 'The key was refused. Check the secret.' }
          : { ok: true, latency_ms: 412, tokens: 14, text: 'OK.' },
    },
  },
};

const httpOnly = { field: 'protocol', in: ['http'] };
const stdioOnly = { field: 'protocol', in: ['stdio'] };

const serverStatuses = ['Healthy', 'Unhealthy', 'Vulnerable'].map((value) => ({ value, label: value }));

const servers: FakeResource = {
  path: 'mcp-servers',
  suffix: 'mcpserver',
  word: 'servers',
  one: 'MCP server',
  many: 'MCP servers',
  help: 'Where tools come from. Only the tools of servers that answer are offered.',
  nameField: 'name',
  fields: [
    field('name', { type: 'text' }, named),
    field(
      'status',
      { type: 'reference', resource: 'statuses', choices: serverStatuses },
      { value: 'Unhealthy' },
    ),
    field(
      'protocol',
      {
        type: 'choice',
        choices: [
          { value: 'http', label: 'HTTP' },
          { value: 'stdio', label: 'stdio' },
        ],
      },
      { value: 'http' },
    ),
    field(
      'url',
      { type: 'text', placeholder: 'https://mcp.example.com' },
      { label: 'URL', value: '', shownWhen: httpOnly },
    ),
    field('headers', { type: 'pairs' }, { value: {}, shownWhen: httpOnly }),
    field('command', { type: 'text' }, { value: '', shownWhen: stdioOnly }),
    field('args', { type: 'texts' }, { label: 'Arguments', value: [], shownWhen: stdioOnly }),
    field('is_trusted', { type: 'switch' }, { label: 'Trusted', value: false }),
    field('tool_overrides', { type: 'json' }, { value: {} }),
    field('last_error', { type: 'paragraph' }, { value: '', isReadOnly: true }),
    field('origin', { type: 'text' }, { value: 'admin', isReadOnly: true, help: 'Who made it.' }),
  ],
  columns: [
    { name: 'name', label: 'Name', type: 'text' },
    { name: 'status', label: 'Status', type: 'status' },
    { name: 'protocol', label: 'Protocol', type: 'text' },
    { name: 'is_trusted', label: 'Trusted', type: 'flag' },
    { name: 'last_checked', label: 'Last checked', type: 'time' },
  ],
  search: ['name', 'url'],
  onDelete: { status: 'protect' },
  check: ({ protocol, url }): FieldErrors =>
    protocol === 'http' && url === '' ? { url: ['An http server needs a URL.'] } : {},
  actions: {
    tools: {
      label: 'Tools',
      help: 'Lists its tools.',
      method: 'GET',
      needs: 'view',
      run: (row) => ({
        count: 2,
        ...(row.instructions === undefined ? {} : { instructions: row.instructions }),
        tools: [
          {
            ...pinOf(row, 'disk_usage'),
            name: 'disk_usage',
            full_name: 'alpha__disk_usage',
            description: 'How full disks are.',
            effect: 'read',
            is_offered: true,
            asks: false,
            hints: { readOnlyHint: true, openWorldHint: false },
          },
          {
            ...pinOf(row, 'restart'),
            name: 'restart',
            full_name: 'alpha__restart',
            description: 'Restarts <b>a service</b>.',
            effect: 'write',
            is_offered: true,
            asks: true,
            hints: {},
          },
        ],
      }),
    },
    'accept-tools': {
      ...{ label: 'Accept tools', help: 'Lets models have them.', method: 'POST', needs: 'change' },
      takesInput: true,
      run: (row, input) => decideFake(row, input, 'accepted'),
    },
    'revoke-tools': {
      ...{ label: 'Take tools back', help: 'Takes them away.', method: 'POST', needs: 'change' },
      takesInput: true,
      run: (row, input) => decideFake(row, input, 'revoked'),
    },
  },
};

/** How a tool of a server stands: as a test set it in the row's `pins`, else accepted. */
function pinOf({ pins }: FakeRow, name: string): object {
  const pin: unknown = Reflect.get(Object(pins), name);
  return { hash: `hash of ${name}`, state: 'accepted', decided_by: 'web:ada', changes: [], ...Object(pin) };
}

/** Keeps what was sent in the row's `decided`. */
function decideFake(row: FakeRow, input: unknown, state: string): object {
  const { tools = [] }: { tools?: readonly { readonly name: string }[] } = Object(input);
  row.decided = input;
  row.pins = { ...Object(row.pins), ...Object.fromEntries(tools.map(({ name }) => [name, { state }])) };
  return { success: true, message: `${tools.length} decided. It takes effect at the next turn.` };
}

const middleware: FakeResource = {
  path: 'llm-middleware',
  suffix: 'llmmiddleware',
  word: 'middleware',
  one: 'middleware',
  many: 'Middleware',
  help: 'The layers around each model.',
  nameField: 'name',
  fields: [
    field('name', { type: 'text' }, named),
    field('llm_model', { type: 'reference', resource: 'llm-models' }, { label: 'Model', isRequired: true }),
    field('server', { type: 'reference', resource: 'mcp-servers' }, { value: null }),
    field('config', { type: 'json' }, { value: {} }),
    field('is_critical', { type: 'switch' }, { label: 'Critical', value: false }),
  ],
  columns: [
    { name: 'name', label: 'Name', type: 'text' },
    { name: 'llm_model', label: 'Model', type: 'reference' },
  ],
  search: ['name'],
  onDelete: { llm_model: 'cascade', server: 'protect' },
  actions: {
    'default-config': {
      label: 'Default config',
      help: 'A config that can be saved as it is.',
      method: 'GET',
      needs: 'view',
      run: () => ({ middleware_type: 'Limit', default_config: { run_limit: 25 } }),
    },
    preview: {
      label: 'Preview',
      help: 'Shows what the model would get.',
      method: 'GET',
      needs: 'view',
      run: () => ({ text: 'You help the network team.\nToday is November 21, 2026.' }),
    },
  },
};

const tokens: FakeResource = {
  path: 'api-tokens',
  suffix: 'apitoken',
  word: 'tokens',
  one: 'API token',
  many: 'API tokens',
  help: 'What programs call the bot with.',
  nameField: 'name',
  fields: [
    field('name', { type: 'text' }, named),
    field(
      'permissions',
      {
        type: 'texts',
        choices: ['chat', 'approve', 'ai_ops.view_llmmodel'].map((value) => ({ value, label: value })),
      },
      { value: [] },
    ),
  ],
  columns: [{ name: 'name', label: 'Name', type: 'text' }],
  search: ['name'],
  onDelete: {},
  actions: {},
  reveal: () => ({ token: 'aiops_0123456789abcdef0123456789abcdef' }),
};

export const fakeResources: readonly FakeResource[] = [models, servers, middleware, tokens, statuses];

/** All permissions that the double knows. */
export const allPermissions: readonly string[] = [
  ...['chat', 'approve', 'view_audit', 'manage_access'],
  ...fakeResources.flatMap(({ suffix }) =>
    ['view', 'add', 'change', 'delete'].map((verb) => `ai_ops.${verb}_${suffix}`),
  ),
];
