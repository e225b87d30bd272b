import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type StrictLlm, startStrictLlm } from '../fakes/llm/server.ts';
import { conversationOf, openStage, type ServerOnStage, type Stage } from './stage.ts';

const scaled: object[] = [];
const scale = {
  service: z.string().min(1).describe('Which service.'),
  replicas: z.int().min(1).max(10),
  mode: z.enum(['rolling', 'at_once']).optional(),
  labels: z.record(z.string(), z.string()).optional(),
};
const server: ServerOnStage = {
  name: 'ops',
  isTrusted: true,
  define(mcp) {
    const looks = { inputSchema: {}, annotations: { readOnlyHint: true } };
    mcp.registerTool('look', looks, async () => ({ content: [{ type: 'text', text: 'all is well' }] }));
    mcp.registerTool('scale', { inputSchema: scale }, async (args) => {
      scaled.push(args);
      return { content: [{ type: 'text', text: `scaled ${args.service}` }] };
    });
  },
};

const calls = (...args: readonly object[]) => ({
  calls: args.map((one) => ({ name: 'ops__scale', arguments: JSON.stringify(one) })),
});
const web = { service: 'web', replicas: 9 };
/** The call in the model's history. */
const asMade = String.raw`{\"service\":\"web\",\"replicas\":9}`;
const sent = (llm: StrictLlm) => JSON.stringify(llm.requests.at(-1)?.body);

describe('an approval that people change or answer', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ servers: [server] });
  });
  afterAll(() => stage.close());

  async function asked(thread: string, ...args: readonly object[]): Promise<readonly string[]> {
    scaled.length = 0;
    stage.llm.script(calls(...args), { text: 'Done.' });
    return (await stage.ask('scale it', thread)).approval_ids;
  }

  const last = () => conversationOf(stage.llm.requests.at(-1)).at(-1);
  const auditOf = async (id: string) => {
    const answer = await stage.bot.fetch(`/api/plugins/ai-ops/audit/?target=${id}`);
    const { results } = z
      .object({
        results: z.array(z.looseObject({ target: z.string(), action: z.string(), detail: z.unknown() })),
      })
      .parse(await answer.json());
    return results.find(({ target }) => target === id);
  };

  it('runs with the other arguments alone, once, and everybody is told', async () => {
    const [id = ''] = await asked('edit', web);
    const body = { decision: 'edit', arguments: { ...web, replicas: 3 }, reason: 'nine is too many' };
    expect(await stage.say(id, body)).toMatchObject({
      http: 200,
      approval: {
        state: 'approved',
        arguments: JSON.stringify({ replicas: 9, service: 'web' }, null, 2),
        edited_arguments: JSON.stringify({ replicas: 3, service: 'web' }, null, 2),
        decided_by: 'Admin token',
      },
    });
    const after = await stage.settled('edit');
    expect(after.turn.status).toBe('done');
    expect(scaled).toEqual([{ service: 'web', replicas: 3 }]);
    expect(last()).toMatch(
      /^tool: Admin token changed the arguments .* ran with \{"replicas":3,"service":"web"\} and not with yours\. Their reason: “nine is too many”\.\n\nscaled web$/s,
    );
    expect(sent(stage.llm)).toContain(asMade);
    expect(after.messages.find(({ role }) => role === 'tool')).toMatchObject({
      arguments: JSON.stringify(web),
      edited_arguments: JSON.stringify({ ...web, replicas: 3 }),
      edited_by: 'Admin token',
      status: 'ok',
    });
    expect(await auditOf(id)).toMatchObject({
      action: 'approval.approved',
      detail: { digest: expect.any(String), edited_digest: expect.any(String), changed: ['replicas'] },
    });
  });

  it('says at the field what does not fit, and goes on waiting', async () => {
    const [id = ''] = await asked('misfits', web);
    const edit = (args: object) => stage.say(id, { decision: 'edit', arguments: args });
    expect(await edit({ service: '', replicas: 1.5, mode: 'now' })).toEqual({
      http: 400,
      'arguments.service': ['This is required.'],
      'arguments.replicas': ['Write a whole number.'],
      'arguments.mode': ['Choose one of: rolling, at_once.'],
    });
    expect(await edit({ service: 'web' })).toEqual({
      http: 400,
      'arguments.replicas': ['This is required.'],
    });
    expect(await stage.say(id, { decision: 'edit' })).toMatchObject({
      http: 400,
      arguments: [expect.any(String)],
    });
    expect(await stage.say(id, { decision: 'approve', arguments: web })).toMatchObject({ http: 400 });
    expect(await stage.say(id, { decision: 'respond' })).toMatchObject({
      http: 400,
      message: [expect.any(String)],
    });
    expect(await stage.say(id, { decision: 'deny', message: 'no' })).toMatchObject({ http: 400 });
    expect((await stage.thread('misfits')).turn.status).toBe('waiting');
    expect(scaled).toEqual([]);
    await stage.decide(id, 'deny');
    await stage.settled('misfits');
  });

  it('has a form with the arguments, which need not be filled in whole', async () => {
    const [id = ''] = await asked('form', { ...web, labels: { tier: 'front' } });
    const view = z
      .object({ approval: z.looseObject({ editing: z.looseObject({ fields: z.array(z.looseObject({})) }) }) })
      .parse(await (await stage.bot.fetch(`/plugins/ai-ops/api/approvals/${id}/`)).json());
    expect(view.approval.editing.fields).toMatchObject([
      { name: 'service', value: 'web', help: 'Which service.', widget: { type: 'text' }, isRequired: true },
      { name: 'replicas', value: 9, widget: { type: 'number', isInteger: true, min: 1, max: 10 } },
      { name: 'mode', widget: { type: 'choice' }, isRequired: false },
      { name: 'labels', value: { tier: 'front' }, widget: { type: 'json' } },
    ]);
    const filled = (values: object) => stage.say(id, { decision: 'edit', values });
    expect(await filled({ replicas: '12', labels: { tier: 1 }, size: 'L' })).toEqual({
      http: 400,
      replicas: ['Write 10 or less.'],
      size: ['There is no such field.'],
    });
    expect(await filled({ labels: { tier: 1 } })).toEqual({ http: 400, labels: ['tier: Write a text.'] });
    expect(await filled({ service: ' web ', replicas: '2', mode: 'rolling', labels: null })).toMatchObject({
      http: 200,
    });
    await stage.settled('form');
    expect(scaled).toEqual([{ service: ' web ', replicas: 2, mode: 'rolling' }]);
  });

  it('is plainly approved when nothing is changed', async () => {
    const [id = ''] = await asked('same', web);
    expect(await stage.say(id, { decision: 'edit', arguments: web })).not.toHaveProperty(
      'approval.edited_arguments',
    );
    await stage.settled('same');
    expect(last()).toBe('tool: scaled web');
  });

  it('is answered with the words of a person, and the tool is not run', async () => {
    const [id = ''] = await asked('respond', web);
    expect(
      await stage.say(id, { decision: 'respond', message: 'It scales by itself since May.' }),
    ).toMatchObject({
      http: 200,
      approval: { state: 'denied', response: 'It scales by itself since May.', decided_by: 'Admin token' },
    });
    const after = await stage.settled('respond');
    expect(after.turn.status).toBe('done');
    expect(scaled).toEqual([]);
    expect(last()).toMatch(
      /^tool: Not run\. Admin token, .*Their words:\n\nIt scales by itself since May\.$/s,
    );
    expect(after.messages.find(({ role }) => role === 'tool')).toMatchObject({ status: 'ok' });
    expect(await auditOf(id)).toMatchObject({ action: 'approval.denied', detail: { responded: true } });
  });

  it('leaves its siblings alone: each of one card is decided on its own', async () => {
    const ids = await asked(
      'batch',
      web,
      { ...web, service: 'db' },
      { ...web, service: 'mq' },
      { ...web, service: 'api' },
    );
    expect(ids).toHaveLength(4);
    const [approved, edited, answered, denied] = ids;
    await stage.say(edited, { decision: 'edit', arguments: { service: 'db', replicas: 1 } });
    await stage.say(answered, { decision: 'respond', message: 'It is gone.' });
    await stage.say(approved, { decision: 'approve' });
    await stage.say(denied, { decision: 'deny' });
    await stage.settled('batch');
    const sorted = scaled.map((one) => JSON.stringify(one)).sort();
    expect(sorted).toEqual(['{"service":"db","replicas":1}', '{"service":"web","replicas":9}']);
    const results = conversationOf(stage.llm.requests.at(-1)).slice(-4);
    expect(results).toEqual([
      'tool: scaled web',
      expect.stringMatching(/changed the arguments.*scaled db$/s),
      expect.stringMatching(/It is gone\.$/),
      expect.stringContaining('denied it'),
    ]);
  });

  it('is told of in later turns as it was, with the call as the model made it', async () => {
    stage.llm.script({ text: 'You changed it.' });
    await stage.ask('what ran?', 'edit');
    expect(sent(stage.llm)).toContain(String.raw`It ran with {\"replicas\":3`);
    expect(sent(stage.llm)).toContain(asMade);
  });
});

describe.each(['responses', 'anthropic'])('the history of an edited call, by %s', (api) => {
  let llm: StrictLlm;
  let stage: Stage;
  beforeAll(async () => {
    llm = await startStrictLlm();
    const anthropic = { OPENAI_API_KEY: '', ANTHROPIC_API_KEY: 'x', ANTHROPIC_BASE_URL: llm.url };
    const openai = { OPENAI_API: 'responses', OPENAI_BASE_URL: `${llm.url}/v1` };
    stage = await openStage({ servers: [server], env: api === 'anthropic' ? anthropic : openai });
  });
  afterAll(async () => {
    await stage.close();
    await llm.close();
  });

  it('is one that the provider takes, in this turn and the next', async () => {
    scaled.length = 0;
    llm.script(calls(web, { ...web, service: 'db' }), { text: 'Both.' }, { text: 'As I said.' });
    const [first, second] = (await stage.ask('scale both', 'history')).approval_ids;
    await stage.say(first, { decision: 'edit', arguments: { ...web, replicas: 2 } });
    await stage.say(second, { decision: 'respond', message: 'The database is sharded.' });
    expect((await stage.settled('history')).messages.at(-1)?.text).toBe('Both.');
    expect(scaled).toEqual([{ service: 'web', replicas: 2 }]);
    expect((await stage.ask('and now?', 'history')).response).toBe('As I said.');
    expect(llm.requests.at(-1)?.path).toContain(api === 'anthropic' ? 'messages' : 'responses');
    expect(sent(llm)).toContain(String.raw`It ran with {\"replicas\":2`);
    expect(sent(llm)).toContain('The database is sharded.');
  });
});
