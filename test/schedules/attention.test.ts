import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ChatAdapter, Poster } from '../../src/chat/adapter.ts';
import { opsServer } from '../bot/ops-server.ts';
import { onDatabases } from '../bot/stage.ts';
import { createPlatformAdapter } from '../fakes/chat-platform/adapter.ts';
import { type ChatPlatform, startChatPlatform } from '../fakes/chat-platform/server.ts';
import { startMcpServer, type TestMcpServer } from '../fakes/mcp-server.ts';
import { type Answering, type Ops, openOps, rest, until } from './ops-stage.ts';

const budget = (usd: number) => ({ limits: [{ per: 'everybody', period: 'month', tokens: usd }] });

describe('what needs attention', () => {
  let ops: Ops;
  let probe: TestMcpServer;
  let platform: ChatPlatform;
  const mentioned: (readonly string[])[] = [];
  let check = '';
  let isWell = true;

  beforeAll(async () => {
    probe = await startMcpServer(
      (mcp) => opsServer().define(mcp),
      (_request, response) => response.writeHead(isWell ? 200 : 503).end(),
    );
    platform = await startChatPlatform();
    ops = await openOps({
      env: await onDatabases.postgresql(),
      servers: [opsServer()],
      rows: [{ name: 'probe', protocol: 'http', url: probe.url, is_trusted: true }],
      adapters: (bot) => {
        const adapter = createPlatformAdapter({ bot, url: platform.url, canFind: true, hasPreview: false });
        return [{ ...adapter, poster: noting(adapter.poster) }];
      },
    });
    check = await ops.stopClock('MCP Server Health Check');
    await turns(true);
  });
  afterAll(async () => {
    await ops?.stage.close();
    await Promise.all([probe?.close(), platform?.close()]);
  });
  beforeEach(async () => {
    if (!isWell) await turns(true);
  });

  /** Remembers who is mentioned in what is posted. */
  function noting(poster: ChatAdapter['poster']): Poster {
    if (poster === undefined) throw new Error('This platform posts.');
    return {
      ...poster,
      post(post, signal) {
        mentioned.push((post.reply.mentions ?? []).map(({ principal }) => principal));
        return poster.post(post, signal);
      },
    };
  }

  /** The server is well, or down, and the bot knows. */
  async function turns(well: boolean): Promise<void> {
    isWell = well;
    const status = well ? '"Healthy"' : '"Unhealthy"';
    await until(async () => {
      await ops.run(check);
      return JSON.stringify((await ops.named('mcp-servers', 'probe'))?.status).includes(status);
    });
  }
  const reports = async (title: RegExp) =>
    (await ops.opsThreads()).filter((thread) => title.test(thread.title)).map(({ thread_id: id }) => id);
  const newest = async (title: RegExp) => (await ops.said((await reports(title))[0] ?? ''))[0];

  it('is asked about in a report, and folded when somebody has seen to it', async () => {
    const id = await ops.schedule({ name: 'Round', kind: 'report' });
    await turns(false);
    await ops.run(id);
    const first = await newest(/Round/);
    expect(first?.text).toContain('🔴 `probe` is down');
    expect(first?.concern?.state).toBe('open');

    await ops.run(id);
    const second = await newest(/Round/);
    expect(second?.text).toContain('**Unchanged, needs attention**');
    const [, older = ''] = await reports(/Round/);
    expect((await ops.said(older))[0]?.concern).toBeUndefined();

    expect(await ops.attend(second?.concern?.id, { verb: 'acknowledge' })).toBe(200);
    expect((await ops.run(id))?.summary).toMatch(/^attended [1-9]/);
    const third = await newest(/Round/);
    expect(third?.text).toContain('👀 Acknowledged by Admin token: `probe` is down');
    expect(third?.text).not.toContain('- 🔴');

    await turns(true);
    await ops.run(id);
    expect((await newest(/Round/))?.text).toContain('🟢 `probe` answers _(ok, was critical)_');
  });

  it('of budgets is how far they are used up', async () => {
    ops.answers(() => ({ text: 'hello', usage: { input: 900, output: 100 } }));
    await ops.stage.ask('hello');
    const models = z.object({ results: z.array(z.object({ name: z.string() })) });
    const [model] = models.parse(await ops.get(`${rest}/llm-models/`)).results;
    const made = await ops.send(`${rest}/llm-middleware/`, 'POST', {
      ...{ llm_model: model?.name, middleware: 'BudgetMiddleware', config: budget(1) },
    });
    expect(made.status, await made.clone().text()).toBe(201);
    const { id } = z.looseObject({ id: z.string() }).parse(await made.json());
    try {
      await ops.run(await ops.schedule({ name: 'Frugal', kind: 'report' }));
      expect((await newest(/Frugal/))?.text).toMatch(
        /The budget of everybody together is used up: [\d,]+ of 1 tokens this month/,
      );
    } finally {
      await ops.send(`${rest}/llm-middleware/${id}/`, 'DELETE');
    }
  });

  it('is found by a monitor, which opens one thread and says there how it goes on', async () => {
    const values = { name: 'Servers', kind: 'monitor', watches: 'servers', confirmations: 1 };
    const id = await ops.schedule(values);
    expect((await ops.run(id))?.summary).toBe('verdict ok');
    await turns(false);
    expect((await ops.run(id))?.summary).toBe('said opened, verdict critical');
    expect((await ops.run(id))?.summary).toBe('verdict critical');
    const thread = await ops.opened(/Servers: critical/);
    expect(await ops.said(thread)).toMatchObject([
      { text: expect.stringContaining('🔴 `probe` is down'), concern: { state: 'open' } },
    ]);
    await turns(true);
    expect((await ops.run(id))?.summary).toBe('said recovered, verdict ok');
    expect(await ops.said(thread)).toMatchObject([
      { text: expect.stringContaining('🟢 Servers: well again'), concern: { state: 'resolved' } },
      { text: '🟢 **Well again** after less than a minute.' },
    ]);
    expect(await reports(/Servers/)).toEqual([thread]);
  });

  it('that flaps is called so, whatever the last look found', async () => {
    let found = 'ok';
    ops.answers(({ body }) =>
      JSON.stringify(body).includes('"role":"tool"')
        ? { text: `Seen.\nVERDICT: ${found}` }
        : { calls: [{ name: 'ops__look', arguments: '{}' }] },
    );
    const id = await ops.schedule({
      ...{ name: 'Flapping', kind: 'monitor', watches: 'question', question: 'Is it up?' },
      ...{ confirmations: 1, flap_changes: 2 },
    });
    const said: unknown[] = [];
    for (found of ['ok', 'critical', 'ok', 'critical']) said.push((await ops.run(id))?.summary);
    expect(said.slice(1, 3)).toEqual(['said opened, verdict critical', 'said recovered, verdict ok']);
    expect(said[3]).toBe('flaps true, said flaps, verdict critical');
    const [opening] = await ops.said(await ops.opened(/Flapping/));
    expect(opening?.text).toContain('**〰️ Flapping: flaps between verdicts**');
    await ops.opened(/^〰️ Flapping: flaps between verdicts$/);
  });

  it('is told to people by name when it turns bad, and a reply there knows what it rests on', async () => {
    const id = await ops.schedule({
      ...{ name: 'Called', kind: 'monitor', watches: 'servers', confirmations: 1 },
      ...{ target: 'fake:channel-ops', mention: ['slack:T1:U1'] },
    });
    await turns(false);
    await ops.run(id);
    await until(() => platform.messages.length === 1);
    ops.answers(() => ({ text: 'It answers HTTP 503.' }));
    const thread = `channel-ops/${platform.messages[0]?.id}`;
    const asked = { thread, id: 'm1', author: 'ann', text: 'What is wrong with it?' };
    expect((await ops.send('/fake/events', 'POST', asked)).status).toBe(200);
    await until(() => platform.messages.length === 2);
    expect(JSON.stringify(ops.stage.llm.requests.at(-1)?.body)).toContain('critical: `probe` is down');
    await turns(true);
    await ops.run(id);
    await until(() => platform.messages.length === 3);
    expect(mentioned).toEqual([['slack:T1:U1'], [], []]);
    const [opening, , end] = platform.messages;
    expect(end).toMatchObject({ thread: `fake:${thread}`, text: expect.stringContaining('Well again') });
    await until(() => opening?.edits === 1);
    expect(opening?.text).toContain('🟢 Called: well again');
  });

  it('that gets worse than what somebody snoozed is told, with the names of those to be told', async () => {
    let found = 'warning';
    ops.answers(({ body }) =>
      JSON.stringify(body).includes('"role":"tool"')
        ? { text: `Seen.\nVERDICT: ${found}` }
        : { calls: [{ name: 'ops__look', arguments: '{}' }] },
    );
    const id = await ops.schedule({
      ...{ name: 'Rising', kind: 'monitor', watches: 'question', question: 'How high is it?' },
      ...{ confirmations: 1, mention: ['web:ann', 'teams:t:u1'] },
    });
    await ops.run(id);
    const thread = await ops.opened(/Rising/);
    const [opening] = await ops.said(thread);
    expect(opening?.mentions, 'an id of another platform tells nobody anything').toEqual(['ann']);
    expect(await ops.attend(opening?.concern?.id, { verb: 'snooze', minutes: 60 })).toBe(200);
    expect((await ops.run(id))?.summary).toBe('verdict warning');
    found = 'critical';
    expect((await ops.run(id))?.summary).toBe('said changed, verdict critical');
    expect((await ops.said(thread)).at(-1)?.mentions).toEqual(['ann']);
    found = 'warning';
    expect((await ops.run(id))?.summary).toBe('verdict warning');
  });

  it('is not told again while it is snoozed, and its end is not either', async () => {
    const id = await ops.schedule({ name: 'Quiet', kind: 'monitor', watches: 'servers', confirmations: 1 });
    await turns(false);
    await ops.run(id);
    const thread = await ops.opened(/Quiet/);
    const [opening] = await ops.said(thread);
    expect(await ops.attend(opening?.concern?.id, { verb: 'snooze', minutes: 60 })).toBe(200);
    await turns(true);
    await ops.run(id);
    expect(await ops.said(thread)).toHaveLength(1);
    expect(await ops.attend(opening?.concern?.id, { verb: 'reopen' })).toBe(200);
    expect((await ops.run(id))?.summary).toBe('said recovered, verdict ok');
    expect(await ops.said(thread)).toHaveLength(2);
  });

  it('is found by a question too, and one that nobody can answer is told once', async () => {
    const answering: Answering = ({ body }) =>
      JSON.stringify(body).includes('"role":"tool"')
        ? { text: 'Two pods crash.\nVERDICT: critical' }
        : { calls: [{ name: 'ops__look', arguments: '{}' }] };
    const question = 'Are all pods of the shop ready?';
    const id = await ops.schedule({
      ...{ name: 'Shop', kind: 'monitor', watches: 'question', question, rule: 'critical below all' },
      confirmations: 1,
    });
    ops.answers(answering);
    expect((await ops.run(id))?.summary).toBe('said opened, verdict critical');
    const thread = await ops.opened(/Shop/);
    expect((await ops.said(thread))[0]?.text).toContain(`🔴 ${question} — critical: Two pods crash.`);
    expect(JSON.stringify(ops.stage.llm.requests.at(-1)?.body)).toContain('critical below all');
    ops.answers(() => ({ text: 'I cannot look.' }));
    expect((await ops.run(id))?.summary).toBe('said changed, verdict unknown');
    expect((await ops.run(id))?.summary).toBe('verdict unknown');
    expect((await ops.said(thread)).at(-1)?.text).toContain('no verdict: the model gave none');
  });
});
