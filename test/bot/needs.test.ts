import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { OpenDatabase } from '../../src/store/database.ts';
import { openPostgresql } from '../../src/store/postgresql.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';
import { cafeCall, type NeedsStage, openNeeds, signIn } from './needs.ts';
import { conversationOf, until } from './stage.ts';

function isAccepted(answer: unknown): boolean {
  return JSON.stringify(answer).includes('"accept"');
}

describe('a call that needs something of its asker', () => {
  let stage: NeedsStage;
  let database: OpenDatabase;
  beforeAll(async () => {
    const url = await createPostgresDatabase();
    stage = await openNeeds({ env: { DATABASE_URL: url } });
    database = await openPostgresql({ url, log: silentLog, poolSize: 2, connectTimeoutMs: 5000 });
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  it('pauses the turn with a form, which the asker alone can read', async () => {
    stage.llm.script(cafeCall('taste'), { text: 'Noted.' });
    const asked = await stage.ask('taste it', 'form');
    expect(asked).toMatchObject({ http: 202, status: 'waiting', approval_ids: [expect.any(String)] });
    expect(asked.response).toBe('cafe asks Admin token to fill in a form before I can go on.');
    expect(await stage.question(asked.approval_ids[0])).toMatchObject({
      http: 200,
      approval: {
        kind: 'form',
        server: 'cafe',
        may_decide: true,
        question: { message: 'How does it taste?', form: { fields: [{ name: 'taste' }] } },
      },
    });
    const other = await stage.question(asked.approval_ids[0], await signIn(stage));
    expect(other).toMatchObject({ http: 200, approval: { kind: 'form', may_decide: false } });
    expect(other.approval?.question).toBeUndefined();
    expect(JSON.stringify(await stage.thread('form'))).not.toContain('How does it taste?');
  });

  it('takes an answer of nobody else', async () => {
    const [approval] = (await stage.thread('form')).turn.approvals;
    const operator = await signIn(stage);
    for (const decision of ['answer', 'decline', 'approve', 'deny'])
      expect(await stage.answer(approval?.id, { decision }, operator)).toMatchObject({ http: 403 });
    expect((await stage.thread('form')).turn.status).toBe('waiting');
  });

  it('goes on with the answer, of which nothing stays', async () => {
    const [approval] = (await stage.thread('form')).turn.approvals;
    const body = { decision: 'answer', values: { taste: 'bitter' } };
    expect(await stage.answer(approval?.id, body)).toMatchObject({
      http: 200,
      approval: { state: 'approved' },
    });
    const after = await stage.settled('form');
    expect(after.messages.at(-1)).toMatchObject({ kind: 'answer', text: 'Noted.' });
    expect(conversationOf(stage.llm.requests.at(-1)).at(-1)).toBe('tool: accept {"taste":"bitter"}');
    const { rows } =
      await sql`select content, need->>'message' as message from approvals where id = ${approval?.id}`.execute(
        database.db,
      );
    expect(rows).toEqual([{ content: null, message: '' }]);
    expect(await stage.answer(approval?.id, body)).toMatchObject({ http: 409, code: 'already_decided' });
  });

  it('asks for approval once, then for the form, and runs with both', async () => {
    stage.llm.script(cafeCall('order', { bean: 'arabica' }), { text: 'Ordered.' });
    const asked = await stage.ask('order arabica', 'order');
    expect(await stage.question(asked.approval_ids[0])).toMatchObject({ approval: { kind: 'approval' } });
    await stage.decide(asked.approval_ids[0], 'approve');
    const [, form, ...more] = (await stage.settled('order')).turn.approvals;
    expect(more).toEqual([]);
    expect((await stage.question(form?.id)).approval?.question).toMatchObject({
      form: { fields: [{ name: 'size' }, { name: 'count' }, { name: 'mail' }] },
    });
    expect(form).toMatchObject({ state: 'pending', tool: 'cafe__order' });
    expect(await stage.answer(form?.id, { decision: 'answer', values: { size: 'xl', count: 9 } })).toEqual({
      http: 400,
      size: ['Choose one of the list.'],
      count: ['Write 5 or less.'],
    });
    expect(await stage.answer(form?.id, { decision: 'answer', values: { size: 'l' } })).toMatchObject({
      http: 200,
    });
    const { turn, messages } = await stage.settled('order');
    expect(messages.at(-1)?.text).toBe('Ordered.');
    expect(turn.approvals.map(({ state }) => state)).toEqual(['approved', 'approved']);
    expect(stage.server.orders).toEqual([{ bean: 'arabica', size: 'l', count: 2 }]);
  });

  it('tells the questions of parallel calls apart', async () => {
    const [first, second] = [cafeCall('order', { bean: 'mocha' }), cafeCall('order', { bean: 'java' })];
    stage.llm.script({ calls: [...first.calls, ...second.calls] }, { text: 'Both.' });
    const { approval_ids } = await stage.ask('order both', 'two');
    await Promise.all(approval_ids.map((id) => stage.decide(id, 'approve')));
    const forms = async () =>
      (await stage.settled('two')).turn.approvals.filter(({ state }) => state === 'pending');
    await until(async () => (await forms()).length === 2);
    for (const { id, arguments: args } of await forms()) {
      const { bean } = z.object({ bean: z.string() }).parse(JSON.parse(args));
      const { approval } = await stage.question(id);
      expect(approval?.question).toMatchObject({ message: `How much ${bean}?` });
      const values = { size: 's', count: bean === 'java' ? 1 : 4 };
      expect(await stage.answer(id, { decision: 'answer', values })).toMatchObject({ http: 200 });
    }
    await until(async () => (await stage.settled('two')).turn.status === 'done');
    expect(stage.server.orders.slice(-2)).toEqual(
      expect.arrayContaining([
        { bean: 'java', size: 's', count: 1 },
        { bean: 'mocha', size: 's', count: 4 },
      ]),
    );
  });

  it('tells the server that the asker declined', async () => {
    stage.llm.script(cafeCall('taste'), { text: 'Then not.' });
    const asked = await stage.ask('taste it', 'no');
    expect(await stage.answer(asked.approval_ids[0], { decision: 'decline' })).toMatchObject({
      http: 200,
      approval: { state: 'denied' },
    });
    await stage.settled('no');
    expect(conversationOf(stage.llm.requests.at(-1)).at(-1)).toBe('tool: decline {}');
    expect(stage.server.answers.at(-1)).toEqual({ action: 'decline' });
  });

  it('shows the host of a page, and goes on when the asker has been there', async () => {
    stage.llm.script(cafeCall('pay'), { text: 'Paid.' });
    const asked = await stage.ask('pay', 'page');
    expect(await stage.question(asked.approval_ids[0])).toMatchObject({
      approval: {
        kind: 'link',
        question: { url: 'https://pay.example.com/bill/7', host: 'pay.example.com', message: 'Pay here.' },
      },
    });
    await stage.answer(asked.approval_ids[0], { decision: 'answer' });
    expect((await stage.settled('page')).messages.at(-1)?.text).toBe('Paid.');
    expect(stage.server.answers.at(-1)).toEqual({ action: 'accept' });
  });

  it('knows a page that must be opened before the call runs at all', async () => {
    stage.llm.script(cafeCall('enter'), { text: 'In.' });
    const asked = await stage.ask('enter', 'door');
    expect(await stage.question(asked.approval_ids[0])).toMatchObject({ approval: { kind: 'link' } });
    await stage.answer(asked.approval_ids[0], { decision: 'answer' });
    expect((await stage.settled('door')).messages.at(-1)?.text).toBe('In.');
    expect(stage.server.tries()).toBe(2);
  });

  it('sends nobody to an address that hides its host', async () => {
    stage.llm.script(cafeCall('fake'), { text: 'No.' });
    expect(await stage.ask('go astray', 'astray')).toMatchObject({ http: 200, status: 'done' });
    expect(stage.server.answers.at(-1)).toEqual({ action: 'decline' });
  });

  it('is stopped, and cannot be answered any more', async () => {
    stage.llm.script(cafeCall('taste'));
    const asked = await stage.ask('taste it', 'stopped');
    expect(await stage.stopThread('stopped')).toBe(true);
    await until(async () => (await stage.thread('stopped')).turn.status === 'stopped');
    const { turn } = await stage.thread('stopped');
    expect(turn.approvals).toMatchObject([{ state: 'cancelled' }]);
    expect(await stage.answer(asked.approval_ids[0], { decision: 'answer' })).toMatchObject({ http: 409 });
  });

  it('is forgotten with its thread', async () => {
    stage.llm.script(cafeCall('taste'));
    const asked = await stage.ask('taste it', 'cleared');
    await stage.bot.fetch('/plugins/ai-ops/api/chat/cleared/', { method: 'DELETE' });
    expect(await stage.question(asked.approval_ids[0])).toMatchObject({ http: 404 });
  });

  it('lets a new message have its own turn, which knows what is waited for', async () => {
    stage.llm.script(cafeCall('taste'), { text: 'Still waiting.' }, { text: 'Sweet.' });
    const asked = await stage.ask('taste it', 'both');
    expect(await stage.ask('and now?', 'both')).toMatchObject({ http: 200, response: 'Still waiting.' });
    expect(conversationOf(stage.llm.requests.at(-1)).join('\n')).toContain(
      `waiting for Admin token to fill in a form of cafe (${asked.approval_ids[0]})`,
    );
    await stage.answer(asked.approval_ids[0], { decision: 'answer', values: { taste: 'sweet' } });
    await until(() => isAccepted(stage.server.answers.at(-1)));
    expect(stage.server.answers.at(-1)).toEqual({ action: 'accept', content: { taste: 'sweet' } });
  });
});
