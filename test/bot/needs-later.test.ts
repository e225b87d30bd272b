import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBot, type TestBot } from '../fakes/bot.ts';
import { hourMs, movableClock } from './clock.ts';
import { cafeCall, type NeedsStage, openNeeds } from './needs.ts';
import { conversationOf, until } from './stage.ts';

/** Nothing waits in memory for a person: the bot is stopped, and its clock goes on, between question and answer. */
describe('a form that is answered later', () => {
  const clock = movableClock();
  const bots: TestBot[] = [];
  let dataDir: string;
  let stage: NeedsStage;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ai-ops-needs-'));
    stage = await openNeeds({ dataDir, clock });
  });
  afterAll(async () => {
    await Promise.all(bots.map((bot) => bot.stop()));
    await stage.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('is over when its time is, which the server and the model are told', async () => {
    stage.llm.script(cafeCall('taste'), { text: 'Nobody tasted it.' });
    const asked = await stage.ask('taste it', 'late');
    clock.forward(25 * hourMs);
    const body = { decision: 'answer', values: { taste: 'sour' } };
    expect(await stage.answer(asked.approval_ids[0], body)).toMatchObject({
      http: 409,
      approval: { state: 'expired' },
    });
    expect((await stage.settled('late')).messages.at(-1)?.text).toBe('Nobody tasted it.');
    expect(conversationOf(stage.llm.requests.at(-1)).at(-1)).toBe('tool: cancel {}');
  });

  it('goes on after a restart of everything', async () => {
    stage.llm.script(cafeCall('order', { bean: 'robusta' }), { text: 'Ordered.' });
    const asked = await stage.ask('order robusta', 'again');
    await stage.decide(asked.approval_ids[0], 'approve');
    await until(async () => (await stage.settled('again')).turn.approvals.length === 2);
    const [, form] = (await stage.thread('again')).turn.approvals;
    await stage.bot.stop();
    const bot = await startTestBot({ env: stage.env, dataDir, clock });
    bots.push(bot);
    const body = { decision: 'answer', values: { size: 's' } };
    expect(await stage.answer(form?.id, body, bot.fetch)).toMatchObject({ http: 200 });
    await until(() => stage.server.orders.length > 0, 30_000);
    expect(stage.server.orders).toEqual([{ bean: 'robusta', size: 's', count: 2 }]);
  });
});

describe('a form of a tool that may destroy', () => {
  let stage: NeedsStage;
  beforeAll(async () => {
    stage = await openNeeds({ overrides: { order: { effect: 'destructive' } } });
  });
  afterAll(() => stage.close());

  it('is followed by a second question to people: the first run may have done something', async () => {
    stage.llm.script(cafeCall('order', { bean: 'robusta' }), { text: 'Ordered.' });
    const asked = await stage.ask('order robusta', 'twice');
    await stage.decide(asked.approval_ids[0], 'approve');
    const approvals = async () => (await stage.thread('twice')).turn.approvals;
    await until(async () => (await approvals()).length === 2);
    const form = (await approvals())[1];
    await stage.answer(form?.id, { decision: 'answer', values: { size: 's' } });
    await until(async () => (await approvals()).length === 3);
    expect(stage.server.orders).toEqual([]);
    const again = (await approvals())[2];
    expect(again?.note).toContain('may have taken effect');
    await stage.decide(again?.id, 'approve');
    expect((await stage.settled('twice')).messages.at(-1)?.text).toBe('Ordered.');
    expect(stage.server.orders).toEqual([{ bean: 'robusta', size: 's', count: 2 }]);
  });
});
