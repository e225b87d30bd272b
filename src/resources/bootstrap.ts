import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Seeds } from './port.ts';
import { providerNames } from './provider-names.ts';
import { settingsSchema } from './settings.ts';

const record = z.record(z.string(), z.unknown());
const strings = z.record(z.string(), z.string());

const providerName = z.enum(providerNames, { error: `must be one of ${providerNames.join(', ')}` });
const provider = z.strictObject({ name: providerName, config_schema: record.default({}) });

const looksLikeKey = /^sk-|^(?:sk|pk|hf|gsk|xai|pplx|ghp)[-_](?=.*\d).{16,}|[A-Za-z0-9]{32,}/;

/** A key in the place of its name would be stored and shown; the message must not repeat it. */
const secretReference = z
  .string()
  .max(255)
  .refine((text) => !looksLikeKey.test(text), {
    error: 'looks like a key; keys are not stored here: put it into a variable or file and name that',
    abort: true,
  })
  .refine((text) => text === '' || /^(?:(?:env|file):[A-Za-z0-9._-]+|[A-Za-z0-9_]+)$/.test(text), {
    error: 'must be env:NAME, file:name or the plain name of a variable',
  });

const model = z.strictObject({
  name: z.string().min(1).max(255),
  llm_provider: providerName.default('ollama'),
  description: z.string().default(''),
  model_secret_key: secretReference.default(''),
  is_default: z.boolean().default(false),
  temperature: z.number().min(0).max(2).optional(),
  model_config: record.default({}),
});

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

const server = z
  .strictObject({
    name: z
      .string()
      .max(100)
      .refine((name) => /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name) && !name.includes('__'), {
        error: 'must be letters, digits, - and _, begin with a letter or digit, and not contain __',
      }),
    description: z.string().max(200).default(''),
    protocol: z.enum(['http', 'stdio']).default('http'),
    url: z.string().max(500).default(''),
    mcp_endpoint: z
      .string()
      .default('/mcp')
      .transform((path) => (path.startsWith('/') ? path : `/${path}`)),
    command: z.string().default(''),
    args: z.array(z.string()).default([]),
    env: strings.default({}),
    headers: strings.default({}),
    is_trusted: z.boolean().default(false),
  })
  .refine((row) => row.protocol !== 'http' || isHttpUrl(row.url), {
    error: 'an http server needs a url that begins with http:// or https://',
    path: ['url'],
  })
  .refine((row) => row.protocol !== 'stdio' || row.command !== '', {
    error: 'a stdio server needs a command',
    path: ['command'],
  });

/** The settings that the file names, without the defaults of the others: those may change with a version. */
const givenSettings = z.strictObject(
  Object.fromEntries(
    Object.entries(settingsSchema.shape).map(([key, setting]) => [key, setting.unwrap().optional()]),
  ),
);

type Named = readonly { readonly name: string }[];
const uniqueNames = [
  (rows: Named) => new Set(rows.map((row) => row.name)).size === rows.length,
  { error: 'two rows have the same name' },
] as const;

const file = z.strictObject({
  'llm-providers': z
    .array(provider)
    .refine(...uniqueNames)
    .default([]),
  'llm-models': z
    .array(model)
    .refine(...uniqueNames)
    .default([]),
  'mcp-servers': z
    .array(server)
    .refine(...uniqueNames)
    .default([]),
  settings: givenSettings.default({}),
});

/** The file named by AI_OPS_BOOTSTRAP is wrong; every problem with its place. */
export class BootstrapError extends Error {
  override readonly name = 'BootstrapError';
}

/** What a bootstrap file brings. */
export type Bootstrap = Omit<Seeds, 'environmentModel' | 'bundled'>;

/** Reads the file named by AI_OPS_BOOTSTRAP; without one there is nothing to create. Throws `BootstrapError`. */
export async function readBootstrap(path: string | undefined): Promise<Bootstrap> {
  if (path === undefined) return parseBootstrap('{}');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new BootstrapError(`AI_OPS_BOOTSTRAP ${path} cannot be read (${messageOf(error)}).`, {
      cause: error,
    });
  });
  return parseBootstrap(text, path);
}

/** Resources by their REST paths, each a list of rows with the REST API's field names. Throws `BootstrapError`. */
export function parseBootstrap(text: string, path = ''): Bootstrap {
  const parsed = file.safeParse(parseJson(text, path));
  if (!parsed.success)
    throw new BootstrapError(
      `AI_OPS_BOOTSTRAP ${path} is wrong:\n${parsed.error.issues.map(problem).join('\n')}`,
    );
  const rows = parsed.data;
  return {
    providers: rows['llm-providers'].map(({ name, config_schema }) => ({ name, config: config_schema })),
    models: rows['llm-models'].map(
      ({ llm_provider, model_secret_key, is_default, model_config, temperature, ...rest }) => ({
        ...rest,
        provider: llm_provider,
        secretReference: model_secret_key,
        isDefault: is_default,
        modelConfig: model_config,
        ...(temperature === undefined ? {} : { temperature }),
      }),
    ),
    servers: rows['mcp-servers'].map(({ mcp_endpoint, is_trusted, ...rest }) => ({
      ...rest,
      mcpEndpoint: mcp_endpoint,
      isTrusted: is_trusted,
    })),
    settings: definedSettings(rows.settings),
  };
}

function definedSettings(settings: Record<string, number | undefined>): Partial<Record<string, number>> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** `mcp-servers[0].command: a stdio server needs a command` */
function problem(issue: z.core.$ZodIssue): string {
  const place = issue.path.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : `${path}${path && '.'}${String(part)}`),
    '',
  );
  return `  - ${place || 'the file'}: ${issue.message}`;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BootstrapError(`AI_OPS_BOOTSTRAP ${path} is not JSON (${messageOf(error)}).`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
