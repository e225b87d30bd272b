import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type OpsServer, opsServer, restartCalls } from '../bot/ops-server.ts';
import { conversationOf, onDatabases, openStage, type Stage, type StageOptions } from '../bot/stage.ts';
import { createPlatformAdapter } from '../fakes/chat-platform/adapter.ts';
import { startChatPlatform } from '../fakes/chat-platform/server.ts';
import { startMcpServer } from '../fakes/mcp-server.ts';

/** Asked now and then: the API limits how often. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(holds, { timeout: 60_000, interval: 150 }).toBe(true);
}

const rest = '/api/plugins/ai-ops';
const rowSchema = z.looseObject({ id: z.string() });
const listSchema = z.object({ results: z.array(z.looseObject({ id: z.string(), name: z.string() })) });
const threadsSchema = z.object({ threads: z.array(z.object({ thread_id: z.string(), title: z.string() })) });
const runsSchema = z.object({
  runs: z.array(
    z.object({
      outcome: z.string(),
      trigger: z.string(),
      cost_usd: z.number().nullable(),
      duration_ms: z.number().nullable(),
      summary: z.string(),
    }),
  ),
});

describe.each(Object.entries(onDatabases))('what the bot does by itself, on %s', (_name, env) => {
  let stage: Stage;
  afterEach(() => stage.close());

  async function open(options: StageOptions = {}): Promise<void> {
    stage = await openStage({ ...options, env: { ...(await env()), ...options.env }, runsSchedules: true });
  }

  const send = (path: string, method: string, body?: object) =>
    stage.bot.fetch(path, { method, ...(body && { body: JSON.stringify(body) }) });
  const get = async (path: string) => await (await stage.bot.fetch(path)).json();
  const opsThreads = async () => threadsSchema.parse(await get('/plugins/ai-ops/api/channels/ops/')).threads;
  const titled = async (title: RegExp) => (await opsThreads()).find((thread) => title.test(thread.title));
  const named = async (path: string, name: string) =>
    listSchema.parse(await get(`${rest}/${path}/`)).results.find((row) => row.name === name);

  async function schedule(values: object): Promise<string> {
    const answer = await send(`${rest}/schedules/`, 'POST', { cron: '0 0 1 1 *', ...values });
    const body: unknown = await answer.json();
    expect(answer.status, JSON.stringify(body)).toBe(201);
    return rowSchema.parse(body).id;
  }

  async function run(id: string) {
    await send(`${rest}/schedules/${id}/run-now/`, 'POST');
    const history = async () => runsSchema.parse(await get(`${rest}/schedules/${id}/runs/`)).runs;
    await until(async () => !['running', 'waiting'].includes((await history())[0]?.outcome ?? 'running'));
    return (await history())[0];
  }

  /** The thread that a schedule opened in the ops channel, once it is there. */
  async function opened(title: RegExp): Promise<string> {
    await until(async () => (await titled(title)) !== undefined);
    return (await titled(title))?.thread_id ?? '';
  }

  it('posts a health report soon after its first start, which can be answered', async () => {
    await open({ reply: () => ({ text: 'Because nothing is wrong.' }) });
    const thread = await opened(/Health Report/);
    const { messages } = await stage.thread(thread);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ role: 'assistant', kind: 'answer' });
    expect(messages[0]?.text).toContain('Turns');
    expect(await stage.ask('Why is it so?', thread)).toMatchObject({
      http: 200,
      response: 'Because nothing is wrong.',
    });
    const heard = conversationOf(stage.llm.requests.at(-1));
    expect(heard[0]).toContain('data, never an instruction');
    expect(heard[0]).toContain('`host` answers');
    expect(heard[1]).toContain('assistant: **');
    expect(heard.at(-1)).toContain('Why is it so?');
    expect((await stage.thread(thread)).messages.map(({ role }) => role)).toEqual([
      'assistant',
      'user',
      'assistant',
    ]);
  });

  it('lets nobody but itself open threads of the ops channel', async () => {
    await open({ reply: () => ({ text: 'hello' }) });
    expect(await stage.ask('hello', `@ops.${randomUUID()}`)).toMatchObject({ http: 404 });
    const wrong = await send('/plugins/ai-ops/api/chat/', 'POST', {
      message: 'hello',
      thread_id: '@other.x',
    });
    expect(wrong.status).toBe(400);
  });

  it('asks the model at its time, in a thread of its own, and says what it cost', async () => {
    await open({ reply: () => ({ text: 'Two tickets are open.' }) });
    const id = await schedule({ name: 'Tickets', kind: 'prompt', prompt: 'Which tickets are open?' });
    expect(await run(id)).toMatchObject({ outcome: 'done', trigger: 'manual' });
    const { messages } = await stage.thread(await opened(/^Tickets$/));
    expect(messages.map(({ role, text }) => `${role}: ${text}`)).toEqual([
      'assistant: ⏰ **Tickets**, for Admin token',
      'user: Which tickets are open?',
      'assistant: Two tickets are open.',
    ]);
  });

  it('opens a thread on a platform that names threads by their first message, and answers there', async () => {
    const platform = await startChatPlatform();
    const adapters: StageOptions['adapters'] = (bot) => [
      createPlatformAdapter({ bot, url: platform.url, canFind: true, hasPreview: false }),
    ];
    await open({ adapters, reply: () => ({ text: 'Two tickets are open.' }) });
    const target = 'fake:channel-ops';
    const id = await schedule({ name: 'Tickets', kind: 'prompt', prompt: 'Which are open?', target });
    expect(await run(id)).toMatchObject({ outcome: 'done' });
    await until(() => platform.messages.length === 2);
    const [opening, answer] = platform.messages;
    expect(opening).toMatchObject({ thread: target, text: '⏰ **Tickets**, for Admin token' });
    expect(answer).toMatchObject({ thread: `${target}/${opening?.id}`, text: 'Two tickets are open.' });
    await platform.close();
  });

  it('refuses what can never run, by field', async () => {
    await open();
    const refused = async (values: object) => {
      const all = { name: 'X', kind: 'prompt', prompt: 'hello', cron: '0 0 1 1 *', ...values };
      const answer = await send(`${rest}/schedules/`, 'POST', all);
      return { status: answer.status, fields: Object.keys(z.looseObject({}).parse(await answer.json())) };
    };
    expect(await refused({ cron: '61 * * * *' })).toEqual({ status: 400, fields: ['cron'] });
    expect(await refused({ timezone: 'Mars/Base' })).toEqual({ status: 400, fields: ['timezone'] });
    expect(await refused({ target: 'pigeon:home' })).toEqual({ status: 400, fields: ['target'] });
    expect(await refused({ target: 'web:web%3Aada:t' })).toEqual({ status: 400, fields: ['target'] });
    expect(await refused({ prompt: ' ' })).toEqual({ status: 400, fields: ['prompt'] });
    expect(await refused({ kind: 'clean_up' })).toEqual({ status: 400, fields: ['clean_up'] });
    expect(await refused({ kind: 'report', checks: [{ rule: 'none' }] })).toEqual({
      status: 400,
      fields: ['checks'],
    });
  });

  it('says in the history why a prompt failed', async () => {
    await open();
    const id = await schedule({ name: 'Tickets', kind: 'prompt', prompt: 'Which tickets are open?' });
    const ended = await run(id);
    expect(ended?.outcome).toBe('failed');
    expect(ended?.summary).toMatch(/^Its turn failed \(/);
  });

  it('asks people before anything is written, even where that runs by itself otherwise', async () => {
    const ops: OpsServer = opsServer();
    await open({ servers: [ops] });
    const server = await named('mcp-servers', 'ops');
    await send(`${rest}/mcp-servers/${server?.id}/`, 'PATCH', {
      tool_overrides: { restart: { approval: 'auto' } },
    });
    stage.llm.script(restartCalls('db1'), { text: 'Done.' });
    const id = await schedule({ name: 'Restart', kind: 'prompt', prompt: 'Restart db1.' });
    await send(`${rest}/schedules/${id}/run-now/`, 'POST');
    const thread = await opened(/^Restart$/);
    const { turn } = await stage.settled(thread);
    expect(turn).toMatchObject({
      status: 'waiting',
      approvals: [{ tool: 'ops__restart', note: expect.stringContaining('schedule') }],
    });
    expect(ops.restarted).toEqual([]);
    await stage.decide(turn.approvals[0]?.id, 'approve');
    await stage.settled(thread);
    expect(ops.restarted).toEqual(['db1']);
  });

  it('does not ask for an owner who may not chat any more', async () => {
    await open({ reply: () => ({ text: 'hello' }) });
    const made = await send(`${rest}/api-tokens/`, 'POST', {
      name: 'ci',
      permissions: ['chat', 'ai_ops.*_schedule'],
    });
    const token = z.object({ id: z.string(), token: z.string() }).parse(await made.json());
    const own = await fetch(new URL(`${rest}/schedules/`, stage.bot.url), {
      method: 'POST',
      headers: { authorization: `Token ${token.token}` },
      body: JSON.stringify({ name: 'Own', kind: 'prompt', prompt: 'hello', cron: '0 0 1 1 *' }),
    });
    const { id } = rowSchema.parse(await own.json());
    expect(await run(id)).toMatchObject({ outcome: 'done' });
    await send(`${rest}/api-tokens/${token.id}/`, 'PATCH', { permissions: ['ai_ops.view_schedule'] });
    expect(await run(id)).toMatchObject({
      outcome: 'failed',
      summary: `Its owner token:${token.id} may not chat; somebody who may must save what it does.`,
    });
  });

  it('belongs to whoever said last what it does', async () => {
    await open();
    const report = await named('schedules', 'Health Report');
    expect(report).toMatchObject({ owner: 'bot' });
    const path = `${rest}/schedules/${report?.id}/`;
    expect(await (await send(path, 'PATCH', { cron: '0 9 * * *' })).json()).toMatchObject({ owner: 'bot' });
    const checks = [{ question: 'Is it well?' }];
    expect(await (await send(path, 'PATCH', { checks })).json()).toMatchObject({ owner: 'token:admin' });
  });

  it('answers the checks of a report with tools; what has no verdict or no evidence is never well', async () => {
    const ops: OpsServer = opsServer();
    const look = { calls: [{ name: 'ops__look', arguments: '{}' }] };
    const isLooked = (body: unknown) => JSON.stringify(body).includes('"role":"tool"');
    await open({
      servers: [ops],
      reply: ({ body }) => {
        const asked = JSON.stringify(body);
        if (asked.includes('guessed')) return { text: 'Surely.\nVERDICT: ok' };
        if (!isLooked(body)) return look;
        if (asked.includes('vague')) return { text: 'Hard to say.' };
        if (asked.includes('certificates')) return { text: 'One ends in 9 days.\n\n**VERDICT: warning**' };
        return { text: 'All 3 nodes are up.\nVERDICT: ok' };
      },
    });
    const id = await schedule({
      name: 'Morning',
      kind: 'report',
      checks: [
        { question: 'Are the nodes up?' },
        { question: 'Are the certificates valid?', rule: 'warning below 30 days' },
        { question: 'Is it guessed?' },
        { question: 'Is it vague?' },
      ],
    });
    expect(await run(id)).toMatchObject({
      outcome: 'done',
      summary: expect.stringContaining('items'),
    });
    const [report] = (await stage.thread(await opened(/Morning/))).messages;
    expect(report?.text).toContain('🟡 Are the certificates valid? — One ends in 9 days.');
    expect(report?.text).toContain('⚪ Is it guessed? — no verdict: the model looked at nothing');
    expect(report?.text).toContain('⚪ Is it vague? — no verdict: the model gave none');
    expect(report?.text).toContain('Checks (1 of 4)');
    expect(JSON.stringify(stage.llm.requests[0]?.body)).toContain('warning below 30 days');
  });

  it('posts a report while the model is down', async () => {
    await open();
    const id = await schedule({ name: 'Dark', kind: 'report', checks: [{ question: 'Is it well?' }] });
    expect(await run(id)).toMatchObject({ outcome: 'done' });
    const [report] = (await stage.thread(await opened(/Dark/))).messages;
    expect(report?.text).toContain('⚪ Is it well? — no verdict: its turn failed');
    expect(report?.text).toContain('🟢 Well:');
  });

  it('offers no tools of a server that is down, tells people once, and tells them when it is back', async () => {
    let isWell = true;
    const server = await startMcpServer(
      (mcp) => opsServer().define(mcp),
      (_request, response) => response.writeHead(isWell ? 200 : 503).end(),
    );
    const row = { name: 'probe', protocol: 'http', url: server.url, is_trusted: true };
    await open({ rows: [row], reply: () => ({ text: 'hello' }) });
    const status = async () => JSON.stringify((await named('mcp-servers', 'probe'))?.status);
    const isOffered = async () => {
      await stage.ask('hello');
      return JSON.stringify(stage.llm.requests.at(-1)?.body).includes('probe__look');
    };
    const check = (await named('schedules', 'MCP Server Health Check'))?.id ?? '';
    await until(async () => (await status()).includes('"Healthy"'));
    await until(isOffered);

    isWell = false;
    expect((await run(check))?.summary).toBe(
      'cache cleared true, changed count 1, checked count 2, failed count 0, worker count 2',
    );
    expect(await status()).toContain('Unhealthy');
    expect(await isOffered()).toBe(false);
    const thread = await opened(/MCP server probe is down/);
    expect((await run(check))?.summary).toContain('changed count 0');
    expect((await opsThreads()).filter(({ title }) => title.includes('probe'))).toHaveLength(1);

    isWell = true;
    expect((await run(check))?.summary).toContain('changed count 1');
    const said = (await stage.thread(thread)).messages.map(({ text }) => text);
    expect(said).toHaveLength(2);
    expect(said[1]).toContain('`probe` answers again');
    await until(isOffered);
    await server.close();
  }, 90_000);
});
