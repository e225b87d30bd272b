import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../src/observe/log.ts';
import { createMask } from '../src/observe/mask.ts';
import { startBot } from './fakes/bot-process.ts';
import { createPostgresDatabase } from './fakes/database.ts';

describe('a running bot', () => {
  let vendor: Server;
  let url: string;
  let folder: string;

  /** A vendor that refuses every key and repeats it, as some do. */
  beforeAll(async () => {
    vendor = createServer((request, response) => {
      const key = request.headers.authorization?.replace('Bearer ', '');
      const message = `Incorrect API key provided: ${key}. You sent “${key}” to ${request.url}.`;
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message, code: 'invalid_api_key' } }));
    });
    await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
    folder = await mkdtemp(join(tmpdir(), 'ai-ops-logs-'));
  });
  afterAll(async () => {
    vendor.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Asks a bot that has this key, and gives the answer and all that the bot wrote. */
  async function askWith(key: string) {
    const bot = await startBot({
      DATABASE_URL: await createPostgresDatabase('migrated'),
      DATA_DIR: join(folder, 'a'),
      OPENAI_API_KEY: key,
      OPENAI_BASE_URL: `${url}/v1`,
      LOG_LEVEL: 'debug',
    });
    const response = await bot.ask('hello', 'one');
    expect(response.status).toBe(502);
    const answer = await response.text();
    bot.kill('SIGTERM');
    await bot.ended;
    return { answer, written: bot.stdout() + bot.stderr() };
  }

  it.each(['sk-secret-1234567890abcdef', 'plainly"odd/key+98765'])(
    'never writes a key that its vendor repeats: %s',
    async (key) => {
      const { written } = await askWith(key);
      expect(written).toContain('turn_failed');
      expect(written).not.toContain(key);
      expect(written).not.toContain(JSON.stringify(key).slice(1, -1));
    },
  );

  it('never tells people the key either', async () => {
    const { answer } = await askWith('sk-secret-1234567890abcdef');
    expect(answer).toContain('refused the API key');
    expect(answer).not.toContain('secret-1234567890abcdef');
  });

  it('never writes a secret of a file, or the passwords and tokens of its own', async () => {
    const secrets = join(folder, 'secrets');
    await mkdir(secrets, { recursive: true });
    await writeFile(join(secrets, 'vendor-key'), 'a-key-of-a-file');
    const bootstrap = join(folder, 'bootstrap.json');
    const model = {
      name: 'm',
      llm_provider: 'openai',
      model_secret_key: 'file:vendor-key',
      model_config: { base_url: `${url}/v1` },
    };
    await writeFile(bootstrap, JSON.stringify({ 'llm-models': [model] }));
    const databaseUrl = new URL(await createPostgresDatabase('migrated'));
    databaseUrl.password = 'database-password';
    const bot = await startBot({
      DATABASE_URL: databaseUrl.href,
      REDIS_URL: 'redis://:redis-password@127.0.0.1:9',
      DATA_DIR: join(folder, 'b'),
      AI_OPS_BOOTSTRAP: bootstrap,
      AI_OPS_SECRETS_DIR: secrets,
      LOG_LEVEL: 'debug',
    });
    expect((await bot.ask('hello', 'one')).status).toBe(502);
    bot.kill('SIGTERM');
    await bot.ended;
    const written = bot.stdout() + bot.stderr();
    expect(written).toContain('turn_failed');
    for (const secret of ['a-key-of-a-file', 'database-password', 'redis-password', 'test-token-long-enough'])
      expect(written).not.toContain(secret);
  });
});

describe('the log of a bot that starts and stops', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ai-ops-logs-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('says what is wrong with its model, which variables it ignores, and that it stopped', async () => {
    const file = join(folder, 'bootstrap.json');
    const model = { name: 'm', llm_provider: 'openai', model_secret_key: 'env:NO_SUCH_KEY' };
    await writeFile(file, JSON.stringify({ 'llm-models': [model] }));
    const bot = await startBot({
      DATABASE_URL: await createPostgresDatabase('migrated'),
      DATA_DIR: join(folder, 'data'),
      AI_OPS_ENV: 'PROD',
      AI_OPS_BOOTSTRAP: file,
      OPENAI_API_KEY: 'sk-ignored-1234567890',
    });
    const answer = await bot.ask('hello', 'one');
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain('This model is not set up right.');
    bot.kill('SIGTERM');
    await bot.ended;
    const lines = bot.stdout().split('\n');
    const entries = lines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    const reason = expect.stringContaining('The secret env:NO_SUCH_KEY is not there.');
    expect(entries).toContainEqual(expect.objectContaining({ event: 'model_unusable', reason }));
    const events = entries.map((entry) => entry.event);
    expect(events).toContain('model_variables_ignored');
    expect(events.slice(events.indexOf('stopping'))).toContain('stopped');
  });
});

describe('the log', () => {
  function written(error: unknown, mask = createMask([])): string {
    const lines: string[] = [];
    createLog('info', { write: (line) => void lines.push(line) }, mask.apply)
      .with({ turn_id: 't' })
      .info('event', { error });
    return lines.join('');
  }

  it('writes one JSON line with class, message, place and cause of an error', () => {
    const line = written(new TypeError('outer', { cause: new Error('inner') }));
    expect(line.endsWith('\n')).toBe(true);
    expect(JSON.parse(line)).toMatchObject({
      level: 'info',
      event: 'event',
      turn_id: 't',
      error: { type: 'TypeError', message: 'outer', stack: expect.any(Array), cause: { message: 'inner' } },
    });
  });

  it.each([
    'connect to postgres://bot:hunter22@db failed',
    'header authorization: Bearer hunter22',
    'wrong api_key=hunter22',
    'password: hunter22',
  ])('leaves out what an error message announces as a credential: %s', (message) => {
    expect(written(new Error(message))).not.toContain('hunter22');
    expect(written(message)).not.toContain('hunter22');
  });

  it('names the reference of a secret', () => {
    const line = written(new Error('The secret env:VENDOR_KEY is not there.'));
    expect(JSON.parse(line).error.message).toBe('The secret env:VENDOR_KEY is not there.');
  });

  it('leaves out every secret it knows, wherever it stands', () => {
    const mask = createMask(['my"secret\\value', 'other-secret']);
    mask.add('late-secret');
    const line = written(new Error('got my"secret\\value, other-secret and late-secret'), mask);
    expect(JSON.parse(line).error.message).toBe('got ***, *** and ***');
  });

  it('takes no ordinary word for a secret', () => {
    expect(createMask(['', 'x', 'info', 'started']).apply('info: started')).toBe('info: started');
  });
});
