import { describe, expect, it } from 'vitest';
import type { ModelNext } from '../../src/agent/middleware.ts';
import type { Step } from '../../src/agent/steps.ts';
import { modelStep } from '../agent/stage.ts';
import { acting, answers, call, calls, openRig, overloaded, type RigOptions, tool } from './harness.ts';

const open = (type: string, config: object, more: Partial<RigOptions> = {}) =>
  openRig({ rows: [{ type, config }], models: { main: acting(answers('Fine.')) }, ...more });

const resultsOf = (steps: readonly Step[]) => steps.filter((step) => step.type === 'result');

describe('TodoListMiddleware', () => {
  const type = 'TodoListMiddleware';
  const list = (first: string, second: string) => ({
    todos: [
      { content: 'Look at db-1', status: first },
      { content: 'Restart it', status: second },
    ],
  });
  const write = (id: string, args: object) => call(id, 'write_todos', { ...args });

  it('gives models a list to write, which people see while it is done, and under an answer that leaves some undone', async () => {
    const main = acting(
      calls(write('a', list('in_progress', 'pending'))),
      calls(write('b', list('completed', 'in_progress'))),
      answers('Done with the first.'),
    );
    const seen = await (await open(type, {}, { models: { main } })).turn();
    expect(seen).toMatchObject({
      text: 'Done with the first.',
      statuses: ['has done 0 of 2 steps, now: Look at db-1', 'has done 1 of 2 steps, now: Restart it'],
      plans: [
        ['in_progress Look at db-1', 'pending Restart it'],
        ['completed Look at db-1', 'in_progress Restart it'],
      ],
      told: [],
      notices: ['**The plan is not finished:**\n- ✅ Look at db-1\n- ⏳ Restart it'],
      state: { [type]: list('completed', 'in_progress').todos },
    });
    expect(main.requests[0]?.tools.map(({ name }) => name)).toEqual(['write_todos']);
    expect(main.requests[0]?.system).toContain('Be brief.\n\nFor work of three or more steps');
    expect(main.requests[2]?.messages.at(-1)?.text).toContain('⏳ Restart it');
  });

  it('a plan that is done is not repeated under the answer', async () => {
    const main = acting(calls(write('a', list('completed', 'completed'))), answers('Done.'));
    const seen = await (await open(type, {}, { models: { main } })).turn();
    expect(seen).toMatchObject({ text: 'Done.', notices: [] });
  });

  it('several lists at once are an error, and none is written', async () => {
    const main = acting(
      calls(write('a', list('pending', 'pending')), write('b', list('completed', 'completed')), call('c')),
      answers('Fine.'),
    );
    const seen = await (await open(type, {}, { models: { main }, tools: [tool('look')] })).turn();
    expect(resultsOf(seen.steps)).toMatchObject([
      { ran: false, message: { isError: true, text: expect.stringContaining('several times at once') } },
      { ran: false, message: { isError: true } },
      { ran: true, message: { text: 'look ran' } },
    ]);
    expect(seen.notices).toEqual([]);
  });

  it.each([[{}], [{ todos: [{ content: '', status: 'pending' }] }], [list('done', 'pending')]])(
    'what is no list is for the model to mend: %o',
    async (args) => {
      const main = acting(calls(write('a', args)), answers('Fine.'));
      const seen = await (await open(type, {}, { models: { main } })).turn();
      expect(resultsOf(seen.steps)).toMatchObject([{ message: { isError: true } }]);
      expect(seen).toMatchObject({ status: 'done', state: {} });
    },
  );

  it('takes own words', async () => {
    const main = acting(answers('Fine.'));
    await (
      await open(type, { systemPrompt: 'Plan!', toolDescription: 'A list.' }, { models: { main } })
    ).turn();
    expect(main.requests[0]).toMatchObject({
      system: 'Be brief.\n\nPlan!',
      tools: [{ description: 'A list.' }],
    });
  });

  it('keeps the list while a turn waits, and gives it to no other turn', async () => {
    const waiting = acting(calls(write('a', list('in_progress', 'pending'))), calls(call('b', 'look')));
    const options = { tools: [tool('look')], asks: ['look'] };
    const paused = await (await open(type, {}, { models: { main: waiting }, ...options })).turn();
    expect(paused).toMatchObject({ status: 'paused', notices: [] });
    const rig = await open(type, {}, options);
    const going = {
      steps: paused.steps,
      state: paused.state,
      activation: 'resume',
      approved: ['b'],
    } as const;
    expect(await rig.turn(going)).toMatchObject({
      plans: [['in_progress Look at db-1', 'pending Restart it']],
      notices: ['**The plan is not finished:**\n- ⏳ Look at db-1\n- ⬜ Restart it'],
    });
    expect(await rig.turn()).toMatchObject({ plans: [], notices: [] });
  });
});

describe('LLMToolSelectorMiddleware', () => {
  const type = 'LLMToolSelectorMiddleware';
  const tools = ['look', 'dig', 'read', 'find_tools'].map((name) => tool(name));
  const offered = (main: ReturnType<typeof acting>, at = 0) =>
    main.requests[at]?.tools.map(({ name }) => name);
  const choosing = (config: object, sel: ModelNext, main = acting(answers('Fine.'))) => ({
    main,
    rig: open(type, { model: 'sel', ...config }, { models: { main, sel }, tools }),
  });

  it('offers what was chosen, in the order in which tools are, and what is no tool among others', async () => {
    const sel = acting(answers('["read", "look", "nonsense"]'));
    const { main, rig } = choosing({}, sel);
    expect((await (await rig).turn({ question: 'Which logs?' })).text).toBe('Fine.');
    expect(offered(main)).toEqual(['look', 'read', 'find_tools']);
    expect(sel.requests[0]).toMatchObject({
      tools: [],
      messages: [{ text: expect.stringContaining('Which logs?') }],
    });
  });

  it.each([
    ['max_tools', { maxTools: 1 }, ['dig', 'find_tools']],
    ['always_include', { alwaysInclude: ['re*'], maxTools: 1 }, ['dig', 'read', 'find_tools']],
    ['as many as there are', { max_tools: 3 }, ['look', 'dig', 'read', 'find_tools']],
  ])('%s', async (_option, config, expected) => {
    const sel = acting(answers('Here: {"tools": ["dig", "look"]}'));
    const { main, rig } = choosing(config, sel);
    await (await rig).turn();
    expect(offered(main)).toEqual(expected);
    expect(sel.requests).toHaveLength(expected.length === 4 ? 0 : 1);
  });

  it('nothing may be chosen, too', async () => {
    const { main, rig } = choosing({}, acting(answers('[]')));
    await (await rig).turn();
    expect(offered(main)).toEqual(['find_tools']);
  });

  it('chooses once in a turn, also one that goes on later', async () => {
    const sel = acting(answers('["look"]'), answers('["dig"]'));
    const main = acting(calls(call('a')), answers('Fine.'));
    const { rig } = choosing({}, sel, main);
    const seen = await (await rig).turn();
    expect([offered(main, 0), offered(main, 1)]).toEqual([
      ['look', 'find_tools'],
      ['look', 'find_tools'],
    ]);
    await (await rig).turn({ steps: seen.steps.slice(0, 2), state: seen.state, activation: 'resume' });
    expect(sel.requests).toHaveLength(1);
    await (await rig).turn();
    expect(offered(main, 3)).toEqual(['dig', 'find_tools']);
  });

  it('asks again for a choice that can be used, and then offers all or fails', async () => {
    const sel = acting(answers('Well…'), answers('["look"]'));
    const { main, rig } = choosing({}, sel);
    await (await rig).turn();
    expect(offered(main)).toEqual(['look', 'find_tools']);
    const never = () => acting(answers('["nonsense"]'));
    const all = choosing({ maxRetries: 0 }, never());
    expect((await (await all.rig).turn()).status).toBe('done');
    expect(offered(all.main)).toHaveLength(4);
    const failing = choosing({ onParsingFailure: 'error' }, never());
    expect(await (await failing.rig).turn()).toMatchObject({ status: 'failed', code: 'protocol' });
    const broken = choosing({}, acting(overloaded));
    expect(await (await broken.rig).turn()).toMatchObject({ status: 'failed', code: 'overloaded' });
  });

  it('tells the choosing model what it is told to', async () => {
    const sel = acting(answers('["look"]'));
    await (await choosing({ system_prompt: 'Be choosy.', max_tools: 2 }, sel).rig).turn();
    expect(sel.requests[0]?.system).toMatch(/^Be choosy\. Choose at most 2\. Answer with a JSON array/);
  });
});

describe('LLMToolEmulatorMiddleware', () => {
  const type = 'LLMToolEmulatorMiddleware';
  const runs: string[] = [];
  const running = (name: string) =>
    tool(
      name,
      async () => {
        runs.push(name);
        return { text: `${name} ran`, isError: false };
      },
      'write',
    );

  it.each([
    ['all', {}, ['made up', 'made up']],
    ['those that are named', { tools: ['di*'] }, ['look ran', 'made up']],
    ['none', { tools: [] }, ['look ran', 'dig ran']],
  ])('makes up the results of %s, and says so', async (_which, config, expected) => {
    runs.length = 0;
    const main = acting(calls(call('a', 'look', { host: 'db-1' }), call('b', 'dig')), answers('Fine.'));
    const fake = acting(answers('made up'));
    const rig = await open(
      type,
      { model: 'fake', ...config },
      { models: { main, fake }, tools: [running('look'), running('dig')] },
    );
    const seen = await rig.turn();
    expect(
      resultsOf(seen.steps)
        .map(({ message }) => message.text)
        .sort(),
    ).toEqual([...expected].sort());
    expect(runs).toHaveLength(expected.filter((text) => text.endsWith('ran')).length);
    expect(seen.notices).toHaveLength(expected.includes('made up') ? 1 : 0);
    if (fake.requests.length > 1) expect(fake.requests[0]?.messages[0]?.text).toContain('{"host":"db-1"}');
  });

  it('a model that fails ends the turn', async () => {
    const models = { main: acting(calls(call('a'))), fake: acting(overloaded) };
    const rig = await open(type, { model: 'fake' }, { models, tools: [tool('look')] });
    expect(await rig.turn()).toMatchObject({ status: 'failed', code: 'overloaded' });
  });
});

describe('ModerationMiddleware', () => {
  const type = 'ModerationMiddleware';
  /** Flags what holds the word. */
  const judge: ModelNext = async function* ({ messages }) {
    const flagged = messages.at(-1)?.text.includes('harm') ?? false;
    yield* answers(JSON.stringify({ flagged, categories: flagged ? ['violence'] : [] }));
  };
  const sentence = 'I cannot go on with this: it was flagged for violence.';
  const judged = (config: object, main: ReturnType<typeof acting>, more: Partial<RigOptions> = {}) =>
    open(type, { model: 'judge', ...config }, { models: { main, judge }, ...more });

  it.each([
    ['end', { status: 'done', text: sentence }],
    ['error', { status: 'failed', code: 'moderated', text: sentence }],
  ])('%s: of questions and answers', async (exit_behavior, expected) => {
    const main = acting(answers('harm'));
    const rig = await judged({ exit_behavior }, main);
    expect(await rig.turn({ question: 'harm' })).toMatchObject(expected);
    expect(main.requests).toHaveLength(0);
    expect(await rig.turn({ said: ['and harm'] })).toMatchObject(expected);
    expect(main.requests).toHaveLength(0);
    expect(await rig.turn()).toMatchObject({ ...expected, shown: [] });
  });

  it('replace puts the message in place of the words', async () => {
    const main = acting(answers('harm'));
    const config = { exitBehavior: 'replace', violationMessage: 'No {categories}.' };
    const seen = await (await judged(config, main)).turn({ question: 'harm' });
    expect(main.requests[0]?.messages[0]?.text).toBe('No violence.');
    expect(seen).toMatchObject({ status: 'done', text: 'No violence.', shown: ['No violence.'] });
  });

  it('what is fine goes on, and is held back only where answers are judged', async () => {
    const main = acting([{ type: 'text', text: 'Fi' }, ...answers('ne.')]);
    expect(await (await judged({}, main)).turn()).toMatchObject({
      text: 'Fine.',
      statuses: ['is writing the answer, and has it judged before it is shown…'],
    });
    const seen = await (await judged({ check_output: false }, main)).turn();
    expect(seen).toMatchObject({ shown: ['Fi', 'ne.'], statuses: [] });
    const open_ = await (
      await judged({ checkInput: false, checkOutput: false }, acting(answers('harm')))
    ).turn();
    expect(open_.text).toBe('harm');
  });

  it('judges what tools give where that is wanted', async () => {
    const harmful = (effect: 'read' | 'write') =>
      tool('look', async () => ({ text: 'harm', isError: false }), effect);
    const main = () => acting(calls(call('a')), answers('Fine.'));
    const config = { check_tool_results: true };
    expect((await (await judged({}, main(), { tools: [harmful('read')] })).turn()).text).toBe('Fine.');
    expect(await (await judged(config, main(), { tools: [harmful('read')] })).turn()).toMatchObject({
      text: sentence,
    });
    // What has changed something is not left without a result.
    const seen = await (await judged(config, main(), { tools: [harmful('write')] })).turn();
    expect(resultsOf(seen.steps)).toMatchObject([
      { ran: true, message: { text: expect.stringContaining('kept back') } },
    ]);
  });

  it('a write keeps its result where its judge fails, and a read ends the turn', async () => {
    const config = { check_input: false, check_output: false, check_tool_results: true };
    const ran = (effect: 'read' | 'write') =>
      tool('look', async () => ({ text: 'Done.', isError: false }), effect);
    const models = () => ({ main: acting(calls(call('a')), answers('Fine.')), judge: acting(overloaded) });
    const written = await open(
      type,
      { model: 'judge', ...config },
      { models: models(), tools: [ran('write')] },
    );
    const seen = await written.turn();
    expect(seen).toMatchObject({ status: 'done', text: 'Fine.' });
    expect(resultsOf(seen.steps)).toMatchObject([
      {
        ran: true,
        message: {
          isError: false,
          text: 'The call ran, but its result is kept back. What it says could not be judged.',
        },
      },
    ]);
    const read = await open(type, { model: 'judge', ...config }, { models: models(), tools: [ran('read')] });
    expect(await read.turn()).toMatchObject({ status: 'failed', code: 'overloaded' });
  });

  it.each([
    ['gives no verdict', acting(answers('Hm.')), 'protocol'],
    ['fails', acting(overloaded), 'overloaded'],
  ])('nothing goes on where the judge %s', async (_what, broken, code) => {
    const main = acting(answers('Fine.'));
    const rig = await open(type, { model: 'judge' }, { models: { main, judge: broken } });
    expect(await rig.turn()).toMatchObject({ status: 'failed', code });
    expect(main.requests).toHaveLength(0);
  });

  it('a turn that waits is judged anew when it goes on', async () => {
    const steps = [modelStep('', call('a'))];
    const rig = await judged({}, acting(answers('Fine.')), { tools: [tool('look')] });
    expect((await rig.turn({ steps, activation: 'resume', approved: ['a'] })).text).toBe('Fine.');
  });
});
