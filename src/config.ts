import { z } from 'zod';
import { parseKey } from './access/encryption-key.ts';
import type { OrganisationIssuer } from './access/organisation.ts';
import { callers, principalProblem } from './access/principals.ts';
import type { VaultSettings } from './access/vault.ts';
import { contradictions, type Variables } from './config/contradictions.ts';
import { type EntraSettings, entraConfig } from './config/entra.ts';
import { type EnvironmentModel, modelConfig } from './config/environment-model.ts';
import { httpUrl, list, optional, url } from './config/kinds.ts';
import { organisationConfig } from './config/organisation.ts';
import { defaultSecretNames, secretEnvironment } from './config/secret-environment.ts';
import { type SlackSettings, slackConfig } from './config/slack.ts';
import { type TeamsSettings, teamsConfig } from './config/teams.ts';
import { vaultConfig } from './config/vault.ts';

/** LAB shows details and accepts more; PROD refuses anything anonymous. */
export type Environment = 'LAB' | 'NONPROD' | 'PROD';

/** Everything the process was told from outside. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  readonly environment: Environment;
  readonly adminToken?: string;
  /** Principals that hold all permissions. */
  readonly admins: readonly string[];
  readonly publicUrl?: string;
  /** Where notices go: a channel or a thread. */
  readonly opsChannel?: string;
  /** Seals tokens in the database: 32 bytes each, the first is the one in use. Empty: none was given. */
  readonly encryptionKeys: readonly Buffer[];
  /** Where people of the organisation sign in to the console. */
  readonly issuer?: OrganisationIssuer;
  readonly bootstrapFile?: string;
  /** Where an operator's own parts are, such as prompts. */
  readonly pluginsDir?: string;
  /** An operator's own prices of models. */
  readonly pricesFile?: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** What resources may name as `env:NAME`. */
  readonly secretEnv: Readonly<Record<string, string>>;
  /** The names that variables of `secretEnv` may have; `*` matches anything. */
  readonly secretNames: readonly string[];
  readonly secretsDir?: string;
  /** Where `vault:` references lead to. */
  readonly vault?: VaultSettings;
  /** Commands that MCP servers may run outside LAB. */
  readonly stdioAllow: readonly string[];
  /** Who the process is at Microsoft Entra ID. */
  readonly entra?: EntraSettings;
  /** The app in Slack. */
  readonly slack?: SlackSettings;
  /** The app in Microsoft Teams. */
  readonly teams?: TeamsSettings;
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

const portNumber = z
  .string()
  .refine((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535, {
    error: 'must be a port number from 0 to 65535',
  })
  .transform(Number);

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
  AI_OPS_ADMINS: list
    .superRefine((principals, context) => {
      for (const principal of principals) {
        const problem = principalProblem(principal, callers);
        if (problem !== undefined)
          context.addIssue({ code: 'custom', message: `names ${principal}: ${problem.slice(0, -1)}` });
      }
    })
    .optional()
    .describe(
      'Who holds all permissions, comma separated: `slack:<team id>:<user id>`, `teams:<tenant id>:<object id>`, `web:<id>`, `group:<name>`.',
    ),
  AI_OPS_PUBLIC_URL: httpUrl
    .refine((url) => !URL.canParse(url) || new URL(url).pathname === '/', {
      error: 'must be without a path, such as https://bot.example.com; the bot needs a host of its own',
    })
    .optional()
    .describe('How people reach the bot, for links. Default: where it listens.'),
  AI_OPS_OPS_CHANNEL: z
    .string()
    .regex(/^[a-z]+:\S+$/, { error: 'must name a channel or thread, such as slack:<team id>:<channel id>' })
    .optional()
    .describe(
      'Where the bot says by itself what people should know, such as that an MCP server is down: `slack:<team id>:<channel id>`, or the id of a thread. Default: `web:ops`, the channel of the console.',
    ),
  AI_OPS_ENCRYPTION_KEY: list
    .refine((keys) => keys.length > 0 && keys.every((key) => parseKey(key) !== undefined), {
      error: 'must be 32 bytes in base64 or hex, as `openssl rand -base64 32` prints them',
    })
    .transform((keys) => keys.flatMap((key) => parseKey(key) ?? []))
    .optional()
    .describe(
      'Key of 32 bytes in base64 or hex, by which tokens of MCP servers are encrypted in the database. To replace it, put the new one in front, separated by a comma. In LAB one is made in `DATA_DIR`.',
    ),
  ...organisationConfig.variables,
  AI_OPS_BOOTSTRAP: z
    .string()
    .optional()
    .describe('A JSON file of resources to create when missing, by unique name.'),
  AI_OPS_PLUGINS_DIR: z
    .string()
    .optional()
    .describe(
      'Folder of your own parts: system prompts as `.md` or `.j2` files in its folder `prompts`, modules of model vendors in `providers`, of middleware in `middleware`.',
    ),
  AI_OPS_PRICES: z
    .string()
    .optional()
    .describe(
      'A JSON file of model prices in the form of `src/providers/prices.json`; what it says wins over that. Prices set for a model win over both.',
    ),
  AI_OPS_SECRET_ENV: list
    .optional()
    .describe(
      'Names that resources may use as `env:NAME`, comma separated; `*` matches anything. Default: `*_KEY,*_TOKEN,*_SECRET,*_PASSWORD`. Never the bot’s own credentials.',
    ),
  AI_OPS_SECRETS_DIR: z
    .string()
    .optional()
    .describe('Folder of secrets that resources may use as `file:name`.'),
  ...vaultConfig.variables,
  AI_OPS_STDIO_ALLOW: list
    .optional()
    .describe(
      'Commands that MCP servers may run outside LAB, comma separated; an entry with arguments allows only calls that begin with them.',
    ),
  ...modelConfig.variables,
  ...entraConfig.variables,
  ...slackConfig.variables,
  ...teamsConfig.variables,
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], {
      error: 'must be debug, info, warn, error or silent',
    })
    .default('info')
    .describe('What is logged, as JSON lines on standard output.'),
});

/** What is about one thing stands in a file of its own, with what goes wrong about it. */
const areas = [organisationConfig, vaultConfig, modelConfig, entraConfig, slackConfig, teamsConfig];

type Parsed = z.infer<typeof environmentSchema>;

/** Reads the whole environment. Throws `ConfigError` with every problem at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(present);
  const wrong = parsed.success ? [] : parsed.error.issues.map(sentence);
  const problems = [
    ...wrong,
    ...contradictions(present),
    ...areas.flatMap((area) => area.contradictions(present)),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return toConfig(parsed.data, present);
}

function sentence(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')} ${issue.message}.`;
}

function toConfig(variables: Parsed, env: Variables): Config {
  return {
    host: variables.HOST,
    port: variables.PORT,
    dataDir: variables.DATA_DIR,
    environment: variables.AI_OPS_ENV ?? 'LAB',
    logLevel: variables.LOG_LEVEL,
    secretEnv: secretEnvironment(env, variables.AI_OPS_SECRET_ENV),
    secretNames: variables.AI_OPS_SECRET_ENV ?? defaultSecretNames,
    stdioAllow: variables.AI_OPS_STDIO_ALLOW ?? [],
    ollamaProbeUrl: 'http://localhost:11434',
    ...optional('databaseUrl', variables.DATABASE_URL),
    ...optional('redisUrl', variables.REDIS_URL),
    ...optional('adminToken', variables.AI_OPS_ADMIN_TOKEN),
    admins: variables.AI_OPS_ADMINS ?? [],
    encryptionKeys: variables.AI_OPS_ENCRYPTION_KEY ?? [],
    ...optional('issuer', organisationConfig.read(variables)),
    ...optional('publicUrl', variables.AI_OPS_PUBLIC_URL),
    ...optional('opsChannel', variables.AI_OPS_OPS_CHANNEL),
    ...optional('bootstrapFile', variables.AI_OPS_BOOTSTRAP),
    ...optional('pluginsDir', variables.AI_OPS_PLUGINS_DIR),
    ...optional('pricesFile', variables.AI_OPS_PRICES),
    ...optional('secretsDir', variables.AI_OPS_SECRETS_DIR),
    ...optional('vault', vaultConfig.read(variables)),
    ...optional('entra', entraConfig.read(variables)),
    ...optional('slack', slackConfig.read(variables)),
    ...optional('teams', teamsConfig.read(variables)),
    ...optional('modelName', variables.AI_OPS_MODEL),
    ...optional('environmentModel', modelConfig.read(variables)),
  };
}

/** Every secret that the process was told, to be kept out of the log. */
export function secretsOf(config: Config): readonly string[] {
  return [
    ...Object.values(config.secretEnv),
    config.adminToken ?? '',
    ...config.encryptionKeys.flatMap((key) => [key.toString('base64'), key.toString('hex')]),
    ...organisationConfig.secrets(config.issuer),
    ...vaultConfig.secrets(config.vault),
    ...slackConfig.secrets(config.slack),
    ...teamsConfig.secrets(config.teams),
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
