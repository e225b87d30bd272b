import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ServingBot, serverPids, startBot } from './fakes/bot-process.ts';
import { createPostgresDatabase } from './fakes/database.ts';
import { type NotingModel, startNotingModel } from './fakes/noting-model.ts';

const healthSchema = z.object({ servers: z.object({ host: z.object({ status: z.string() }) }) });
const threadSchema = z.object({ messages: z.array(z.object({ role: z.string(), text: z.string() })) });

const databases = {
  PostgreSQL: async () => ({ DATABASE_URL: await createPostgresDatabase('migrated') }),
  'the embedded database': async () => ({}),
};

describe.each(Object.entries(databases))('a bot on %s that is told to stop', (_name, database) => {
  let model: NotingModel;
  let env: Readonly<Record<string, string>>;
  let folder: string;
  let bot: ServingBot;

  beforeAll(async () => {
    model = await startNotingModel();
    folder = await mkdtemp(join(tmpdir(), 'ai-ops-stop-'));
    env = { ...model.env, ...(await database()), DATA_DIR: folder };
  });
  afterAll(async () => {
    await model.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    bot = await startBot(env);
    await expect.poll(hostServer).toBe('ok');
  }, 120_000);
  afterEach(async () => {
    bot.kill('SIGKILL');
    await bot.ended;
  });

  async function hostServer(): Promise<string> {
    const health = healthSchema.parse(await (await bot.fetch('/health/ready')).json());
    return health.servers.host.status;
  }

  /** Sends the signals and measures how long it takes to end. */
  async function endAfter(...signals: readonly NodeJS.Signals[]) {
    const begun = performance.now();
    for (const signal of signals) bot.kill(signal);
    const code = await bot.ended;
    return { code, ms: performance.now() - begun };
  }

  async function stillRun(pids: readonly number[]): Promise<readonly number[]> {
    const states = pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z ');
      return stat.includes(') Z ') ? [] : [pid];
    });
    return (await Promise.all(states)).flat();
  }

  async function said(threadId: string): Promise<readonly string[]> {
    const response = await bot.fetch(`/plugins/ai-ops/api/chat/${threadId}/`);
    const { messages } = threadSchema.parse(await response.json());
    return messages.map(({ role, text }) => `${role}: ${text}`);
  }

  it('ends at once when it is idle, with its MCP servers, and says nothing on stderr', async () => {
    const pids = await serverPids(folder);
    expect(await stillRun(pids)).toHaveLength(1);
    const { code, ms } = await endAfter('SIGTERM');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(8000);
    expect(bot.stderr()).toBe('');
    expect(await stillRun(pids)).toEqual([]);
    expect(await serverPids(folder)).toEqual([]);
  });

  it('ends once, however it is told', async () => {
    expect((await endAfter('SIGINT', 'SIGTERM')).code).toBe(0);
    expect(bot.stderr()).toBe('');
  });

  it('hands over a turn that takes long, ends within 10 s, and finishes the turn after the next start', async () => {
    const letGo = model.hold();
    const asked = bot.ask('Is anybody there?', 'patient');
    await expect.poll(() => model.told()).toEqual(['Is anybody there?']);
    const pids = await serverPids(folder);
    const { code, ms } = await endAfter('SIGTERM');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
    expect(await stillRun(pids)).toEqual([]);
    expect(
      await asked.then(
        ({ status }) => status,
        () => 'cut off',
      ),
    ).toBe(503);
    letGo();
    bot = await startBot(env);
    await expect.poll(() => said('patient')).toEqual(['user: Is anybody there?', 'assistant: Noted.']);
  }, 120_000);
});
