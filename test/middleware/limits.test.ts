import { describe, expect, it } from 'vitest';
import type { ModelNext } from '../../src/agent/middleware.ts';
import { ProviderError } from '../../src/agent/provider.ts';
import type { Step } from '../../src/agent/steps.ts';
import type { ToolOutcome } from '../../src/agent/tool.ts';
import { memoryStore } from '../../src/middleware/shared.ts';
import { modelStep, resultStep } from '../agent/stage.ts';
import {
  acting,
  answers,
  call,
  calls,
  frozenClock,
  openRig,
  overloaded,
  type RigOptions,
  tool,
} from './harness.ts';

const look = tool('look');
const fine = answers('Fine.');
const one = (type: string, config: object = {}, more: Partial<RigOptions> = {}) =>
  openRig({ rows: [{ type, config }], models: { main: acting(fine) }, ...more });

describe('ModelCallLimitMiddleware', () => {
  const asking = acting(calls(call('a')), calls(call('b')), calls(call('c')), fine);

  it('ends the turn with a sentence, and asks no model beyond the limit', async () => {
    const main = acting(calls(call('a')), calls(call('b')), fine);
    const rig = await one('ModelCallLimitMiddleware', { run_limit: 2 }, { models: { main }, tools: [look] });
    const seen = await rig.turn();
    expect(seen).toMatchObject({ status: 'done', text: 'I stopped here: a turn may make 2 model calls.' });
    expect(main.requests).toHaveLength(2);
  });

  it('fails the turn where that is wanted', async () => {
    const rig = await one(
      'ModelCallLimitMiddleware',
      { runLimit: 1, exitBehavior: 'error' },
      { models: { main: asking }, tools: [look] },
    );
    expect(await rig.turn()).toMatchObject({ status: 'failed', code: 'model_call_limit' });
  });

  it('counts what the thread has called before', async () => {
    const counts = { modelCalls: 9, toolCalls: {} };
    const main = acting(calls(call('a')), fine);
    const rig = await one(
      'ModelCallLimitMiddleware',
      { thread_limit: 10 },
      { models: { main }, tools: [look], counts },
    );
    expect((await rig.turn()).text).toContain('a conversation may make 10 model calls');
    expect(main.requests).toHaveLength(1);
  });

  it('counts what the turn called before it was resumed or taken over', async () => {
    const steps: Step[] = [
      modelStep('', call('a')),
      resultStep('a'),
      modelStep('', call('b')),
      resultStep('b'),
    ];
    const rig = await one('ModelCallLimitMiddleware', { run_limit: 2 }, { tools: [look] });
    for (const activation of ['resume', 'take-over'] as const)
      expect((await rig.turn({ steps, activation })).text).toContain('I stopped here');
  });

  it('is silent below its limit, and streams', async () => {
    const rig = await one(
      'ModelCallLimitMiddleware',
      {},
      {
        models: {
          main: acting([
            { type: 'text', text: 'Fi' },
            { type: 'text', text: 'ne.' },
            { type: 'stop', reason: 'end' },
          ]),
        },
      },
    );
    expect(await rig.turn()).toMatchObject({
      status: 'done',
      text: 'Fine.',
      shown: ['Fi', 'ne.'],
      notices: [],
    });
  });
});

describe('ToolCallLimitMiddleware', () => {
  const results = (steps: readonly Step[]) =>
    steps.flatMap((step) => (step.type === 'result' ? [[step.message.callId, step.ran] as const] : []));
  const dig = tool('dig');
  const parallel = acting(calls(call('a'), call('b'), call('c', 'dig')), fine);

  it('refuses what is one too many and lets the model go on', async () => {
    const rig = await one(
      'ToolCallLimitMiddleware',
      { run_limit: 2 },
      { models: { main: parallel }, tools: [look, dig] },
    );
    const seen = await rig.turn();
    expect(seen).toMatchObject({ status: 'done', text: 'Fine.' });
    expect(results(seen.steps).sort()).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
    ]);
    expect(JSON.stringify(seen.steps)).toContain(
      'Not run: a turn may make 2 tool calls. Do not call dig again',
    );
  });

  it('counts one tool alone, and several by their names', async () => {
    const rig = await one(
      'ToolCallLimitMiddleware',
      { tool_name: 'look', run_limit: 1, per_tool: { dig: { run_limit: 1 } } },
      {
        models: { main: acting(calls(call('a'), call('b'), call('c', 'dig'), call('d', 'dig')), fine) },
        tools: [look, dig],
      },
    );
    expect(results((await rig.turn()).steps).sort()).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
      ['d', false],
    ]);
  });

  it.each([
    [{ tool_name: 'lo*', run_limit: 1 }],
    [{ tool_name: 'ops_look', run_limit: 1 }],
    [{ run_limit: 9, per_tool: { '*ook': { run_limit: 1 } } }],
    [{ run_limit: 9, per_tool: { ops_look: { run_limit: 1 } } }],
  ])('a tool is meant by its name at its server and by a *: %o', async (config) => {
    const rig = await one('ToolCallLimitMiddleware', config, {
      models: { main: acting(calls(call('a'), call('b'), call('c', 'dig'), call('d', 'dig')), fine) },
      tools: [{ ...look, sourceName: 'ops_look' }, dig],
    });
    expect(results((await rig.turn()).steps).sort()).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
      ['d', true],
    ]);
  });

  it('one with a * counts what ran of all tools that it means', async () => {
    const counts = { modelCalls: 1, toolCalls: { look: 1, lock: 1, dig: 5 } };
    const rig = await one(
      'ToolCallLimitMiddleware',
      { tool_name: 'lo*k', thread_limit: 3 },
      { models: { main: acting(calls(call('a')), calls(call('b')), fine) }, tools: [look], counts },
    );
    expect(results((await rig.turn()).steps)).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  it('ends the turn once the calls beside it have run', async () => {
    const main = acting(calls(call('a'), call('b')), fine);
    const rig = await one(
      'ToolCallLimitMiddleware',
      { run_limit: 1, exit_behavior: 'end' },
      { models: { main }, tools: [look] },
    );
    const seen = await rig.turn();
    expect(seen).toMatchObject({ status: 'done', text: 'I stopped here: a turn may make one tool call.' });
    expect(results(seen.steps).sort()).toEqual([
      ['a', true],
      ['b', false],
    ]);
    expect(main.requests).toHaveLength(1);
  });

  it('fails the turn where that is wanted', async () => {
    const rig = await one(
      'ToolCallLimitMiddleware',
      { run_limit: 1, exit_behavior: 'error' },
      { models: { main: acting(calls(call('a'), call('b')), fine) }, tools: [look] },
    );
    expect(await rig.turn()).toMatchObject({ status: 'failed', code: 'tool_call_limit' });
  });

  it('a conversation’s limit counts what ran, not what was refused', async () => {
    const counts = { modelCalls: 1, toolCalls: { look: 2, dig: 5 } };
    const main = acting(calls(call('a')), calls(call('b')), fine);
    const rig = await one(
      'ToolCallLimitMiddleware',
      { tool_name: 'look', run_limit: 3, thread_limit: 3 },
      { models: { main }, tools: [look], counts },
    );
    expect(results((await rig.turn()).steps)).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  it('refuses a turn limit above the conversation’s', async () => {
    const rig = await openRig({
      rows: [{ type: 'ToolCallLimitMiddleware', config: { run_limit: 9, thread_limit: 3 } }],
      models: { main: acting(fine) },
    });
    expect((await rig.turn()).trace?.skipped?.[0]?.[1]).toContain('run_limit may not be above thread_limit');
  });
});

/** A tool that fails a number of times. */
function failing(times: number, failure: ToolOutcome['failure'], effect: 'read' | 'write' = 'read') {
  const runs = { count: 0 };
  const made = tool(
    'look',
    async () => {
      runs.count += 1;
      if (runs.count > times) return { text: 'Seen.', isError: false };
      return { text: 'Away.', isError: true, ...(failure === undefined ? {} : { failure }) };
    },
    effect,
  );
  return { made, runs };
}

describe.each([
  ['ToolRetryMiddleware', { initial_delay_ms: 0 }],
  ['ToolErrorHandlerMiddleware', { retry_delay: 0 }],
] as const)('%s', (type, quick) => {
  const asking = () => acting(calls(call('a')), fine);
  const toolText = (steps: readonly Step[]) =>
    steps.flatMap((step) => (step.type === 'result' ? [step.message.text] : [])).join();

  it.each([['unreachable'], ['timeout']] as const)('calls a read again that is %s', async (failure) => {
    const { made, runs } = failing(2, failure);
    const rig = await one(type, quick, { models: { main: asking() }, tools: [made] });
    expect(toolText((await rig.turn()).steps)).toBe('Seen.');
    expect(runs.count).toBe(3);
  });

  it('gives up after as many times as it may, and the model goes on', async () => {
    const { made, runs } = failing(99, 'unreachable');
    const rig = await one(type, { ...quick, max_retries: 1 }, { models: { main: asking() }, tools: [made] });
    const seen = await rig.turn();
    expect(seen.status).toBe('done');
    expect(toolText(seen.steps)).toContain('Away.');
    expect(runs.count).toBe(2);
  });

  it('takes what a tool itself refuses for an answer, unless it is told otherwise', async () => {
    const plain = failing(2, undefined);
    await (await one(type, quick, { models: { main: asking() }, tools: [plain.made] })).turn();
    expect(plain.runs.count).toBe(1);
    const told = failing(2, undefined);
    await (
      await one(type, { ...quick, retry_on: ['error'] }, { models: { main: asking() }, tools: [told.made] })
    ).turn();
    expect(told.runs.count).toBe(3);
  });

  it('never calls a write again, nor what people approved', async () => {
    const write = failing(2, 'unreachable', 'write');
    await (await one(type, quick, { models: { main: asking() }, tools: [write.made] })).turn();
    expect(write.runs.count).toBe(1);
    const approved = failing(2, 'unreachable');
    const rig = await one(type, quick, {
      models: { main: asking() },
      tools: [approved.made],
      asks: ['look'],
    });
    await rig.turn({ approved: ['a'] });
    expect(approved.runs.count).toBe(1);
  });

  it('only tools that are named, where some are', async () => {
    const { made, runs } = failing(2, 'unreachable');
    await (
      await one(type, { ...quick, tools: ['dig'] }, { models: { main: asking() }, tools: [made] })
    ).turn();
    expect(runs.count).toBe(1);
    await (
      await one(type, { ...quick, tools: ['lo*'] }, { models: { main: asking() }, tools: [made] })
    ).turn();
    expect(runs.count).toBe(3);
  });

  it('never multiplies with the other one', async () => {
    const { made, runs } = failing(99, 'unreachable');
    const rows = [
      { type: 'ToolRetryMiddleware', config: { max_retries: 2, initial_delay_ms: 0 }, priority: 60 },
      { type: 'ToolErrorHandlerMiddleware', config: { max_retries: 2, retry_delay: 0 }, priority: 70 },
    ];
    await (await openRig({ rows, models: { main: asking() }, tools: [made] })).turn();
    expect(runs.count).toBe(3);
  });

  it('is stopped while it waits', async () => {
    const stop = new AbortController();
    const { made } = failing(99, 'unreachable');
    const rig = await one(
      type,
      type === 'ToolRetryMiddleware' ? { initial_delay_ms: 60_000 } : { retry_delay: 60 },
      {
        models: { main: asking() },
        tools: [made],
      },
    );
    const running = rig.turn({ signal: stop.signal });
    await expect.poll(() => rig.acted).toContain(`${type} retried`);
    stop.abort(new Error('stopped'));
    await expect(running).rejects.toThrow('stopped');
  });
});

it('ToolRetryMiddleware fails the turn where that is wanted', async () => {
  const { made } = failing(99, 'unreachable');
  const config = { max_retries: 1, initialDelayMs: 0, onFailure: 'error' };
  const rig = await one('ToolRetryMiddleware', config, {
    models: { main: acting(calls(call('a')), fine) },
    tools: [made],
  });
  expect(await rig.turn()).toMatchObject({
    status: 'failed',
    code: 'tool_failed',
    text: 'I stopped because look failed, also when it was tried again once.',
  });
});

describe('ModelFallbackMiddleware', () => {
  const rows = [{ type: 'ModelFallbackMiddleware', config: { models: ['second', 'third'] } }];

  it('asks the next model, and says so under the answer', async () => {
    const second = acting(answers('From the second.'));
    const rig = await openRig({ rows, models: { main: acting(overloaded), second } });
    expect(await rig.turn()).toMatchObject({
      status: 'done',
      text: 'From the second.',
      notices: ['Answered by second, because main is overloaded.'],
      statuses: ['is asking second, because main failed…'],
      restarts: [],
    });
  });

  it('begins again after something was shown', async () => {
    const main = acting({
      says: [{ type: 'text', text: 'Half an ans' }],
      fails: new ProviderError('network', 'cut'),
    });
    const rig = await openRig({ rows, models: { main, second: acting(answers('Whole.')) } });
    const seen = await rig.turn();
    expect(seen).toMatchObject({ text: 'Whole.', shown: ['Whole.'] });
    expect(seen.restarts).toHaveLength(1);
  });

  it('goes through all of them, one that is not there too, and then tells the last failure', async () => {
    const rig = await openRig({
      rows,
      models: { main: acting(overloaded), third: acting(answers('Third.')) },
    });
    expect((await rig.turn()).notices).toEqual([
      'Answered by third, because main is overloaded and second is not known to its provider.',
    ]);
    const none = await openRig({ rows, models: { main: acting(overloaded) } });
    expect(await none.turn()).toMatchObject({ status: 'failed', code: 'not_found' });
  });

  it('stays with the model that answered for the rest of the turn, also when it is resumed', async () => {
    const main = acting(overloaded);
    const second = acting(calls(call('a')), answers('Done.'));
    const rig = await openRig({ rows, models: { main, second }, tools: [look], asks: ['look'] });
    const paused = await rig.turn();
    expect(paused.status).toBe('paused');
    const resumed = await rig.turn({ ...paused, activation: 'resume', approved: ['a'] });
    expect(resumed).toMatchObject({
      text: 'Done.',
      notices: ['Answered by second, because main is overloaded.'],
    });
    expect(main.requests).toHaveLength(1);
    await rig.turn();
    expect(main.requests).toHaveLength(2);
  });

  it('leaves what the loop itself handles to it', async () => {
    const second = acting(answers('No.'));
    const main = acting(new ProviderError('context_overflow', 'long'), answers('Shorter.'));
    const rig = await openRig({ rows, models: { main, second } });
    expect(await rig.turn()).toMatchObject({ text: 'Shorter.', notices: [] });
    expect(second.requests).toHaveLength(0);
  });

  it('names an option of older examples with what to write', async () => {
    const rig = await one('ModelFallbackMiddleware', { fallback_model: 'x' });
    expect((await rig.turn()).trace?.skipped?.[0]?.[1]).toContain('Write models: a list of names');
  });

  it('without models there is nothing to do', async () => {
    const rig = await one('ModelFallbackMiddleware', {}, { models: { main: acting(overloaded) } });
    expect(await rig.turn()).toMatchObject({ status: 'failed', code: 'overloaded' });
  });
});

describe('CircuitBreakerMiddleware', () => {
  const rows = [{ type: 'CircuitBreakerMiddleware', config: { failure_threshold: 2, timeout: 30 } }];

  it('opens after failures in a row, lets some try, and closes after good answers', async () => {
    const main = acting(overloaded, overloaded, fine);
    const rig = await openRig({ rows, models: { main } });
    for (let n = 0; n < 2; n++) expect((await rig.turn()).code).toBe('overloaded');
    const refused = await rig.turn();
    expect(refused.text).toBe('main has failed 2 times in a row and is left alone for another 30 s.');
    expect(main.requests).toHaveLength(2);
    rig.clock.move(30_000);
    expect((await rig.turn()).text).toBe('Fine.');
    expect((await rig.turn()).text).toBe('Fine.');
    expect(main.requests).toHaveLength(4);
    expect(rig.acted).toEqual(['CircuitBreakerMiddleware opened', 'CircuitBreakerMiddleware refused']);
  });

  it('is one for all replicas', async () => {
    const store = memoryStore();
    const clock = frozenClock();
    const [failing, other] = [acting(overloaded), acting(fine)];
    const one = await openRig({ rows, models: { main: failing }, store, clock });
    await one.turn();
    await one.turn();
    const two = await openRig({ rows, models: { main: other }, store, clock });
    expect((await two.turn()).text).toContain('is left alone');
    expect(other.requests).toHaveLength(0);
  });

  it('opens again when a trial fails', async () => {
    const main = acting(overloaded);
    const rig = await openRig({ rows, models: { main } });
    await rig.turn();
    await rig.turn();
    rig.clock.move(30_000);
    await rig.turn();
    expect(main.requests).toHaveLength(3);
    expect((await rig.turn()).text).toContain('left alone for another 30 s');
  });

  it('a good answer between failures begins the count anew; a bad request says nothing', async () => {
    const bad = new ProviderError('bad_request', 'no');
    const main = acting(overloaded, fine, overloaded, bad, bad, bad, fine);
    const rig = await openRig({ rows, models: { main } });
    for (let n = 0; n < 7; n++) await rig.turn();
    expect(main.requests).toHaveLength(7);
  });

  it('is closed by trials alone, on all replicas, and not by what began before it opened', async () => {
    const gates: (() => void)[] = [];
    const store = memoryStore();
    const clock = frozenClock();
    const slow: ModelNext = async function* () {
      await new Promise<void>((resolve) => gates.push(resolve));
      yield* fine;
    };
    const old = await openRig({ rows, models: { main: slow }, store, clock });
    const stale = [old.turn(), old.turn(), old.turn()];
    await expect.poll(() => gates.length).toBe(3);
    const one = await openRig({ rows, models: { main: acting(overloaded) }, store, clock });
    await one.turn();
    await one.turn();
    for (const open of gates) open();
    for (const { text } of await Promise.all(stale)) expect(text).toBe('Fine.');
    expect((await one.turn()).text).toContain('left alone for another 30 s');
    clock.move(30_000);
    const trial = acting(fine, overloaded);
    const two = await openRig({ rows, models: { main: trial }, store, clock });
    expect((await two.turn()).text).toBe('Fine.');
    expect((await two.turn()).code).toBe('overloaded');
    expect((await two.turn()).text).toContain('left alone for another 30 s');
    expect(trial.requests).toHaveLength(2);
  });

  it('a trial that ends after another has failed does not close it', async () => {
    const gates: (() => void)[] = [];
    let calls = 0;
    const rig = await openRig({
      rows: [{ type: 'CircuitBreakerMiddleware', config: { failure_threshold: 1, success_threshold: 1 } }],
      models: {
        async *main() {
          calls += 1;
          if (calls !== 2) throw overloaded;
          await new Promise<void>((resolve) => gates.push(resolve));
          yield* fine;
        },
      },
    });
    await rig.turn();
    rig.clock.move(60_000);
    const slow = rig.turn();
    await expect.poll(() => gates.length).toBe(1);
    await rig.turn();
    gates[0]?.();
    expect((await slow).text).toBe('Fine.');
    expect((await rig.turn()).text).toContain('left alone for another 60 s');
  });

  it('leads to the fallback outside of it', async () => {
    const both = [...rows, { type: 'ModelFallbackMiddleware', config: { models: ['second'] }, priority: 10 }];
    const main = acting(overloaded);
    const rig = await openRig({ rows: both, models: { main, second: acting(answers('Second.')) } });
    for (let n = 0; n < 4; n++) expect((await rig.turn()).text).toBe('Second.');
    expect(main.requests).toHaveLength(2);
  });

  it('no more than so many try at the same time', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isOpen = false;
    let trials = 0;
    const rig = await openRig({
      rows: [
        {
          type: 'CircuitBreakerMiddleware',
          config: { failure_threshold: 1, timeout: 1, half_open_max_requests: 2 },
        },
      ],
      models: {
        async *main() {
          if (!isOpen) throw overloaded;
          trials += 1;
          await held;
          yield* fine;
        },
      },
    });
    await rig.turn();
    isOpen = true;
    rig.clock.move(1000);
    const running = [rig.turn(), rig.turn()];
    await expect.poll(() => trials).toBe(2);
    expect((await rig.turn()).code).toBe('overloaded');
    release();
    expect((await Promise.all(running)).map(({ text }) => text)).toEqual(['Fine.', 'Fine.']);
  });
});

describe('ValidationMiddleware', () => {
  const input = { apply_to_output: false };

  it.each([
    ['too long', { max_input_length: 5 }, 'How are things?', /15 characters; 5 are allowed/],
    ['blocked', { blocked_patterns: ['DROP table'] }, 'please drop TABLE x', /not allowed here/],
    ['not about what is allowed', { allowed_patterns: ['^net'] }, 'weather?', /not about anything/],
  ])('refuses a question that is %s, without a model', async (_what, config, question, text) => {
    const main = acting(fine);
    const rig = await one('ValidationMiddleware', { ...input, ...config }, { models: { main } });
    expect(await rig.turn({ question })).toMatchObject({
      status: 'failed',
      code: 'input_rejected',
      text: expect.stringMatching(text),
    });
    expect(main.requests).toHaveLength(0);
  });

  it('lets it pass with a note where nothing is to be refused', async () => {
    const config = { ...input, max_input_length: 5, reject_on_validation_failure: false };
    const seen = await (await one('ValidationMiddleware', config)).turn();
    expect(seen).toMatchObject({ status: 'done', notices: [expect.stringContaining('5 are allowed')] });
  });

  it('checks what is said while the turn runs', async () => {
    const rig = await one('ValidationMiddleware', { ...input, blocked_patterns: ['secret'] });
    expect(await rig.turn({ said: ['the SECRET plan'] })).toMatchObject({ code: 'input_rejected' });
  });

  it('streams while only questions are checked, and holds answers back when they are', async () => {
    const main = acting([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
      { type: 'stop', reason: 'end' },
    ]);
    const streaming = await (await one('ValidationMiddleware', input, { models: { main } })).turn();
    expect(streaming).toMatchObject({ shown: ['a', 'b'], statuses: [] });
    const held = await (await one('ValidationMiddleware', {}, { models: { main } })).turn();
    expect(held).toMatchObject({ shown: ['a', 'b'], statuses: [expect.stringContaining('checks it')] });
  });

  it('shows nothing of an answer that is refused, and charges for it', async () => {
    const main = acting(answers('The password is swordfish.', { input: 10, output: 5, usd: 0.1 }));
    const seen = await (
      await one('ValidationMiddleware', { blocked_patterns: ['password'] }, { models: { main } })
    ).turn();
    expect(seen).toMatchObject({ status: 'failed', code: 'output_rejected', shown: [] });
    expect(seen.lost[0]?.charges[0]?.usage).toMatchObject({ input: 10, output: 5 });
  });

  it('cuts and cleans where nothing is to be refused', async () => {
    const config = {
      max_output_length: 14,
      blocked_patterns: ['pass\\w+'],
      reject_on_validation_failure: false,
    };
    const main = acting(answers('My password is long.'));
    const seen = await (await one('ValidationMiddleware', config, { models: { main } })).turn();
    expect(seen.text).toBe('My [removed] i…');
    expect(seen.notices).toEqual([expect.stringContaining('The answer was changed')]);
  });

  it('takes tags out of both', async () => {
    const main = acting(
      answers('<b>Bold</b> and a < b > c<svg/onload=alert(1)> <<b>script>alert(1)</script>&lt;<img src=x'),
    );
    const rig = await one('ValidationMiddleware', { sanitize_html: true }, { models: { main } });
    const seen = await rig.turn({ question: 'Hi <script>alert(1)</script>there' });
    // What stood apart makes a tag now, and a script that does not end takes the rest with it.
    expect(seen.text).toBe('Bold and a < b > c ');
    expect(main.requests[0]?.messages[0]?.text).toBe('Hi there');
  });

  it.each([
    ['&lt;b&gt; stays', '&lt;b&gt; stays'],
    ['a <svg/onload=alert(1)>b', 'a b'],
    ['a <!-- <b> -->b', 'a b'],
    ['a <style>b{}</style >c', 'a c'],
    ['<title><img src=x onerror=alert(1)></title>a', 'a'],
    ['a <img src="x>" onerror=alert(1)>b', 'a b'],
    ['a <img src=x', 'a '],
    ['if (a<3 && b> 2) { x <- y }', 'if (a<3 && b> 2) { x <- y }'],
    ['<<<<b>b>b>b>', 'b>'],
  ])('of “%s” a browser would be left “%s”', async (question, expected) => {
    const main = acting(fine);
    const rig = await one('ValidationMiddleware', { sanitize_html: true }, { models: { main } });
    await rig.turn({ question });
    expect(main.requests[0]?.messages[0]?.text).toBe(expected);
  });
});
