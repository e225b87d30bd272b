import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { opsServer, restartCalls } from '../bot/ops-server.ts';
import { onDatabases, openStage, type Stage, whenConnected } from '../bot/stage.ts';
import { pdf } from '../fakes/files.ts';

const rest = '/api/plugins/ai-ops';
const model = 'first';
const listed = z.object({ results: z.array(z.looseObject({ id: z.string(), name: z.string().optional() })) });
const saved = z.looseObject({ id: z.string() });
const traced = z.object({
  activations: z.array(
    z.object({
      layers: z.array(z.object({ type: z.string() })),
      skipped: z.array(z.object({ type: z.string(), reason: z.string() })),
      entered: z.array(z.object({ layer: z.string(), around: z.string() })),
    }),
  ),
  text: z.string(),
});

describe.each(Object.entries(onDatabases))('middleware in a running bot, on %s', (_name, database) => {
  let found = 'all is well';
  const ops = opsServer({ look: async () => found });
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage({ env: await database(), servers: [ops] });
    await whenConnected(stage, 'ops');
    const row = {
      llm_provider: 'openai',
      model_secret_key: 'env:OPENAI_API_KEY',
      model_config: { base_url: `${stage.llm.url}/v1`, api: 'chat' },
    };
    await post('/llm-models/', { ...row, name: model, is_default: true });
    await post('/llm-models/', { ...row, name: 'second' });
  });
  afterAll(() => stage.close());
  afterEach(async () => {
    const { results } = listed.parse(await (await stage.bot.fetch(`${rest}/llm-middleware/`)).json());
    for (const { id } of results)
      await stage.bot.fetch(`${rest}/llm-middleware/${id}/`, { method: 'DELETE' });
  });

  async function post(path: string, body: object) {
    const response = await stage.bot.fetch(`${rest}${path}`, { method: 'POST', body: JSON.stringify(body) });
    const answer: unknown = await response.json();
    return { status: response.status, answer };
  }

  const layer = async (middleware: string, config: object = {}, more: object = {}) =>
    await post('/llm-middleware/', { llm_model: model, middleware, config, ...more });

  const command = async (line: string) =>
    await (
      await stage.bot.fetch('/plugins/ai-ops/api/command/', {
        method: 'POST',
        body: JSON.stringify({ line }),
      })
    ).text();

  const trace = async (turn: string) =>
    traced.parse(await (await stage.bot.fetch(`${rest}/turns/${turn}/trace/`)).json());

  it('every model has the default layers, and a turn shows that it went through them in order', async () => {
    stage.llm.script({ text: 'Fine.' });
    const { turn_id: turn } = await stage.ask('How are you?');
    const { activations, text } = await trace(turn);
    expect(activations.map(({ layers }) => layers.map(({ type }) => type))).toEqual([
      [
        'LoggingMiddleware',
        'BudgetMiddleware',
        'RateLimitMiddleware',
        'ValidationMiddleware',
        'RetryMiddleware',
        'ToolErrorHandlerMiddleware',
      ],
    ]);
    expect(activations[0]?.entered).toEqual([
      { layer: 'LoggingMiddleware', around: 'turn' },
      { layer: 'ValidationMiddleware', around: 'turn' },
      { layer: 'LoggingMiddleware', around: 'model call' },
      { layer: 'ValidationMiddleware', around: 'model call' },
      { layer: 'RetryMiddleware', around: 'model call' },
    ]);
    expect(text).toContain('| model call | 60 RetryMiddleware |');
    expect((await stage.bot.fetch(`${rest}/turns/${randomUUID()}/trace/`)).status).toBe(404);
  });

  it('a row takes the place of a default layer, and one that is not active leaves it out', async () => {
    await layer('ValidationMiddleware', { max_input_length: 20, apply_to_output: false }, { priority: 3 });
    await layer('RetryMiddleware', {}, { is_active: false });
    const refused = await stage.ask('This is much longer than it may be.', 'limited');
    expect(refused).toMatchObject({ status: 'failed', code: 'input_rejected' });
    stage.llm.script({ text: 'Fine.' });
    const answered = await stage.ask('Short?', 'limited');
    expect(answered).toMatchObject({ status: 'done', response: 'Fine.' });
    const { activations } = await trace(answered.turn_id);
    const types = activations[0]?.layers.map(({ type }) => type);
    expect(types?.[0]).toBe('ValidationMiddleware');
    expect(types).not.toContain('RetryMiddleware');
  });

  it('admins see the default layers of a model, and change or delete each once they are its own', async () => {
    const lines = z.object({
      layers: z.array(z.looseObject({ middleware: z.string(), priority: z.number(), origin: z.string() })),
    });
    const { results } = listed.parse(
      await (await stage.bot.fetch(`${rest}/llm-models/?name=${model}`)).json(),
    );
    const path = `/llm-models/${results[0]?.id}`;
    const layers = async () =>
      lines.parse(await (await stage.bot.fetch(`${rest}${path}/layers/`)).json()).layers;
    await layer('RateLimitMiddleware', {}, { priority: 12, is_active: false });
    expect((await layers()).map((one) => [one.priority, one.middleware, one.origin, one.is_active])).toEqual([
      [10, 'LoggingMiddleware', 'default', true],
      [12, 'RateLimitMiddleware', 'own', false],
      [15, 'BudgetMiddleware', 'default', true],
      [30, 'ValidationMiddleware', 'default', true],
      [60, 'RetryMiddleware', 'default', true],
      [70, 'ToolErrorHandlerMiddleware', 'default', true],
    ]);
    const before = await layers();
    expect(await post(`${path}/own-layers/`, {})).toMatchObject({ status: 200, answer: { success: true } });
    const own = await layers();
    expect(own.map(({ origin }) => origin)).toEqual(own.map(() => 'own'));
    expect(own.map(({ middleware }) => middleware)).toEqual(before.map(({ middleware }) => middleware));
    const kept = await stage.bot.fetch(`${rest}/llm-middleware/?middleware=RetryMiddleware`);
    const [retry] = listed.parse(await kept.json()).results;
    await stage.bot.fetch(`${rest}/llm-middleware/${retry?.id}/`, { method: 'DELETE' });
    stage.llm.script({ text: 'Fine.' });
    const { turn_id: turn } = await stage.ask('How are you?');
    expect((await trace(turn)).activations[0]?.layers.map(({ type }) => type)).toEqual([
      ...['LoggingMiddleware', 'BudgetMiddleware', 'ValidationMiddleware', 'ToolErrorHandlerMiddleware'],
    ]);
    await layer('CacheMiddleware', {}, { priority: 90 });
    expect((await layers()).at(-1)?.middleware).toBe('CacheMiddleware');
    await stage.bot.fetch(`${rest}${path}/`, {
      method: 'PATCH',
      body: JSON.stringify({ default_layers: true }),
    });
  });

  it('a vendor that searches the tools gets them all, and one that cannot is refused with the reason', async () => {
    const far = await post('/llm-models/', { name: 'far', llm_provider: 'ollama' });
    const type = 'ProviderToolSearchMiddleware';
    const refused = await post('/llm-middleware/', { llm_model: 'far', middleware: type });
    expect(refused).toMatchObject({
      status: 400,
      answer: { middleware: [expect.stringContaining('ollama')] },
    });
    await stage.bot.fetch(`${rest}/llm-models/${saved.parse(far.answer).id}/`, { method: 'DELETE' });
    await layer(type, { searchableTools: ['ops__look'] });
    expect(await stage.ask('Look.', 'search')).toMatchObject({ status: 'failed', code: 'misconfigured' });
    const searching = { name: 'searching', model_config: { base_url: `${stage.llm.url}/v1` } };
    await post('/llm-models/', {
      ...{ llm_provider: 'openai', model_secret_key: 'env:OPENAI_API_KEY' },
      ...searching,
    });
    await layer('ModelFallbackMiddleware', { models: ['searching'] }, { priority: 55 });
    const look = { name: 'ops__look', arguments: '{}' };
    stage.llm.script({ finds: ['ops__look'], calls: [look] }, { text: 'All is well.' });
    expect((await stage.ask('Look.', 'search')).response).toContain('All is well.');
    const tools = z.array(
      z.looseObject({ name: z.string().optional(), defer_loading: z.boolean().optional() }),
    );
    const sent = tools.parse(stage.llm.requests.at(-1)?.body.tools);
    expect(sent.filter(({ defer_loading }) => defer_loading).map(({ name }) => name)).toEqual(['ops__look']);
    expect(sent.length).toBeGreaterThan(3);
  });

  it('what is hidden stands in no event, no transcript, no trace and no request, of tools and PDFs too', async () => {
    const hidden = { strategy: 'redact', apply_to_output: true, apply_to_tool_results: true };
    await layer('PIIMiddleware', {
      ...{ ...hidden, pii_type: 'service', detector: '\\bdb[0-9]+\\b' },
      rules: [{ ...hidden, pii_type: 'email' }],
    });
    const look = { name: 'ops__look', arguments: '{"service":"db77","to":"jo@ops.example"}' };
    stage.llm.script({ text: 'Asking jo@', calls: [look] }, { text: ['It is d', 'b7', '7.'] });
    const report = Buffer.from(pdf('Mail jo@ops.example about db77')).toString('base64');
    const files = [{ name: 'db77.pdf', media_type: 'application/pdf', data: report }];
    found = 'db77 is owned by jo@ops.example';
    const before = stage.llm.requests.length;
    const response = await stage.bot.fetch('/plugins/ai-ops/api/chat/', {
      method: 'POST',
      body: JSON.stringify({ message: 'Look.', thread_id: 'hidden', files }),
      headers: { accept: 'text/event-stream' },
    });
    const events = await response.text();
    found = 'all is well';
    expect(events).toContain('[REDACTED_SERVICE]');
    expect(events).toContain('event: tool_start');
    const sent = JSON.stringify(stage.llm.requests.slice(before).map(({ body }) => body));
    expect(sent).toContain('Mail [REDACTED_EMAIL] about [REDACTED_SERVICE]');
    const told = JSON.stringify(await stage.settled('hidden'));
    for (const text of [events, sent, told.replaceAll('db77.pdf', '')])
      expect(text).not.toMatch(/db77|jo@ops/);
  });

  it('shows the layers of a model in the chat', async () => {
    const answer = await stage.bot.fetch('/plugins/ai-ops/api/command/', {
      method: 'POST',
      body: JSON.stringify({ line: `models layers ${model}` }),
    });
    expect(await answer.text()).toContain('| 10 | LoggingMiddleware | default |');
  });

  it('a fallback names itself in the answer, is charged to its own model, and stays through an approval', async () => {
    await layer('ModelFallbackMiddleware', { models: ['second'] }, { priority: 55 });
    await layer('RetryMiddleware', { max_retries: 0 }, { priority: 60 });
    const overloaded = { fault: { type: 'http', refusal: 'overloaded' } } as const;
    stage.llm.script(overloaded, restartCalls('db1'), { text: 'Restarted.' });
    const asked = await stage.ask('Restart it.', 'fallback');
    expect(asked.status).toBe('waiting');
    await stage.decide(asked.approval_ids[0], 'approve');
    const { messages } = await stage.settled('fallback');
    expect(messages.at(-1)?.text).toBe(`Restarted.\n\n_Answered by second, because ${model} is overloaded._`);
    const { results } = listed
      .extend({ results: z.array(z.looseObject({ model: z.string(), calls: z.number() })) })
      .parse(await (await stage.bot.fetch(`${rest}/usage/?by=model`)).json());
    expect(results.find((sum) => sum.model === 'second')?.calls).toBe(2);
    expect((await trace(asked.turn_id)).activations).toHaveLength(2);
  });

  it('a turn that is limited is refused visibly, and the thread goes on', async () => {
    await layer('RateLimitMiddleware', { requests_per_minute: 1, burst: 0 });
    stage.llm.script({ text: 'One.' });
    expect((await stage.ask('One?', 'rates')).status).toBe('done');
    const refused = await stage.ask('Two?', 'rates');
    expect(refused).toMatchObject({ status: 'failed', code: 'rate_limited' });
    expect(JSON.stringify(refused)).toContain('1 in a minute are allowed');
  });

  it('a budget counts what is stored of the user, and stops without a model', async () => {
    await layer('BudgetMiddleware', { limits: [{ per: 'user', tokens: 1_000_000 }], warn_at: 0.5 });
    stage.llm.script({ text: 'Dear.', usage: { input: 900_000, output: 50_000 } });
    expect((await stage.ask('One?', 'budget')).status).toBe('done');
    stage.llm.script({ text: 'Last.', usage: { input: 100_000, output: 10 } });
    const last = await stage.ask('Two?', 'budget');
    expect(last.response).toMatch(
      /^Last\.\n\n_9\d % of the budget of your account is used: 95\d,\d{3} of 1,000,000 tokens today\._$/,
    );
    const refused = await stage.ask('Three?', 'budget');
    expect(refused).toMatchObject({ status: 'failed', code: 'budget_exhausted' });
    expect(JSON.stringify(refused)).toContain('It begins anew at');
  });

  it('limits of a conversation count what its earlier turns have called', async () => {
    await layer('ModelCallLimitMiddleware', { thread_limit: 3 }, { priority: 5 });
    await layer('ToolCallLimitMiddleware', { run_limit: 1, thread_limit: 1 }, { priority: 6 });
    const look = { calls: [{ name: 'ops__look', arguments: '{}' }] };
    stage.llm.script(look, { text: 'Seen.' }, look);
    expect((await stage.ask('Look.', 'counted')).response).toBe('Seen.');
    const second = await stage.ask('Again.', 'counted');
    expect(second.response).toContain('I stopped here: a conversation may make 3 model calls');
    const { messages } = await stage.thread('counted');
    expect(messages.filter(({ tool }) => tool === 'ops__look').map(({ text }) => text)).toEqual([
      'all is well',
      expect.stringContaining('Not run: a conversation may make one tool call.'),
    ]);
  });

  it('what is odd about a row is said when it is saved, and what is wrong is refused', async () => {
    expect(await layer('ModelFallbackMiddleware', { models: ['nowhere'] })).toMatchObject({
      status: 400,
      answer: { config: ['There is no LLM model “nowhere”.'] },
    });
    const odd = await layer('CacheMiddleware', {}, { priority: 65 });
    expect(odd.answer).toMatchObject({
      warning: expect.stringContaining('CacheMiddleware (65) should lie outside RetryMiddleware (60)'),
      problem: expect.stringContaining('CacheMiddleware (65)'),
    });
    const fine = await layer('ModelFallbackMiddleware', { models: ['second'] }, { priority: 55 });
    expect(fine.answer).toMatchObject({
      warning: expect.stringContaining('CacheMiddleware (65) should lie outside Model'),
    });
    const { id } = saved.parse(odd.answer);
    const body = JSON.stringify({ priority: 50 });
    const better = await stage.bot.fetch(`${rest}/llm-middleware/${id}/`, { method: 'PATCH', body });
    expect(await better.json()).toMatchObject({ warning: '', problem: '' });
  });

  it('the list of a turn is written by the model, lives through an approval, and stands under an answer that leaves some undone', async () => {
    await layer('TodoListMiddleware');
    const list = (status: string) => ({
      calls: [
        { name: 'write_todos', arguments: JSON.stringify({ todos: [{ content: 'Restart db1', status }] }) },
      ],
    });
    stage.llm.script(list('in_progress'), restartCalls('db1'), { text: 'Restarted.' });
    const asked = await stage.ask('Restart db1 with care.', 'listed');
    expect(asked.status).toBe('waiting');
    await stage.decide(asked.approval_ids[0], 'approve');
    const { messages } = await stage.settled('listed');
    expect(messages.at(-1)?.text).toBe('Restarted.\n\n**The plan is not finished:**\n- ⏳ Restart db1');
  });

  it('people are asked before a read too, and a no is final for that call', async () => {
    await layer('HumanInTheLoopMiddleware', {
      interrupt_on: { ops__look: { description: 'Looking costs' } },
    });
    const before = ops.looks();
    stage.llm.script({ calls: [{ name: 'ops__look', arguments: '{}' }] }, { text: 'I did not look.' });
    const asked = await stage.ask('Look.', 'asked-first');
    expect(asked).toMatchObject({ status: 'waiting', approval_ids: [expect.any(String)] });
    await stage.decide(asked.approval_ids[0], 'deny');
    const { messages } = await stage.settled('asked-first');
    expect(messages.at(-1)?.text).toBe('I did not look.');
    expect(ops.looks()).toBe(before);
    stage.llm.script({ calls: [{ name: 'ops__look', arguments: '{}' }] }, { text: 'All is well.' });
    const again = await stage.ask('Look now.', 'asked-first');
    await stage.decide(again.approval_ids[0], 'approve');
    expect((await stage.settled('asked-first')).messages.at(-1)?.text).toBe('All is well.');
    expect(ops.looks()).toBe(before + 1);
  });

  it('people can say what a layer allows and nothing else, with arguments that it takes', async () => {
    const args_schema = { properties: { host: { type: 'string', enum: ['db1', 'db2'] } } };
    const rule = { allowed_decisions: ['edit', 'reject'], args_schema };
    await layer('HumanInTheLoopMiddleware', { interrupt_on: { ops__restart: rule } });
    stage.llm.script(restartCalls('db9'), { text: 'It is up.' });
    const [id] = (await stage.ask('Restart it.', 'narrowed')).approval_ids;
    expect((await stage.thread('narrowed')).turn.approvals).toMatchObject([{ allows: ['edit', 'deny'] }]);
    expect(await stage.say(id, { decision: 'approve' })).toEqual({
      http: 400,
      decision: ['"approve" is not allowed for this call: decide with "edit" or "deny".'],
    });
    expect(await stage.say(id, { decision: 'respond', message: 'No.' })).toMatchObject({ http: 400 });
    expect(await stage.say(id, { decision: 'edit', arguments: { host: 'db9' } })).toMatchObject({
      http: 400,
      'arguments.host': ['Choose one of: db1, db2.'],
    });
    expect(await stage.say(id, { decision: 'edit', values: { host: 'db2' } })).toMatchObject({ http: 200 });
    await stage.settled('narrowed');
    expect(ops.restarted.at(-1)).toBe('db2');
  });

  it('arguments that people write must match the pattern that a layer adds', async () => {
    const args_schema = { properties: { host: { type: 'string', pattern: '^db[0-9]$' } } };
    await layer('HumanInTheLoopMiddleware', { interrupt_on: { ops__restart: { args_schema } } });
    stage.llm.script(restartCalls('db1'), { text: 'It is up.' });
    const [id] = (await stage.ask('Restart it.', 'patterned')).approval_ids;
    expect(await stage.say(id, { decision: 'edit', arguments: { host: 'prod' } })).toMatchObject({
      http: 400,
      'arguments.host': ['This must match ^db[0-9]$.'],
    });
    expect(await stage.say(id, { decision: 'edit', arguments: { host: 'db3' } })).toMatchObject({
      http: 200,
    });
    await stage.settled('patterned');
    expect(ops.restarted.at(-1)).toBe('db3');
  });

  it('a type that comes with the bot keeps its name and stays; others may go', async () => {
    const typeOf = async (name: string) =>
      listed.parse(await (await stage.bot.fetch(`${rest}/middleware-types/?name=${name}`)).json()).results[0]
        ?.id;
    const send = async (method: string, id: string | undefined, body?: object) => {
      const path = `${rest}/middleware-types/${id}/`;
      const response = await stage.bot.fetch(path, { method, ...(body && { body: JSON.stringify(body) }) });
      return { status: response.status, text: await response.text() };
    };
    for (const name of ['RetryMiddleware', 'ShellToolMiddleware']) {
      const id = await typeOf(name);
      expect(await send('PATCH', id, { name: 'OtherMiddleware' })).toMatchObject({
        status: 400,
        text: expect.stringContaining(`${name} comes with the bot, which knows it by this name`),
      });
      expect(await send('PATCH', id, { description: 'Ours.' })).toMatchObject({ status: 200 });
      expect(await send('DELETE', id)).toMatchObject({
        status: 409,
        text: expect.stringContaining(`${name} comes with the bot, so it stays.`),
      });
    }
    await post('/middleware-types/', { name: 'PassingMiddleware', is_custom: true });
    const own = await typeOf('PassingMiddleware');
    expect(await send('PATCH', own, { name: 'GoneMiddleware' })).toMatchObject({ status: 200 });
    expect(await send('DELETE', own)).toMatchObject({ status: 204 });
  });

  it('a summary stands for the beginning of a thread in later turns, and is made once', async () => {
    await layer('SummarizationMiddleware', { trigger: { messages: 5 }, keep: { messages: 1 } });
    stage.llm.script(
      { text: 'One.' },
      { text: 'Two.' },
      { text: 'They counted.' },
      { text: 'Three.' },
      { text: 'Four.' },
    );
    for (const word of ['one?', 'two?', 'three?', 'four?']) await stage.ask(word, 'summed');
    const sent = stage.llm.requests.slice(-2).map(({ body }) => JSON.stringify(body));
    for (const body of sent) {
      expect(body).toContain('They counted.');
      expect(body).not.toContain('one?');
    }
  });

  it('one that is not built is left out, and says so on its row and in the trace', async () => {
    const { answer } = await layer('ShellToolMiddleware');
    expect(answer).toMatchObject({ is_available: false, problem: expect.stringContaining('not built') });
    stage.llm.script({ text: 'Fine.' });
    const { turn_id: turn } = await stage.ask('How are you?');
    expect((await trace(turn)).activations[0]?.skipped[0]?.type).toBe('ShellToolMiddleware');
    await stage.bot.fetch(`${rest}/llm-middleware/${saved.parse(answer).id}/`, {
      method: 'PATCH',
      body: JSON.stringify({ is_critical: true }),
    });
    const failed = await stage.ask('And now?');
    expect(failed).toMatchObject({ status: 'failed', code: 'misconfigured' });
    expect(JSON.stringify(failed)).toContain(
      `The middleware ShellToolMiddleware of the model ${model} is critical`,
    );
  });

  it('what cannot be built says why on its row, among the layers and to the doctor, before any turn', async () => {
    const why = expect.stringContaining('Its cache_backend is redis, and there is no Redis.');
    const added = await command(
      `middleware add llm_model=${model} middleware=CacheMiddleware config.cache_backend=redis`,
    );
    expect(added).toContain('there is no Redis');
    await command(`middleware delete "CacheMiddleware on ${model}" confirm=yes`);
    const { answer } = await layer('CacheMiddleware', { cache_backend: 'redis' });
    expect(answer).toMatchObject({ is_available: false, problem: why });
    const { results } = listed.parse(
      await (await stage.bot.fetch(`${rest}/llm-models/?name=${model}`)).json(),
    );
    const layers = await stage.bot.fetch(`${rest}/llm-models/${results[0]?.id}/layers/`);
    expect(await layers.json()).toMatchObject({
      layers: expect.arrayContaining([
        expect.objectContaining({ middleware: 'CacheMiddleware', problem: why }),
      ]),
    });
    expect(await command('doctor')).toMatch(/CacheMiddleware on first.*there is no Redis/s);
    expect(await command(`models layers ${model}`)).toContain('there is no Redis');
  });

  it('a budget in dollars around a model without a price warns when it is saved, to the doctor, and under answers', async () => {
    const { answer } = await layer('BudgetMiddleware', { limits: [{ per: 'user', usd: 5 }] });
    expect(answer).toMatchObject({ warning: expect.stringContaining('whose price is not known') });
    expect(await command('doctor')).toContain('whose price is not known');
    stage.llm.script({ text: 'Fine.', usage: { input: 5, output: 5 } });
    expect((await stage.ask('How are you?')).response).toContain(
      `The budget in dollars does not count this: the price of ${model} is not known.`,
    );
    const priced = await layer('CostTrackingMiddleware', { costPer1kInput: 1, costPer1kOutput: 1 });
    expect(priced).toMatchObject({ status: 201, answer: { config: { cost_per_1k_input: 1 } } });
    expect(await command('doctor')).not.toContain('whose price is not known');
    stage.llm.script({ text: 'Fine.', usage: { input: 5, output: 5 } });
    expect((await stage.ask('And now?')).response).not.toContain('does not count');
  });

  it.each([
    ['OpenAIModerationMiddleware', 'ModerationMiddleware'],
    ['ToolErrorMiddleware', 'ToolErrorHandlerMiddleware'],
    ['piiMiddleware', 'PIIMiddleware'],
    ['toolEmulatorMiddleware', 'LLMToolEmulatorMiddleware'],
    ['summarizationMiddleware', 'SummarizationMiddleware'],
  ])('takes %s, as LangChain calls it, for %s', async (theirs, ours) => {
    expect(await layer(theirs)).toMatchObject({ status: 201, answer: { middleware: { name: ours } } });
    expect(await post('/middleware-types/', { name: theirs })).toMatchObject({ status: 400 });
  });

  it('a new layer begins with what its type begins with, option by option, however it is spelled', async () => {
    const { results } = listed.parse(
      await (await stage.bot.fetch(`${rest}/middleware-types/?name=ModelCallLimitMiddleware`)).json(),
    );
    const type = `${rest}/middleware-types/${results[0]?.id}`;
    const begins = async (default_config: object) =>
      await stage.bot.fetch(`${type}/`, { method: 'PATCH', body: JSON.stringify({ default_config }) });
    const made = async (body: object) => {
      const { answer } = await post('/llm-middleware/', {
        ...{ llm_model: model, middleware: 'ModelCallLimitMiddleware' },
        ...body,
      });
      const row = z.looseObject({ id: z.string(), config: z.unknown() }).parse(answer);
      await stage.bot.fetch(`${rest}/llm-middleware/${row.id}/`, { method: 'DELETE' });
      return row.config;
    };
    await begins({ runLimit: 7 });
    expect(await made({})).toMatchObject({ run_limit: 7, exit_behavior: 'end' });
    expect(await made({ config: { exitBehavior: 'error' } })).toMatchObject({
      ...{ run_limit: 7, exit_behavior: 'error' },
    });
    expect(await made({ config: { run_limit: 3 } })).toMatchObject({ run_limit: 3 });
    const shown = await stage.bot.fetch(`${type}/default-config/`);
    expect(await shown.json()).toMatchObject({ default_config: { run_limit: 7, exit_behavior: 'end' } });
    const forms = await stage.bot.fetch(`${rest}/forms/llm-middleware/`);
    const { options } = z
      .looseObject({ options: z.looseObject({ sets: z.record(z.string(), z.json()) }) })
      .parse(await forms.json());
    expect(options.sets.ModelCallLimitMiddleware).toMatchObject({
      options: expect.arrayContaining([
        expect.objectContaining({ field: expect.objectContaining({ name: 'run_limit', value: 7 }) }),
      ]),
    });
    expect(JSON.stringify(await (await stage.bot.fetch(`${type}/default-config/`)).json())).not.toContain(
      'runLimit',
    );
    expect(await command(`middleware add llm_model=${model} middleware=ModelCallLimitMiddleware`)).toContain(
      '{\\"run_limit\\":7,',
    );
    await begins({});
  });

  it('a trace tells of models that a layer asked aside, and how each layer ended', async () => {
    await layer('ModerationMiddleware', { model: 'second', check_output: false });
    stage.llm.script({ text: '{"flagged": false}' }, { text: 'Fine.' });
    const { turn_id: turn } = await stage.ask('How are you?');
    const response = await stage.bot.fetch(`${rest}/turns/${turn}/trace/`);
    expect(await response.json()).toMatchObject({
      activations: [
        {
          calls: [
            { around: 'model call', name: 'second', asked_by: 'ModerationMiddleware' },
            { around: 'model call', name: model },
          ],
          entered: expect.arrayContaining([
            expect.objectContaining({
              ...{ layer: 'ModerationMiddleware', around: 'model call', end: null },
              out_ms: expect.any(Number),
            }),
          ]),
        },
      ],
      text: expect.stringContaining('| second, asked by ModerationMiddleware |'),
    });
  });

  it('says which options a type has, each with what it does', async () => {
    const path = `${rest}/middleware-types/?name=ModelFallbackMiddleware`;
    const { results } = listed.parse(await (await stage.bot.fetch(path)).json());
    const response = await stage.bot.fetch(`${rest}/middleware-types/${results[0]?.id}/config-schema/`);
    expect(await response.json()).toMatchObject({
      config_schema: {
        type: 'object',
        properties: { models: { type: 'array', description: expect.stringContaining('order') } },
      },
    });
    expect(results[0]).toMatchObject({ is_available: true, problem: '', recommended_priority: 55 });
  });

  it('what default-config gives can be saved, of every type', async () => {
    const { results } = listed.parse(
      await (await stage.bot.fetch(`${rest}/middleware-types/?limit=100`)).json(),
    );
    for (const { id, name = '' } of results) {
      const response = await stage.bot.fetch(`${rest}/middleware-types/${id}/default-config/`);
      const { default_config: config } = z
        .looseObject({ default_config: z.object({}).loose() })
        .parse(await response.json());
      expect([name, (await layer(name, config)).status]).toEqual([name, 201]);
    }
  });
});
