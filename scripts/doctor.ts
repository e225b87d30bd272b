import { statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Finding, findingsText } from '../src/chat/finding.ts';
import { type Config, ConfigError, readConfig } from '../src/config.ts';
import { createLog } from '../src/observe/log.ts';
import { DatabaseError } from '../src/store/database.ts';
import { openPostgresql } from '../src/store/postgresql.ts';
import { openRedis } from '../src/store/redis.ts';

/**
 * Says what is wrong and how to mend it. The running bot looks at everything, as after `/aiops doctor`; where
 * none answers, what can be looked at without it. Exit codes: 0 all is well, 1 something is wrong, 2 the
 * configuration cannot be read.
 */
async function run(): Promise<0 | 1 | 2> {
  try {
    const config = readConfig(process.env);
    const text = await lookAround(config);
    process.stdout.write(`${text.replaceAll('**', '')}\n`);
    return /❌/.test(text) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

/** What the bot finds, and what is wrong with this command's own variables besides. */
async function lookAround(config: Config): Promise<string> {
  const asked = await askTheBot(config);
  if (asked.type !== 'said') return findingsText(await lookWithoutIt(config, asked));
  const own = [await database(config), await redis(config)].filter(({ status }) => status !== 'ok');
  return own.length === 0
    ? asked.text
    : `${asked.text}\n\nWith the variables of this command:\n\n${findingsText(own)}`;
}

const [timeoutMs, probeMs] = [120_000, 5000];

/** What came of asking the running bot. */
type Asked =
  | { readonly type: 'said'; readonly text: string }
  /** There is nothing to ask with. */
  | { readonly type: 'no_token'; readonly isThere: boolean }
  | { readonly type: 'refused'; readonly status: number; readonly why: string }
  | { readonly type: 'absent'; readonly why: string };

function addressOf({ host, port, publicUrl }: Config): string {
  return publicUrl?.replace(/\/$/, '') ?? `http://${host}:${port}`;
}

async function askTheBot(config: Config): Promise<Asked> {
  const base = addressOf(config);
  const { adminToken } = config;
  if (adminToken === undefined) return { type: 'no_token', isThere: await isThere(base) };
  try {
    const answer = await fetch(`${base}/plugins/ai-ops/api/command/`, {
      method: 'POST',
      headers: { authorization: `Token ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ line: 'doctor' }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = record(await answer.json().catch(() => undefined));
    const { text } = record(body.answer);
    if (answer.ok && typeof text === 'string') return { type: 'said', text };
    return { type: 'refused', status: answer.status, why: String(body.detail ?? '') };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    return { type: 'absent', why: code === 'ECONNREFUSED' ? 'nothing listens there' : wordsOf(cause) };
  }
}

async function isThere(base: string): Promise<boolean> {
  const signal = AbortSignal.timeout(probeMs);
  return await fetch(`${base}/health/live`, { signal }).then(
    ({ ok }) => ok,
    () => false,
  );
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

async function lookWithoutIt(
  config: Config,
  asked: Exclude<Asked, { type: 'said' }>,
): Promise<readonly Finding[]> {
  const bot: Finding = { about: 'Bot', ...askedFinding(asked, addressOf(config)) };
  const rest: Finding = {
    about: 'Models, servers and platforms',
    status: 'unknown',
    found: 'They were not looked at: only the running bot can.',
    fix: 'Mend what is said of the bot, or write /aiops doctor in a chat.',
  };
  return [bot, rest, await database(config), await redis(config), await disk(config)];
}

function askedFinding(asked: Exclude<Asked, { type: 'said' }>, base: string): Omit<Finding, 'about'> {
  switch (asked.type) {
    case 'no_token':
      return {
        status: 'warning',
        found: asked.isThere
          ? `It runs at ${base}, but there is no AI_OPS_ADMIN_TOKEN to ask it with.`
          : `There is no AI_OPS_ADMIN_TOKEN to ask it with, and none answers at ${base}.`,
        fix: 'Set AI_OPS_ADMIN_TOKEN to the running bot’s, or write /aiops doctor in a chat.',
      };
    case 'refused':
      return { status: 'failed', ...refusalOf(asked, base) };
    case 'absent':
      return {
        status: 'warning',
        found: `None answers at ${base}: ${asked.why}.`,
        fix: 'Start it; if it runs, check HOST, PORT and AI_OPS_PUBLIC_URL: they must be the running bot’s.',
      };
    default:
      return asked satisfies never;
  }
}

function refusalOf(
  { status, why }: Extract<Asked, { type: 'refused' }>,
  base: string,
): Pick<Finding, 'found' | 'fix'> {
  const said = why === '' ? '' : ` It says: ${why}`;
  if (status === 401)
    return {
      found: `It runs at ${base}, but does not know this AI_OPS_ADMIN_TOKEN.`,
      fix: 'Set AI_OPS_ADMIN_TOKEN to the one that the running bot was started with.',
    };
  if (status === 403)
    return {
      found: `It runs at ${base}, but this token may not ask it.${said}`,
      fix: 'Use the token of an administrator.',
    };
  return {
    found: `What answers at ${base} gives HTTP ${status} instead of a finding.${said}`,
    fix: 'Look at its log; if it is no bot, check HOST, PORT and AI_OPS_PUBLIC_URL.',
  };
}

async function database({ databaseUrl }: Config): Promise<Finding> {
  const about = 'Database';
  if (databaseUrl === undefined)
    return { about, status: 'ok', found: 'The embedded one; it is there while the bot runs.' };
  try {
    const log = createLog('silent');
    const opened = await openPostgresql({ url: databaseUrl, log, poolSize: 1, connectTimeoutMs: 5000 });
    await opened.close();
    return { about, status: 'ok', found: 'PostgreSQL answers.' };
  } catch (error) {
    const found = error instanceof DatabaseError ? error.message : 'It does not answer.';
    return { about, status: 'failed', found, fix: 'Check DATABASE_URL, and whether PostgreSQL runs.' };
  }
}

async function redis({ redisUrl }: Config): Promise<Finding> {
  const about = 'Redis';
  if (redisUrl === undefined)
    return { about, status: 'ok', found: 'None is configured, and none is needed.' };
  const opened = await openRedis(redisUrl, createLog('silent'));
  const { status, detail } = await opened.check();
  await opened.close();
  if (status === 'ok') return { about, status, found: 'It answers.' };
  return { about, status: 'warning', found: detail, fix: 'Check REDIS_URL. The bot goes on without it.' };
}

async function disk({ dataDir }: Config): Promise<Finding> {
  const about = 'Disk';
  const folder = resolve(dataDir);
  const found = await statfs(folder).catch(() => undefined);
  if (found === undefined)
    return {
      about,
      status: 'unknown',
      found: `There is no ${folder} yet.`,
      fix: 'The bot makes it at its start.',
    };
  const free = found.bavail * found.bsize;
  const words = `${(free / 1024 ** 3).toFixed(1)} GiB are free where the data is.`;
  if (free > 500 * 1024 * 1024) return { about, status: 'ok', found: words };
  return { about, status: 'warning', found: words, fix: `Make room on the volume of ${folder}.` };
}

process.exitCode = await run();
