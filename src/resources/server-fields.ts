import { z } from 'zod';
import { looksLikeKey, referenceIn, refusalOf } from '../access/secret-reference.ts';
import type { Field } from './definition.ts';
import {
  choice,
  flag,
  integer,
  pairs,
  paragraph,
  relation,
  structured,
  text,
  texts,
  time,
  webUrl,
  written,
} from './field.ts';
import { isSecretName } from './leaked-keys.ts';
import { authFields } from './server-auth.ts';
import { serverStatuses } from './statuses.ts';

const httpOnly = { field: 'protocol', in: ['http'] } as const;
const stdioOnly = { field: 'protocol', in: ['stdio'] } as const;

const serverName = z
  .string({ error: 'Write a text.' })
  .max(100, { error: 'At most 100 characters.' })
  .refine((name) => /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name) && !name.includes('__'), {
    error: 'Letters, digits, - and _; begin with a letter or digit, and do not use __.',
  });

/** A `/` is added in front where it is missing; nothing stays nothing. */
const path = z
  .string({ error: 'Write a text.' })
  .trim()
  .max(255)
  .regex(/^[^\s?#]*$/, { error: 'A path, without spaces, ? and #.' })
  .transform((value) => (value === '' || value.startsWith('/') ? value : `/${value}`));

const value = z
  .string({ error: 'Write texts.' })
  .max(4000)
  .refine((word) => !looksLikeKey(word) && !/[\r\n]/.test(word), {
    error:
      'This looks like a secret. Refer to it instead: env:NAME, file:name or vault:mount/path#field, after “Bearer ” if need be.',
  });

const hopByHop = /^(content-length|transfer-encoding|host|connection|keep-alive|upgrade|te|trailer)$/i;

/** A secret stands by reference; any other text may be plain. */
function refuse(name: string, text: string): string | undefined {
  if (hopByHop.test(name)) return 'The connection sets this header by itself; leave it out.';
  const reference = referenceIn(text)?.reference;
  if (reference !== undefined) return refusalOf(reference);
  if (/(^|\s)(env|file|vault):\S/.test(text))
    return 'A secret reference must be the last word, as in “Bearer env:NAME”; here it would be sent as it is written.';
  if (text === '' || !isSecretName(name)) return undefined;
  return 'This is a secret by its name. Refer to it instead: env:NAME, file:name or vault:mount/path#field, after “Bearer ” if need be.';
}

const overrides = z.record(
  z.string().min(1).max(128),
  z.strictObject({
    effect: z
      .enum(['read', 'write', 'destructive'])
      .optional()
      .describe('What it does to the world, whatever the server says.'),
    offer: z.boolean().optional().describe('Whether models may have it.'),
    approval: z.enum(['ask', 'auto']).optional().describe('Whether people are asked each time.'),
    core: z.boolean().optional().describe('Yes: models always see it.'),
  }),
  { error: 'Must be an object of tools, each with effect, offer, approval or core.' },
);

/** What there is to say of an MCP server. */
export const serverFields: Readonly<Record<string, Field>> = {
  name: written({ label: 'Name', help: 'The first part of its tools’ names.', schema: serverName }),
  status: relation({
    label: 'Status',
    help: 'Found out by checks. Vulnerable is set by hand: not connected and not checked.',
    initial: 'Unhealthy',
    only: serverStatuses,
    to: 'statuses',
    table: 'statuses',
    nameColumn: 'name',
    onDelete: 'protect',
  }),
  protocol: choice({
    label: 'Protocol',
    help: 'http: it runs elsewhere. stdio: the bot starts it.',
    initial: 'http',
    choices: [
      { value: 'http', label: 'HTTP' },
      { value: 'stdio', label: 'stdio' },
    ],
  }),
  url: written({
    label: 'URL',
    help: 'Where it is, without the endpoint.',
    initial: '',
    schema: webUrl,
    shownWhen: httpOnly,
    placeholder: 'https://mcp.example.com',
  }),
  mcp_endpoint: written({
    label: 'MCP endpoint',
    help: 'The path of MCP below the URL.',
    initial: '/mcp',
    schema: path,
    shownWhen: httpOnly,
  }),
  health_check: written({
    label: 'Health check',
    help: 'The path that answers 200 when it is well. Empty: MCP itself is asked.',
    initial: '/health',
    schema: path,
    shownWhen: httpOnly,
  }),
  headers: pairs({
    label: 'Headers',
    help: 'Sent with each request. Secrets by reference, such as Bearer env:NAME.',
    initial: {},
    isMasked: true,
    key: /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/,
    value,
    refuse,
    shownWhen: httpOnly,
  }),
  ...authFields,
  command: text({ label: 'Command', help: 'The program; no shell.', initial: '', shownWhen: stdioOnly }),
  args: texts({ label: 'Arguments', help: 'One each.', initial: [], shownWhen: stdioOnly }),
  env: pairs({
    label: 'Environment',
    help: 'All that it gets besides PATH, HOME and LANG. Secrets by reference, such as env:NAME.',
    initial: {},
    isMasked: true,
    key: /^[A-Za-z_][A-Za-z0-9_]{0,99}$/,
    value,
    refuse,
    shownWhen: stdioOnly,
  }),
  description: paragraph({ label: 'Description', help: 'What it is for.', initial: '', max: 200 }),
  mcp_type: choice({
    label: 'Type',
    help: 'internal: within your network, http and private addresses are allowed. external: https to public addresses only.',
    initial: 'internal',
    choices: [
      { value: 'internal', label: 'Internal' },
      { value: 'external', label: 'External' },
    ],
  }),
  is_enabled: flag({
    label: 'Enabled',
    help: 'Off: not connected, and its tools are not offered.',
    initial: true,
  }),
  is_trusted: flag({
    label: 'Trusted',
    help: 'What it says of its tools may let them run without asking. Leave it off unless you vouch for it.',
    initial: false,
  }),
  tools_cache_seconds: integer({
    label: 'Lists are good for',
    help: 'Tools, resources and prompts that were listed longer ago are listed again. 0: at every turn.',
    initial: 300,
    min: 0,
    max: 86_400,
    unit: 's',
  }),
  tool_overrides: structured({
    label: 'Tool overrides',
    help: 'What you decide about single tools, by their names: effect, offer, approval, core.',
    initial: {},
    schema: overrides,
  }),
  last_checked: time({
    label: 'Last checked',
    help: 'When it was last asked.',
    initial: null,
    isReadOnly: true,
  }),
  last_latency_ms: integer({
    label: 'Latency',
    help: 'Of the last check.',
    initial: null,
    isReadOnly: true,
    unit: 'ms',
  }),
  last_error: paragraph({
    label: 'Last error',
    help: 'What the last check found.',
    initial: '',
    isReadOnly: true,
  }),
  origin: text({ label: 'Origin', help: 'Who made it.', initial: 'admin', isReadOnly: true }),
};
