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
    const text = (await askTheBot(config)) ?? findingsText(await lookWithoutIt(config));
    process.stdout.write(`${text.replaceAll('**', '')}\n`);
    return /❌/.test(text) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

const timeoutMs = 120_000;

/** Undefined: it does not answer, or it gives no answer to this token. */
async function askTheBot({ host, port, publicUrl, adminToken }: Config): Promise<string | undefined> {
  if (adminToken === undefined) return undefined;
  const base = publicUrl?.replace(/\/$/, '') ?? `http://${host}:${port}`;
  const answer = await fetch(`${base}/plugins/ai-ops/api/command/`, {
    method: 'POST',
    headers: { authorization: `Token ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ line: 'doctor' }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch(() => undefined);
  if (answer?.ok !== true) return undefined;
  const body: unknown = await answer.json();
  const said = typeof body === 'object' && body !== null && 'answer' in body ? body.answer : undefined;
  const text = typeof said === 'object' && said !== null && 'text' in said ? said.text : undefined;
  return typeof text === 'string' ? text : undefined;
}

async function lookWithoutIt(config: Config): Promise<readonly Finding[]> {
  const { adminToken } = config;
  const bot: Finding = {
    about: 'Bot',
    status: 'warning',
    found: 'It was not asked, so models, servers and platforms were not looked at.',
    fix:
      adminToken === undefined
        ? 'Set AI_OPS_ADMIN_TOKEN to the running bot’s, or write /aiops doctor in a chat.'
        : 'Start it, and check HOST, PORT and AI_OPS_PUBLIC_URL.',
  };
  return [bot, await database(config), await redis(config), await disk(config)];
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
