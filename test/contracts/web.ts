import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { encodeThreadId, opsPrincipal } from '../../adapters/web/thread-id.ts';
import { openDoor, openStage, type Stage } from '../bot/stage.ts';
import { type BotProcess, startBotProcess } from '../delivery/processes.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { startStrictLlm } from '../fakes/llm/server.ts';
import type { Attention, Platform, Said } from './platform.ts';

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
      async approveAs(thread, service) {
        const [approval] = (await at.thread(thread)).turn.approvals;
        const said = await at.say(approval?.id, { decision: 'edit', values: { service } });
        return String(said.service ?? '');
      },
      async respond(thread, message) {
        const [approval] = (await at.thread(thread)).turn.approvals;
        await at.say(approval?.id, { decision: 'respond', message });
      },
      async question(thread) {
        const [approval] = (await at.thread(thread)).turn.approvals;
        return `${approval?.edited_arguments} ${approval?.response}`;
      },
      wasRefused: async () => refused,
      async outcome(thread) {
        const [approval] = (await at.thread(thread)).turn.approvals;
        if (approval?.edited_arguments !== undefined) return 'edited';
        return approval?.response === undefined ? (approval?.state ?? '') : 'answered';
      },
      async pinged(thread) {
        const response = await at.bot.fetch(`${chat}${thread}/`);
        return response.headers.get('content-type')?.startsWith('application/json') !== true;
      },
      attention: await attentionOf(at, token),
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

const concernSchema = z.object({
  id: z.string(),
  state: z.string(),
  by: z.string().optional(),
  until: z.string().optional(),
});
const listSchema = z.object({ threads: z.array(z.object({ thread_id: z.string() })) });
const conversationSchema = z.object({
  messages: z.array(z.object({ text: z.string(), concern: concernSchema.optional() })),
});

/** What needs attention opens a thread of the ops channel, which all who may chat read. */
async function attentionOf(at: Stage, talks: string): Promise<Attention> {
  const made = await at.bot.fetch('/api/plugins/ai-ops/api-tokens/', {
    method: 'POST',
    body: JSON.stringify({ name: 'approves', permissions: ['approve'] }),
    headers: { 'content-type': 'application/json' },
  });
  const tokens = {
    asker: 'test-token-long-enough',
    other: talks,
    stranger: tokenSchema.parse(await made.json()).token,
  };
  const answers: Record<keyof typeof tokens, string> = { asker: '', other: '', stranger: '' };
  const read = async (path: string) => await (await at.bot.fetch(`/plugins/ai-ops/api/${path}`)).json();

  async function found(words: string) {
    for (const { thread_id: id } of listSchema.parse(await read('channels/ops/')).threads) {
      const { messages } = conversationSchema.parse(await read(`chat/${id}/`));
      const message = messages.find(({ text }) => text === words);
      if (message !== undefined) return { ...message, thread: id };
    }
    return undefined;
  }

  async function message(words: string) {
    const there = await found(words);
    if (there?.concern === undefined) throw new Error(`nothing says ${words}`);
    return { ...there, concern: there.concern };
  }

  async function post(id: string, who: keyof typeof tokens, body: object): Promise<void> {
    const answer = await fetch(new URL(`/plugins/ai-ops/api/concerns/${id}/`, at.bot.url), {
      method: 'POST',
      headers: { authorization: `Token ${tokens[who]}` },
      body: JSON.stringify(body),
    });
    answers[who] += `${answer.status} ${await answer.text()}\n`;
  }

  return {
    notice: () => ({
      ...{ platform: 'web', isPosted: false, startedBy: opsPrincipal },
      place: { type: 'thread', threadId: encodeThreadId({ principal: opsPrincipal, id: randomUUID() }) },
    }),
    names: { asker: 'Admin token', other: 'talks' },
    async shown(words) {
      const there = await found(words);
      if (there?.concern === undefined) return there?.text;
      const { state, by = '', until = '' } = there.concern;
      return {
        open: 'Acknowledge',
        acknowledged: `Acknowledged by ${by}, Reopen`,
        snoozed: `Snoozed until ${until} by ${by}, Reopen`,
        resolved: 'Resolved',
      }[state];
    },
    async attend(words, by, verb) {
      const { concern } = await message(words);
      await post(concern.id, by, { verb, ...(verb === 'snooze' && { minutes: 60 }) });
    },
    attendAs: async (_words, by, id) => await post(id, by, { verb: 'acknowledge' }),
    attendLate: async (id, by) => await post(id, by, { verb: 'acknowledge' }),
    async say(words, said) {
      await at.ask(said, (await message(words)).thread);
    },
    told: async (by) => answers[by],
    async remove(words) {
      await at.bot.fetch(`${chat}${(await message(words)).thread}/`, { method: 'DELETE' });
    },
  };
}
