import { z } from 'zod';
import { isOwnCredential } from './access/own-credentials.ts';

/** LAB shows details and accepts more; PROD refuses anything anonymous. */
export type Environment = 'LAB' | 'NONPROD' | 'PROD';

/** Where a model's vendor is, as the environment tells it. */
export interface EnvironmentModel {
  readonly provider: 'openai' | 'ollama';
  /** Where its key is; empty when it needs none. */
  readonly secretReference: string;
  readonly config: Readonly<Record<string, string>>;
}

/** Everything the process was told from outside. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  readonly environment: Environment;
  readonly adminToken?: string;
  readonly publicUrl?: string;
  readonly bootstrapFile?: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** What resources may name as `env:NAME`. */
  readonly secretEnv: Readonly<Record<string, string>>;
  readonly secretsDir?: string;
  /** Commands that MCP servers may run outside LAB. */
  readonly stdioAllow: readonly string[];
  /** The model that the environment describes, for LAB. */
  readonly environmentModel?: EnvironmentModel;
  /** The name of that model; each provider has a default. */
  readonly modelName?: string;
  /** Where an Ollama is looked for when nothing else is configured. */
  readonly ollamaProbeUrl: string;
}

/** The environment is wrong: every problem, by variable name, with what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

const url = (protocols: readonly string[], example: string) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL like ${example}`,
  });
const httpUrl = url(['http:', 'https:'], 'https://host/path');
const portNumber = z
  .string()
  .refine((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535, {
    error: 'must be a port number from 0 to 65535',
  })
  .transform(Number);
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** Every variable that the bot reads, with what it is for. The README's table is made from this. */
export const environmentSchema = z.object({
  HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on. Anything but loopback needs `AI_OPS_ENV`.'),
  PORT: portNumber.default(8080).describe('Port to listen on; 0 takes a free one.'),
  DATA_DIR: z
    .string()
    .default('./data')
    .describe('Folder of the embedded database and of what this process must remember.'),
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/database')
    .optional()
    .describe(
      'PostgreSQL 14 or newer. Without it the bot runs on an embedded database in `DATA_DIR`, as one process.',
    ),
  REDIS_URL: url(['redis:', 'rediss:'], 'redis://host:6379/2')
    .optional()
    .describe(
      'Redis for conversation checkpoints; database 2 unless the URL names one. Without it PostgreSQL serves alone.',
    ),
  AI_OPS_ENV: z
    .enum(['LAB', 'NONPROD', 'PROD'], { error: 'must be LAB, NONPROD or PROD' })
    .optional()
    .describe('How strict the bot is. LAB when unset on loopback.'),
  AI_OPS_ADMIN_TOKEN: z
    .string()
    .regex(/^\S+$/, { error: 'must not contain spaces or line breaks' })
    .optional()
    .describe('The first API token, with all permissions.'),
  AI_OPS_PUBLIC_URL: httpUrl
    .optional()
    .describe('How people reach the bot, for links. Default: where it listens.'),
  AI_OPS_BOOTSTRAP: z
    .string()
    .optional()
    .describe('A JSON file of resources to create when missing, by unique name.'),
  AI_OPS_SECRET_ENV: list
    .optional()
    .describe(
      'Names that resources may use as `env:NAME`, comma separated; `*` matches anything. Default: `*_KEY,*_TOKEN,*_SECRET,*_PASSWORD`. Never the bot’s own credentials.',
    ),
  AI_OPS_SECRETS_DIR: z
    .string()
    .optional()
    .describe('Folder of secrets that resources may use as `file:name`.'),
  AI_OPS_STDIO_ALLOW: list
    .optional()
    .describe('Commands that MCP servers may run outside LAB, comma separated.'),
  AI_OPS_MODEL: z.string().optional().describe('Name of the model that the variables below describe.'),
  OPENAI_API_KEY: z
    .string()
    .optional()
    .describe('In LAB, when no model is configured: use OpenAI or a compatible server.'),
  OPENAI_BASE_URL: httpUrl.optional().describe('Where it is, when it is not OpenAI itself.'),
  OPENAI_API: z
    .enum(['responses', 'chat'], { error: 'must be responses or chat' })
    .optional()
    .describe('Its API; `chat` for most compatible servers. Default `responses`.'),
  OLLAMA_BASE_URL: httpUrl
    .optional()
    .describe(
      'In LAB, when no model is configured: use this Ollama. One at http://localhost:11434 is found by itself.',
    ),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], {
      error: 'must be debug, info, warn, error or silent',
    })
    .default('info')
    .describe('What is logged, as JSON lines on standard output.'),
});

type Variables = z.infer<typeof environmentSchema>;

/** Reads the whole environment. Throws `ConfigError` with every problem at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(present);
  const wrong = parsed.success ? [] : parsed.error.issues.map(sentence);
  const problems = [...wrong, ...contradictions(present)];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return toConfig(parsed.data, present);
}

function sentence(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')} ${issue.message}.`;
}

const shortestToken = 16;

/** What is right by itself but not together. Reads the raw values, so that it speaks beside other problems. */
function contradictions(variables: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { HOST, AI_OPS_ENV, AI_OPS_ADMIN_TOKEN: token } = variables;
  if (HOST === undefined || isLoopback(HOST)) return [];
  const problems: string[] = [];
  if (AI_OPS_ENV === undefined) {
    problems.push('AI_OPS_ENV must be set to LAB, NONPROD or PROD, because HOST is not a loopback address.');
  }
  if (token !== undefined && token.length < shortestToken) {
    problems.push(
      `AI_OPS_ADMIN_TOKEN must have at least ${shortestToken} characters, because HOST is not a loopback address.`,
    );
  }
  return problems;
}

/** Whether an address is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function toConfig(variables: Variables, env: Readonly<Record<string, string | undefined>>): Config {
  const environmentModel = modelOf(variables);
  return {
    host: variables.HOST,
    port: variables.PORT,
    dataDir: variables.DATA_DIR,
    environment: variables.AI_OPS_ENV ?? 'LAB',
    logLevel: variables.LOG_LEVEL,
    secretEnv: secretEnvironment(env, variables.AI_OPS_SECRET_ENV ?? defaultSecretNames),
    stdioAllow: variables.AI_OPS_STDIO_ALLOW ?? [],
    ollamaProbeUrl: 'http://localhost:11434',
    ...optional('databaseUrl', variables.DATABASE_URL),
    ...optional('redisUrl', variables.REDIS_URL),
    ...optional('adminToken', variables.AI_OPS_ADMIN_TOKEN),
    ...optional('publicUrl', variables.AI_OPS_PUBLIC_URL),
    ...optional('bootstrapFile', variables.AI_OPS_BOOTSTRAP),
    ...optional('secretsDir', variables.AI_OPS_SECRETS_DIR),
    ...optional('modelName', variables.AI_OPS_MODEL),
    ...optional('environmentModel', environmentModel),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  const entry: { [P in K]?: V } = {};
  if (value !== undefined) entry[key] = value;
  return entry;
}

function modelOf(variables: Variables): EnvironmentModel | undefined {
  if (variables.OPENAI_API_KEY !== undefined) {
    const config = { base_url: variables.OPENAI_BASE_URL, api: variables.OPENAI_API };
    return { provider: 'openai', secretReference: 'env:OPENAI_API_KEY', config: defined(config) };
  }
  if (variables.OLLAMA_BASE_URL !== undefined) {
    return { provider: 'ollama', secretReference: '', config: { base_url: variables.OLLAMA_BASE_URL } };
  }
  return undefined;
}

function defined(record: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

const defaultSecretNames = ['*_KEY', '*_TOKEN', '*_SECRET', '*_PASSWORD'] as const;
/** The part of the environment that resources may name; the bot's own credentials are never in it. */
function secretEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Readonly<Record<string, string>> {
  const allowed = names.map((name) => new RegExp(`^${name.split('*').map(escapeRegExp).join('.*')}$`));
  const entries = Object.entries(env).filter(
    ([name]) => !isOwnCredential(name) && allowed.some((pattern) => pattern.test(name)),
  );
  return defined(Object.fromEntries(entries));
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Every secret that the process was told, to be kept out of the log. */
export function secretsOf(config: Config): readonly string[] {
  return [
    ...Object.values(config.secretEnv),
    config.adminToken ?? '',
    ...passwordsOf(config.databaseUrl),
    ...passwordsOf(config.redisUrl),
  ].filter((secret) => secret !== '');
}

/** As the URL writes it, and as it is. */
function passwordsOf(url: string | undefined): readonly string[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  return [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
