import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { ChatAdapter } from '../../src/chat/adapter.ts';
import type { Bot } from '../../src/chat/bot.ts';
import { readConfig } from '../../src/config.ts';
import { type Running, start } from '../../src/main.ts';
import type { Clock } from '../../src/observe/port.ts';
import { silentLog } from './log.ts';
import { layEmbedded } from './templates.ts';

/** A bot of its own for one test, started as `npm start` does but in this process. */
export interface TestBot extends Running {
  readonly dataDir: string;
  /** Speaks to it with the admin token. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Asks over the chat API and waits for the answer. */
  ask(message: string, threadId?: string): Promise<ChatAnswer>;
}

const answerSchema = z.object({
  response: z.string(),
  thread_id: z.string(),
  turn_id: z.string(),
  status: z.string(),
  approval_ids: z.array(z.string()).optional(),
});

export interface ChatAnswer {
  readonly status: number;
  readonly body: z.infer<typeof answerSchema>;
}

export interface TestBotOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly adapters?: (bot: Bot) => readonly ChatAdapter[];
  readonly leaseMs?: number;
  readonly assetsDir?: string;
  /** Nothing happens by itself unless the test is about that. */
  readonly runsSchedules?: boolean;
  /** How runs of schedules wait between their looks. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Kept when the bot stops, so that another can be started on it. */
  readonly dataDir?: string;
}

export async function startTestBot({ env = {}, dataDir, ...rest }: TestBotOptions = {}): Promise<TestBot> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'ai-ops-bot-')));
  const config = readConfig({
    DATA_DIR: folder,
    PORT: '0',
    AI_OPS_ADMIN_TOKEN: 'test-token-long-enough',
    ...env,
  });
  const isNew = config.databaseUrl === undefined && !existsSync(join(folder, 'database'));
  if (isNew) await layEmbedded(folder, 'migrated');
  const running = await start({
    config: { ...config, ollamaProbeUrl: 'http://127.0.0.1:9' },
    log: silentLog,
    environment: process.env,
    runsSchedules: false,
    ...rest,
  });
  const call = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, running.url), {
      ...init,
      headers: { authorization: 'Token test-token-long-enough', ...init.headers },
    });
  return {
    ...running,
    dataDir: folder,
    fetch: call,
    async ask(message, threadId) {
      const body = JSON.stringify({ message, ...(threadId === undefined ? {} : { thread_id: threadId }) });
      const response = await call('/plugins/ai-ops/api/chat/', { method: 'POST', body });
      return { status: response.status, body: answerSchema.parse(await response.json()) };
    },
    async stop() {
      await running.stop();
      if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
