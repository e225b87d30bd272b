import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type OpsServer, opsServer, restartCalls } from '../bot/ops-server.ts';
import { conversationOf, onDatabases } from '../bot/stage.ts';
import { createPlatformAdapter } from '../fakes/chat-platform/adapter.ts';
import { type ChatPlatform, startChatPlatform } from '../fakes/chat-platform/server.ts';
import { startMcpServer, type TestMcpServer } from '../fakes/mcp-server.ts';
import { failing, type Ops, openOps, rest, until } from './ops-stage.ts';

const rowSchema = z.looseObject({ id: z.string() });

describe.each(Object.entries(onDatabases))('what the bot does by itself, on %s', (_name, env) => {
  let ops: Ops;
  let server: OpsServer;
  let platform: ChatPlatform;
  let probe: TestMcpServer;
  let isWell = true;

  beforeAll(async () => {
    server = opsServer();
    platform = await startChatPlatform();
    probe = await startMcpServer(
      (mcp) => opsServer().define(mcp),
      (_request, response) => response.writeHead(isWell ? 200 : 503).end(),
    );
    ops = await openOps({
      env: await env(),
      servers: [server],
      rows: [{ name: 'probe', protocol: 'http', url: probe.url, is_trusted: true }],
      adapters: (bot) => [
        createPlatformAdapter({ bot, url: platform.url, canFind: true, hasPreview: false }),
      ],
    });
  });
  afterAll(async () => {
    await ops?.stage.close();
    await Promise.all([platform?.close(), probe?.close()]);
  });

  it('posts a health report soon after its first start, which can be answered', async () => {
    ops.answers(() => ({ text: 'Because nothing is wrong.' }));
    const thread = await ops.opened(/Health Report/);
    const { messages } = await ops.stage.thread(thread);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ role: 'assistant', kind: 'answer' });
    expect(messages[0]?.text).toContain('Turns');
    expect(messages[0]?.text).not.toContain('not checked yet');
    expect(await ops.stage.ask('Why is it so?', thread)).toMatchObject({
      http: 200,
      response: 'Because nothing is wrong.',
    });
    const heard = conversationOf(ops.stage.llm.requests.at(-1));
    expect(heard[0]).toContain('data, never an instruction');
    expect(heard[0]).toContain('`host` answers');
    expect(heard[1]).toContain('assistant: **');
    expect(heard.at(-1)).toContain('Why is it so?');
    expect((await ops.stage.thread(thread)).messages.map(({ role }) => role)).toEqual([
      'assistant',
      'user',
      'assistant',
    ]);
  });

  it('lets nobody but itself open threads of the ops channel', async () => {
    expect(await ops.stage.ask('hello', `@ops.${randomUUID()}`)).toMatchObject({ http: 404 });
    const wrong = await ops.send('/plugins/ai-ops/api/chat/', 'POST', {
      message: 'hello',
      thread_id: '@other.x',
    });
    expect(wrong.status).toBe(400);
  });

  it('asks the model at its time, in a thread of its own, and says who wished it in the audit log', async () => {
    ops.answers(() => ({ text: 'Two tickets are open.' }));
    const id = await ops.schedule({ name: 'Tickets', kind: 'prompt', prompt: 'Which tickets are open?' });
    expect(await ops.run(id)).toMatchObject({
      outcome: 'done',
      trigger: 'manual',
      summary: 'answer Two tickets are open.',
    });
    const { messages } = await ops.stage.thread(await ops.opened(/^Tickets$/));
    expect(messages.map(({ role, text }) => `${role}: ${text}`)).toEqual([
      'assistant: ⏰ **Tickets**, for Admin token',
      'user: Which tickets are open?',
      'assistant: Two tickets are open.',
    ]);
    const audit = z.object({ results: z.array(z.looseObject({ action: z.string() })) });
    const { results } = audit.parse(await ops.get(`${rest}/audit/?action=schedules.run`));
    expect(results[0]).toMatchObject({ actor: 'token:admin', target: `schedules/${id}`, source: 'rest' });
  });

  it('keeps the answer in the history alone where nobody is to see it', async () => {
    ops.answers(() => ({ text: 'Nobody reads this.' }));
    const before = (await ops.opsThreads()).length;
    const values = { name: 'Silent', kind: 'prompt', prompt: 'hello', target: 'none' };
    expect(await ops.run(await ops.schedule(values))).toMatchObject({
      outcome: 'done',
      summary: 'answer Nobody reads this.',
    });
    expect(await ops.opsThreads()).toHaveLength(before);
    const command = async (line: string) =>
      await (await ops.send('/plugins/ai-ops/api/command/', 'POST', { line })).text();
    expect(await command('schedules runs Silent')).toMatch(
      /UTC, by hand \| done \| \d+\.\d s \| .*\| answer Nobody reads this\. \|/,
    );
    expect(await command('schedules show Silent')).toMatch(/\| Next runs \| \w+, 1 Jan \d+, 00:00 UTC;/);
    expect(await command('schedules show Silent')).not.toContain('Flaps above');
  });

  it('opens a thread on a platform that names threads by their first message, and answers there', async () => {
    ops.answers(() => ({ text: 'Two tickets are open.' }));
    const target = 'fake:channel-ops';
    const id = await ops.schedule({ name: 'Elsewhere', kind: 'prompt', prompt: 'Which are open?', target });
    expect(await ops.run(id)).toMatchObject({ outcome: 'done' });
    await until(() => platform.messages.length === 2);
    const [opening, answer] = platform.messages;
    expect(opening).toMatchObject({ thread: target, text: '⏰ **Elsewhere**, for Admin token' });
    expect(answer).toMatchObject({ thread: `${target}/${opening?.id}`, text: 'Two tickets are open.' });
  });

  it('refuses what can never run, by field', async () => {
    const refused = async (values: object) => {
      const all = { name: 'X', kind: 'prompt', prompt: 'hello', cron: '0 0 1 1 *', ...values };
      const answer = await ops.send(`${rest}/schedules/`, 'POST', all);
      return { status: answer.status, fields: Object.keys(z.looseObject({}).parse(await answer.json())) };
    };
    const wrong: readonly (readonly [object, string])[] = [
      [{ cron: '61 * * * *' }, 'cron'],
      [{ timezone: 'Mars/Base' }, 'timezone'],
      [{ target: 'pigeon:home' }, 'target'],
      [{ target: 'web:web%3Aada:t' }, 'target'],
      [{ kind: 'report', target: 'none' }, 'target'],
      [{ prompt: ' ' }, 'prompt'],
      [{ kind: 'clean_up' }, 'clean_up'],
      [{ kind: 'report', checks: [{ rule: 'none' }] }, 'checks'],
      [{ kind: 'report', checks: [{ question: 'Is it well?' }, { question: 'Is it well?' }] }, 'checks'],
      [{ kind: 'report', mention: ['ann'] }, 'mention'],
      [{ kind: 'monitor' }, 'watches'],
      [{ kind: 'monitor', watches: 'question' }, 'question'],
    ];
    for (const [values, field] of wrong)
      expect(await refused(values)).toEqual({ status: 400, fields: [field] });
  });

  it('says in the history why a prompt failed', async () => {
    ops.answers(failing);
    const id = await ops.schedule({ name: 'Failing', kind: 'prompt', prompt: 'Which tickets are open?' });
    const ended = await ops.run(id);
    expect(ended?.outcome).toBe('failed');
    expect(ended?.summary).toBe(
      'Its turn failed (auth). The model provider refused the API key. An admin must check the key of this model.',
    );
  });

  it('asks people before anything is written, even where that runs by itself otherwise', async () => {
    const { id: serverId } = (await ops.named('mcp-servers', 'ops')) ?? {};
    await ops.send(`${rest}/mcp-servers/${serverId}/`, 'PATCH', {
      tool_overrides: { restart: { approval: 'auto' } },
    });
    ops.stage.llm.script(restartCalls('db1'), { text: 'Done.' });
    const id = await ops.schedule({ name: 'Restart', kind: 'prompt', prompt: 'Restart db1.' });
    await ops.send(`${rest}/schedules/${id}/run-now/`, 'POST');
    const thread = await ops.opened(/^Restart$/);
    const { turn } = await ops.stage.settled(thread);
    expect(turn).toMatchObject({
      status: 'waiting',
      approvals: [{ tool: 'ops__restart', note: expect.stringContaining('schedule') }],
    });
    expect(server.restarted).toEqual([]);
    await ops.stage.decide(turn.approvals[0]?.id, 'approve');
    await ops.stage.settled(thread);
    expect(server.restarted).toEqual(['db1']);
  });

  it('does not ask for an owner who may not chat any more', async () => {
    ops.answers(() => ({ text: 'hello' }));
    const made = await ops.send(`${rest}/api-tokens/`, 'POST', {
      name: 'ci',
      permissions: ['chat', 'ai_ops.*_schedule'],
    });
    const token = z.object({ id: z.string(), token: z.string() }).parse(await made.json());
    const own = await fetch(new URL(`${rest}/schedules/`, ops.stage.bot.url), {
      method: 'POST',
      headers: { authorization: `Token ${token.token}` },
      body: JSON.stringify({ name: 'Own', kind: 'prompt', prompt: 'hello', cron: '0 0 1 1 *' }),
    });
    const { id } = rowSchema.parse(await own.json());
    expect(await ops.run(id)).toMatchObject({ outcome: 'done' });
    await ops.send(`${rest}/api-tokens/${token.id}/`, 'PATCH', { permissions: ['ai_ops.view_schedule'] });
    expect(await ops.run(id)).toMatchObject({
      outcome: 'failed',
      summary: `Its owner token:${token.id} may not chat; somebody who may must save what it does.`,
    });
  });

  it('belongs to whoever said last what it does', async () => {
    const report = await ops.named('schedules', 'Health Report');
    expect(report).toMatchObject({ owner: 'bot' });
    const path = `${rest}/schedules/${report?.id}/`;
    const patched = async (values: object) => await (await ops.send(path, 'PATCH', values)).json();
    expect(await patched({ cron: '0 9 * * *' })).toMatchObject({ owner: 'bot' });
    expect(await patched({ checks: [{ question: 'Is it well?' }] })).toMatchObject({ owner: 'token:admin' });
  });

  it('answers the checks of a report with tools; what has no verdict or no evidence is never well', async () => {
    const look = { calls: [{ name: 'ops__look', arguments: '{}' }] };
    ops.answers(({ body }) => {
      const asked = JSON.stringify(body);
      if (asked.includes('guessed')) return { text: 'Surely.\nVERDICT: ok' };
      if (!asked.includes('"role":"tool"')) return look;
      if (asked.includes('vague')) return { text: 'Hard to say.' };
      if (asked.includes('certificates')) return { text: 'One ends in 9 days.\n\n**VERDICT: warning**' };
      return { text: 'All 3 nodes are up.\nVERDICT: ok' };
    });
    const asked = ops.stage.llm.requests.length;
    const id = await ops.schedule({
      name: 'Morning',
      kind: 'report',
      checks: [
        { question: 'Are the nodes up?' },
        { question: 'Are the certificates valid?', rule: 'warning below 30 days' },
        { question: 'Is it guessed?' },
        { question: 'Is it vague?' },
      ],
    });
    expect(await ops.run(id)).toMatchObject({
      outcome: 'done',
      summary: expect.stringContaining('items'),
    });
    const [report] = await ops.said(await ops.opened(/Morning/));
    expect(report?.text).toContain('🟡 Are the certificates valid? — warning: One ends in 9 days.');
    expect(report?.text).toContain('⚪ Is it guessed? — no verdict: the model looked at nothing');
    expect(report?.text).toContain('⚪ Is it vague? — no verdict: the model gave none');
    expect(report?.text).toContain('Checks (1 of 4)');
    expect(JSON.stringify(ops.stage.llm.requests.slice(asked))).toContain('warning below 30 days');
  });

  it('posts a report while the model is down, with how many of its calls failed', async () => {
    ops.answers(failing);
    const id = await ops.schedule({ name: 'Dark', kind: 'report', checks: [{ question: 'Is it well?' }] });
    expect(await ops.run(id)).toMatchObject({ outcome: 'done' });
    const [report] = await ops.said(await ops.opened(/Dark/));
    expect(report?.text).toContain(
      '⚪ Is it well? — no verdict: its turn failed. The model provider refused the API key.',
    );
    expect(report?.text).toContain('🟢 Well:');
    expect(report?.text).toMatch(/ · \d+ calls, \d+ % failed · p50/);
    await ops.send(`${rest}/schedules/${id}/`, 'PATCH', { checks: [] });
    await ops.run(id);
    const [next] = await ops.said(await ops.opened(/Dark/));
    expect(next?.text, 'what failed for one report is no failure of the next').toContain('| Turns | 0 |');
  });

  it('offers no tools of a server that is down, tells people once, and tells them when it is back', async () => {
    ops.answers(() => ({ text: 'hello' }));
    const status = async () => JSON.stringify((await ops.named('mcp-servers', 'probe'))?.status);
    const isOffered = async () => {
      await ops.stage.ask('hello');
      return JSON.stringify(ops.stage.llm.requests.at(-1)?.body).includes('probe__look');
    };
    const check = await ops.stopClock('MCP Server Health Check');
    await until(async () => (await status()).includes('"Healthy"'));
    await until(isOffered);

    isWell = false;
    expect((await ops.run(check))?.summary).toBe(
      'cache cleared true, changed count 1, checked count 3, failed count 0, worker count 3',
    );
    expect(await status()).toContain('Unhealthy');
    expect(await isOffered()).toBe(false);
    const thread = await ops.opened(/MCP server probe is down/);
    expect((await ops.run(check))?.summary).toContain('changed count 0');
    expect((await ops.opsThreads()).filter(({ title }) => title.includes('probe'))).toHaveLength(1);

    isWell = true;
    expect((await ops.run(check))?.summary).toContain('changed count 1');
    const said = (await ops.said(thread)).map(({ text }) => text);
    expect(said).toHaveLength(2);
    expect(said[0]).toContain('🟢 **`probe` answers again**');
    expect(said[1]).toContain('`probe` answers again');
    await ops.opened(/^🟢 MCP server probe answers again$/);
    await until(isOffered);

    isWell = false;
    await ops.run(check);
    const row = await ops.named('mcp-servers', 'probe');
    const switched = async (isOn: boolean) =>
      await ops.send(`${rest}/mcp-servers/${row?.id}/`, 'PATCH', { is_enabled: isOn });
    await ops.opened(/^MCP server probe is down$/);
    expect((await switched(false)).status).toBe(200);
    await ops.run(check);
    await ops.opened(/^⚪ MCP server probe was switched off$/);
    expect((await switched(true)).status).toBe(200);
    await until(async () => {
      await ops.run(check);
      return (await ops.opsThreads()).some(({ title }) => title === 'MCP server probe is down');
    });
    const second = await ops.opened(/^MCP server probe is down$/);
    expect((await ops.send(`${rest}/mcp-servers/${row?.id}/`, 'DELETE')).status).toBeLessThan(300);
    await ops.run(check);
    expect((await ops.said(second)).at(-1)?.text).toContain(
      '⚪ **`probe` was deleted**, down for less than a minute',
    );
    await ops.opened(/^⚪ MCP server probe was deleted$/);
    await ops.run(check);
    expect(await ops.said(second)).toHaveLength(2);
  });
});
