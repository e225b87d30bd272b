import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { childEnv } from './fakes/child-env.ts';
import { type StrictLlm, startStrictLlm } from './fakes/llm/server.ts';
import { freePort, listening } from './fakes/ports.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const conversation = z.object({
  messages: z.array(z.object({ role: z.string(), text: z.string() })),
  turn: z.object({ status: z.string() }),
});

/** The embedded default, started as the README says, killed in the middle of a turn and started again. */
describe('a bot that is killed in the middle of a turn', () => {
  let model: StrictLlm;
  let dataDir: string;
  let port: number;
  let bot: ChildProcess;

  beforeAll(async () => {
    model = await startStrictLlm({
      reply({ body }) {
        if (JSON.stringify(body.input).includes('function_call_output'))
          return { text: 'It is fine.', thinkMs: 1000 };
        return { calls: [{ name: 'host__disk_usage', arguments: '{}' }] };
      },
    });
    dataDir = await mkdtemp(join(tmpdir(), 'ai-ops-restart-'));
    port = await freePort();
  });
  afterAll(async () => {
    bot.kill('SIGKILL');
    await model.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function startBot(): Promise<void> {
    bot = spawn(process.execPath, [main], {
      env: {
        ...childEnv(),
        PORT: String(port),
        DATA_DIR: dataDir,
        AI_OPS_ADMIN_TOKEN: 'test-token-long-enough',
        OPENAI_API_KEY: 'x',
        OPENAI_BASE_URL: `${model.url}/v1`,
        LOG_LEVEL: 'silent',
      },
      stdio: 'ignore',
    });
    expect(await listening(port)).toBe(true);
  }

  const call = (path: string, body?: object) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { authorization: 'Token test-token-long-enough' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });

  async function read() {
    const response = await call('/plugins/ai-ops/api/chat/restart/');
    return conversation.parse(await response.json());
  }

  it('finishes the turn by itself when it is started again, without running the tool again', async () => {
    await startBot();
    const asked = call('/plugins/ai-ops/api/chat/', {
      message: 'How is the disk?',
      thread_id: 'restart',
    }).catch(() => undefined);
    await expect.poll(() => model.requests.length).toBe(2);
    bot.kill('SIGKILL');
    await once(bot, 'exit');
    await asked;
    await startBot();
    await expect.poll(async () => (await read()).turn.status).toBe('done');
    expect((await read()).messages.map((message) => message.role)).toEqual(['user', 'tool', 'assistant']);
    expect((await read()).messages.at(-1)?.text).toBe('It is fine.');
    expect(model.requests).toHaveLength(3);
  });
});
