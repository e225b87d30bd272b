import { z } from 'zod';
import type { Seeds } from './port.ts';
import { settingsSchema } from './settings.ts';

const record = z.record(z.string(), z.unknown());
const strings = z.record(z.string(), z.string());

const provider = z.strictObject({ name: z.string(), config_schema: record.default({}) });

const model = z.strictObject({
  name: z.string().min(1).max(255),
  llm_provider: z.string().default('ollama'),
  description: z.string().default(''),
  model_secret_key: z.string().default(''),
  is_default: z.boolean().default(false),
  temperature: z.number().min(0).max(2).optional(),
  model_config: record.default({}),
});

const server = z
  .strictObject({
    name: z.string().min(1).max(100),
    description: z.string().max(200).default(''),
    protocol: z.enum(['http', 'stdio']).default('http'),
    url: z.string().default(''),
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
  .refine((row) => row.protocol !== 'http' || URL.canParse(row.url), {
    error: 'an http server needs a url',
    path: ['url'],
  })
  .refine((row) => row.protocol !== 'stdio' || row.command !== '', {
    error: 'a stdio server needs a command',
    path: ['command'],
  });

const file = z.strictObject({
  'llm-providers': z.array(provider).default([]),
  'llm-models': z.array(model).default([]),
  'mcp-servers': z.array(server).default([]),
  settings: settingsSchema.partial().strict().default({}),
});

/** The file named by AI_OPS_BOOTSTRAP is wrong; every problem with its place. */
export class BootstrapError extends Error {
  override readonly name = 'BootstrapError';
}

/** Reads a bootstrap file: resources by their REST paths, each a list of rows with the REST API's field names. */
export function parseBootstrap(text: string): Omit<Seeds, 'environmentModel' | 'bundled'> {
  const parsed = file.safeParse(parseJson(text));
  if (!parsed.success)
    throw new BootstrapError(`The bootstrap file is wrong:\n${z.prettifyError(parsed.error)}`);
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BootstrapError(
      `The bootstrap file is not JSON (${error instanceof Error ? error.message : String(error)}).`,
    );
  }
}
