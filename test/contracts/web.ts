import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { openDoor, openStage } from '../bot/stage.ts';
import { type BotProcess, startBotProcess } from '../delivery/processes.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { startStrictLlm } from '../fakes/llm/server.ts';
import type { Platform, Said } from './platform.ts';

type Send = (path: string, init?: RequestInit) => Promise<Response>;

const chat = '/plugins/ai-ops/api/chat/';
const tokenSchema = z.object({ token: z.string() });

/** Writes a message, and follows its stream until the bot has it. */
async function write(
  send: Send,
  { thread, id }: Said,
  words: string,
  streamed: (piece: string) => void = () => undefined,
): Promise<void> {
  const response = await send(chat, {
    method: 'POST',
    body: JSON.stringify({ message: words, thread_id: thread }),
    headers: { accept: 'text/event-stream', 'idempotency-key': id },
  });
  if (response.status !== 200 || response.body === null) throw new Error(await response.text());
  const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
  streamed((await pieces.read()).value ?? '');
  const follow = async () => {
    for (let next = await pieces.read(); !next.done; next = await pieces.read()) streamed(next.value);
  };
  // A process that is killed ends its streams as well.
  follow().catch(() => undefined);
}

/** The bot's own chat over HTTP: each caller has conversations of their own, and reads what is stored. */
export const web: Platform = {
  name: 'Web',
  isAlone: true,
  isFinal: true,
  canTell: true,
  async open(options) {
    const at = await openStage(options);
    const sent = new Map<string, string>();
    const made = await at.bot.fetch('/api/plugins/ai-ops/api-tokens/', {
      method: 'POST',
      body: JSON.stringify({ name: 'talks', permissions: ['chat'] }),
      headers: { 'content-type': 'application/json' },
    });
    const { token } = tokenSchema.parse(await made.json());
    const talker = openDoor((path, init) =>
      fetch(new URL(path, at.bot.url), { ...init, headers: { authorization: `Token ${token}` } }),
    );
    let refused = false;

    async function say(thread: string, words: string): Promise<Said> {
      const message = { thread, id: randomUUID() };
      sent.set(message.id, words);
      await write(at.bot.fetch, message, words);
      return message;
    }

    return {
      llm: at.llm,
      begin: async (words) => await say(randomUUID(), words),
      say,
      async heard(thread) {
        const { messages } = await at.thread(thread);
        return messages.filter(({ role }) => role === 'assistant').map(({ text }) => text);
      },
      deliverAgain: async (message) => await write(at.bot.fetch, message, sent.get(message.id) ?? ''),
      async stop(thread) {
        await at.stopThread(thread);
      },
      async decide(thread, by, decision) {
        const [approval] = (await at.thread(thread)).turn.approvals;
        const { http } = await (by === 'approver' ? at : talker).decide(approval?.id, decision);
        if (by === 'nobody') refused = http === 403;
      },
      wasRefused: async () => refused,
      outcome: async (thread) => (await at.thread(thread)).turn.approvals[0]?.state ?? '',
      async pinged(thread) {
        const response = await at.bot.fetch(`${chat}${thread}/`);
        return response.headers.get('content-type')?.startsWith('application/json') !== true;
      },
      close: at.close,
    };
  },

  async openKillable() {
    const llm = await startStrictLlm();
    const token = 'test-token-long-enough';
    const env = {
      DATABASE_URL: await createPostgresDatabase('migrated'),
      AI_OPS_ADMIN_TOKEN: token,
      ...{ OPENAI_API_KEY: 'x', OPENAI_API: 'chat', OPENAI_BASE_URL: `${llm.url}/v1` },
      ...{ LEASE_MS: '2500', LOG_FILE: '/dev/null' },
    };
    let running: BotProcess | undefined;
    let streamed = '';
    const send: Send = (path, init = {}) =>
      fetch(new URL(path, running?.url), {
        ...init,
        headers: { authorization: `Token ${token}`, ...init.headers },
      });

    async function say(thread: string, words: string): Promise<Said> {
      const message = { thread, id: randomUUID() };
      await write(send, message, words, (piece) => {
        streamed += piece;
      });
      return message;
    }

    return {
      llm,
      async restart() {
        await running?.kill('SIGKILL');
        running = await startBotProcess(env);
      },
      begin: async (words) => await say(randomUUID(), words),
      say,
      async heard(thread) {
        const { messages } = await openDoor(send).thread(thread);
        return messages.filter(({ role }) => role === 'assistant').map(({ text }) => text);
      },
      shows: async (_thread, words) => streamed.includes(words),
      async close() {
        await running?.kill('SIGKILL');
        await llm.close();
      },
    };
  },
};
