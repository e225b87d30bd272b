import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { spawnBot, startBot } from './fakes/bot-process.ts';
import { createPostgresDatabase } from './fakes/database.ts';
import { freePort } from './fakes/ports.ts';

/** What the bot says when it cannot start, and with which exit code. */
async function refusal(env: Readonly<Record<string, string>>) {
  const bot = spawnBot({ LOG_LEVEL: 'warn', ...env });
  const code = await bot.ended;
  const said = bot.stderr().trimEnd();
  expect(said).not.toMatch(/^\s+at /m);
  expect(bot.stdout()).not.toContain('AI Ops Bot is running');
  return { code, said };
}

describe('a bot that cannot start says why in one sentence and exits', () => {
  let folder: string;
  let databaseUrl: string;
  let busy: Server;
  let busyPort: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ai-ops-start-'));
    await writeFile(join(folder, 'file'), '');
    databaseUrl = await createPostgresDatabase();
    busyPort = await freePort();
    busy = createServer();
    await new Promise<void>((resolve) => busy.listen(busyPort, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    busy.close();
    await rm(folder, { recursive: true, force: true });
  });

  const withDatabase = (env: Readonly<Record<string, string>>) =>
    refusal({ DATABASE_URL: databaseUrl, DATA_DIR: join(folder, 'data'), ...env });

  async function bootstrapFile(text: string): Promise<string> {
    const path = join(folder, 'bootstrap.json');
    await writeFile(path, text);
    return path;
  }

  it('when its environment is wrong: every problem at once, by variable, with exit code 2', async () => {
    const { code, said } = await refusal({
      PORT: 'http',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'db',
      HOST: '0.0.0.0',
    });
    expect(code).toBe(2);
    expect(said.split('\n')).toEqual([
      'The configuration has 4 problems:',
      '  - PORT must be a port number from 0 to 65535.',
      '  - DATABASE_URL must be a URL like postgres://user:password@host:5432/database.',
      '  - LOG_LEVEL must be debug, info, warn, error or silent.',
      '  - AI_OPS_ENV must be set to LAB, NONPROD or PROD, because HOST is not a loopback address.',
    ]);
  });

  it('when HOST is reachable from elsewhere and AI_OPS_ENV does not say how strict to be', async () => {
    const { code, said } = await withDatabase({ HOST: '0.0.0.0' });
    expect(code).toBe(2);
    expect(said).toContain('AI_OPS_ENV must be set');
  });

  it('when its port is busy', async () => {
    const { code, said } = await withDatabase({ PORT: String(busyPort) });
    expect(code).toBe(1);
    expect(said).toBe(`Port ${busyPort} on 127.0.0.1 is in use by another program. Stop it, or set PORT.`);
  });

  it('when HOST is no address of this machine', async () => {
    const { code, said } = await withDatabase({ HOST: '192.0.2.1', AI_OPS_ENV: 'LAB' });
    expect(code).toBe(1);
    expect(said).toBe('HOST 192.0.2.1 is not an address of this machine. Set HOST.');
  });

  it.each(['/proc/none', '/proc'])('when DATA_DIR cannot be written: %s', async (DATA_DIR) => {
    for (const env of [{ DATA_DIR }, { DATA_DIR, DATABASE_URL: databaseUrl }]) {
      const { code, said } = await refusal(env);
      expect(code).toBe(1);
      expect(said).toMatch(/^DATA_DIR \/proc.* cannot be written \(.+\)\. Choose .+\.$/);
    }
  });

  it('when DATA_DIR lies below a file', async () => {
    const DATA_DIR = join(folder, 'file', 'data');
    const { code, said } = await refusal({ DATA_DIR });
    expect(code).toBe(1);
    expect(said).toMatch(/^DATA_DIR .+ cannot be written \(ENOTDIR.+\)\. Choose .+\.$/);
  });

  it.each(['127.0.0.1', 'localhost'])(
    'when no database listens on %s, and keeps its password to itself',
    async (host) => {
      const port = await freePort();
      const { code, said } = await withDatabase({
        DATABASE_URL: `postgres://bot:hunter22@${host}:${port}/ops`,
      });
      expect(code).toBe(1);
      expect(said).toMatch(
        /^The database at .+\/ops cannot be used \(connect ECONNREFUSED .+\)\. Check DATABASE_URL .+\.$/,
      );
      expect(said).not.toContain('hunter22');
    },
  );

  it('when the database refuses the password', async () => {
    await requirePasswordOf('locked');
    const url = new URL(databaseUrl);
    url.username = 'locked';
    url.password = 'hunter22';
    const { code, said } = await withDatabase({ DATABASE_URL: url.href });
    expect(code).toBe(1);
    expect(said).toMatch(
      /cannot be used \(password authentication failed for user "locked"\)\. Check DATABASE_URL/,
    );
    expect(said).not.toContain('hunter22');
  });

  it('when another process runs on the same DATA_DIR', async () => {
    const DATA_DIR = join(folder, 'embedded');
    const first = await startBot({ DATA_DIR });
    const { code, said } = await refusal({ DATA_DIR });
    expect(code).toBe(1);
    expect(said).toContain(`The embedded database is in use by process ${first.pid}`);
    expect(said.split('\n')).toHaveLength(1);
    expect((await first.fetch('/health/ready')).status).toBe(200);
    first.kill('SIGTERM');
    expect(await first.ended).toBe(0);
  }, 120_000);

  it('when its bootstrap file is missing', async () => {
    const { code, said } = await withDatabase({ AI_OPS_BOOTSTRAP: '/no/such/file.json' });
    expect(code).toBe(1);
    expect(said).toMatch(/^AI_OPS_BOOTSTRAP \/no\/such\/file\.json cannot be read \(ENOENT.+\)\.$/);
  });

  it('when its bootstrap file is not JSON', async () => {
    const { code, said } = await withDatabase({
      AI_OPS_BOOTSTRAP: await bootstrapFile('{"mcp-servers": [}'),
    });
    expect(code).toBe(1);
    expect(said).toMatch(/^AI_OPS_BOOTSTRAP .+bootstrap\.json is not JSON \(.+\)\.$/);
  });

  it('when its bootstrap file is wrong: every problem with its place', async () => {
    const text = JSON.stringify({
      'mcp-servers': [
        { name: 'a', protocol: 'stdio' },
        { name: 'a', url: 'https://b' },
        { name: 'c', url: 'https://b', colour: 'red' },
      ],
      'llm-models': [{ name: 'm', llm_provider: 'skynet' }],
      settings: { chat_session_ttl_minutes: 0 },
    });
    const { code, said } = await withDatabase({ AI_OPS_BOOTSTRAP: await bootstrapFile(text) });
    expect(code).toBe(1);
    expect(said.split('\n').slice(1).sort()).toEqual([
      '  - llm-models[0].llm_provider: There is no LLM provider “skynet”.',
      '  - mcp-servers[0].command: A stdio server needs a command.',
      '  - mcp-servers[1].name: The file has another one of this name.',
      '  - mcp-servers[2].colour: There is no such field.',
      '  - settings[0].value: At least 1.',
    ]);
  });
});

/** Makes the shared server ask this role, and only it, for a password. */
async function requirePasswordOf(role: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  await client.query(`create role ${role} login password 'another'`);
  const { rows } = await client.query<{ path: string }>(`select current_setting('hba_file') as path`);
  const rules = [`host all ${role} 127.0.0.1/32 scram-sha-256`, 'host all all 127.0.0.1/32 trust'];
  await client.query(`copy (select unnest(array['${rules.join("','")}'])) to '${rows[0]?.path}'`);
  await client.query('select pg_reload_conf()');
  await client.end();
}
