import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/agent/messages.ts';
import { ProviderError } from '../../src/agent/provider.ts';
import type { Step } from '../../src/agent/steps.ts';
import { memoryStore } from '../../src/middleware/shared.ts';
import { modelStep, resultStep } from '../agent/stage.ts';
import {
  acting,
  answers,
  call,
  calls,
  openRig,
  overloaded,
  type RigOptions,
  type Row,
  tool,
} from './harness.ts';

const rowsOf = (type: string, config: object): readonly Row[] => [{ type, config }];

/** So many exchanges with one call each. */
const talk = (count: number, size = 100): readonly Message[] =>
  Array.from({ length: count }, (_, n): readonly Message[] => [
    { role: 'user', text: `Question ${n} ${'q'.repeat(size)}` },
    { role: 'assistant', text: '', calls: [call(`c${n}`, 'look', { n })] },
    { role: 'tool', callId: `c${n}`, name: 'look', text: `Result ${n} ${'r'.repeat(size)}`, isError: false },
    { role: 'assistant', text: `Answer ${n}.`, calls: [] },
  ]).flat();

const textsOf = (messages: readonly Message[] = []) => messages.map(({ text }) => text);

/** No result stands without its call before it. */
function isWhole(messages: readonly Message[] = []): boolean {
  const made = new Set<string>();
  return messages.every((message) => {
    if (message.role === 'assistant') for (const { id } of message.calls) made.add(id);
    return message.role !== 'tool' || made.has(message.callId);
  });
}

describe('SummarizationMiddleware', () => {
  const type = 'SummarizationMiddleware';
  function open(config: object, more: Partial<RigOptions> = {}) {
    const main = acting(answers('Fine.'));
    const sum = acting(answers('They talked.'), answers('They talked more.'));
    const rig = openRig({
      rows: rowsOf(type, { model: 'sum', ...config }),
      models: { main, sum },
      store: memoryStore(),
      ...more,
    });
    return { rig, main, sum };
  }
  const prefix = 'A summary of the conversation so far:\n\n';

  it('gives the model a summary and the end of what was said, and says what it does', async () => {
    const { rig, main, sum } = open({ trigger: { messages: 20 }, keep: { messages: 4 } });
    const seen = await (await rig).turn({ history: talk(6) });
    expect(seen).toMatchObject({
      text: 'Fine.',
      statuses: ['is summarising the beginning of the conversation…'],
    });
    const [request] = main.requests;
    expect(textsOf(request?.messages)[0]).toBe(`${prefix}They talked.`);
    expect(request?.messages).toHaveLength(5);
    expect(isWhole(request?.messages)).toBe(true);
    expect(textsOf(request?.messages).at(-1)).toBe('How are things?');
    expect(sum.requests[0]).toMatchObject({ tools: [], system: expect.stringContaining('summary') });
    const [asked = ''] = textsOf(sum.requests[0]?.messages);
    expect(asked).toContain('Person: Question 0');
    expect(asked).toContain('[calls look {"n":0}]');
    expect(asked).toContain('Result of look: Result 4');
    expect(asked).not.toContain('Result 5');
  });

  it('later turns read the same summary, until the conversation has grown again', async () => {
    const { rig, main, sum } = open({ trigger: { messages: 20 }, keep: { messages: 4 } });
    const one = await rig;
    await one.turn({ history: talk(6) });
    await one.turn({ history: talk(7) });
    await one.turn({ history: talk(8) });
    expect(sum.requests).toHaveLength(1);
    const [first, second, third] = main.requests.map(({ messages }) => textsOf(messages));
    expect(second?.slice(0, 4)).toEqual(first?.slice(0, 4));
    expect(third?.slice(0, 8)).toEqual(second?.slice(0, 8));
    await one.turn({ history: talk(12) });
    expect(sum.requests).toHaveLength(2);
    expect(textsOf(sum.requests[1]?.messages)[0]).toContain('Summary of what came before:\nThey talked.');
    expect(textsOf(sum.requests[1]?.messages)[0]).not.toContain('Question 0');
    expect(textsOf(main.requests.at(-1)?.messages)[0]).toBe(`${prefix}They talked more.`);
  });

  it('knows its place also when the oldest messages are dropped', async () => {
    const { rig, main, sum } = open({ trigger: { messages: 20 }, keep: { messages: 4 } });
    await (await rig).turn({ history: talk(6) });
    await (await rig).turn({ history: talk(8).slice(8) });
    expect(sum.requests).toHaveLength(1);
    expect(textsOf(main.requests[1]?.messages)[0]).toBe(`${prefix}They talked.`);
    expect(textsOf(main.requests[1]?.messages).slice(1)).toEqual([
      ...textsOf(talk(8)).slice(21),
      'How are things?',
    ]);
  });

  it.each([
    ['another thread', { threadId: 'slack:T1:C1:2', history: talk(4) }],
    ['a conversation that was cleared', { history: [] }],
    ['one of which something was taken back', { history: [...talk(2), ...talk(5).slice(12)] }],
  ])('is not read in %s', async (_what, given) => {
    const { rig, main } = open({ trigger: { messages: 20 }, keep: { messages: 4 } });
    await (await rig).turn({ history: talk(6) });
    await (await rig).turn(given);
    expect(textsOf(main.requests[1]?.messages).join()).not.toContain('They talked');
  });

  it('is made again without what was taken back since, wherever that stood', async () => {
    let revision = '0.0';
    const { rig, main, sum } = open(
      { trigger: { messages: 12 }, keep: { messages: 4 } },
      { revision: () => revision },
    );
    await (await rig).turn({ history: talk(6) });
    revision = '0.1';
    await (await rig).turn({ history: talk(6).slice(4) });
    const [again = ''] = textsOf(sum.requests[1]?.messages);
    expect(again).not.toContain('They talked');
    expect(again).not.toContain('Question 0');
    expect(again).toContain('Question 1');
    expect(textsOf(main.requests[1]?.messages)[0]).toBe(`${prefix}They talked more.`);
  });

  it('counts no more when something was taken back while it was made', async () => {
    const revisions = ['0.0', '0.1'];
    const { rig, sum } = open(
      { trigger: { messages: 12 }, keep: { messages: 4 } },
      { revision: () => revisions.shift() ?? '0.1' },
    );
    await (await rig).turn({ history: talk(6) });
    await (await rig).turn({ history: talk(6) });
    expect(sum.requests).toHaveLength(2);
  });

  it.each([
    ['the model fails', acting(overloaded)],
    ['the summary is empty', acting(answers('  '))],
    [
      'it was cut',
      acting([
        { type: 'text', text: 'They' },
        { type: 'stop', reason: 'length' },
      ]),
    ],
    [
      'the model does not want to',
      acting([
        { type: 'text', text: 'No.' },
        { type: 'stop', reason: 'refusal' },
      ]),
    ],
    ['there is no such model', undefined],
  ] as const)('goes on with the whole conversation where %s, and asks once', async (_why, sum) => {
    const main = acting(calls(call('a')), answers('Fine.'));
    const store = memoryStore();
    const { rig } = open(
      { trigger: { messages: 20 }, keep: { messages: 4 } },
      { models: { main, ...(sum && { sum }) }, tools: [tool('look')], store },
    );
    const seen = await (await rig).turn({ history: talk(6) });
    expect(seen).toMatchObject({ status: 'done', text: 'Fine.' });
    expect(main.requests[0]?.messages).toHaveLength(25);
    if (sum !== undefined) expect(sum.requests).toHaveLength(1);
    expect(await store.get('summary:slack:T1:C1:1')).toBeUndefined();
    expect((await rig).acted).toEqual([`${type} failed`]);
  });

  it('what stops the turn stops it here too', async () => {
    const stop = new ProviderError('aborted', 'stopped');
    const { rig } = open(
      { trigger: { messages: 5 }, keep: { messages: 2 } },
      { models: { main: acting(answers('x')), sum: acting(stop) } },
    );
    expect(await (await rig).turn({ history: talk(2) })).toMatchObject({ status: 'failed', code: 'aborted' });
  });

  it('the turn pays for it', async () => {
    const sum = acting(answers('They talked.', { input: 900, output: 9, usd: 0.5 }));
    const { rig } = open(
      { trigger: { messages: 5 }, keep: { messages: 2 } },
      { models: { main: acting(answers('x')), sum } },
    );
    const { lost } = await (await rig).turn({ history: talk(2) });
    expect(lost).toMatchObject([{ charges: [{ model: 'sum', cost: { usd: 0.5 } }] }]);
  });

  it.each([
    ['all inside one', { messages: 20, tokens: 5 }, true],
    ['all inside one', { messages: 20, tokens: 5000 }, false],
    ['any between several', [{ messages: 99 }, { tokens: 5 }], true],
    ['any between several', [{ messages: 99 }, { tokens: 5000 }], false],
    ['a share of what there is room for', { fraction: 0.01 }, true],
    ['a share of what there is room for', { fraction: 0.5 }, false],
  ])('begins by %s: %o', async (_how, trigger, isDue) => {
    const { rig, sum } = open({ trigger, keep: { messages: 2 } }, { window: 64_000 });
    await (await rig).turn({ history: talk(6, 200) });
    expect(sum.requests).toHaveLength(isDue ? 1 : 0);
  });

  it('comes before old messages are dropped, whatever is written', async () => {
    const { rig, sum } = open({ trigger: { tokens: 1_000_000 }, keep: { messages: 2 } }, { window: 4000 });
    await (await rig).turn({ history: talk(6, 1500) });
    expect(sum.requests).toHaveLength(1);
  });

  it.each([
    ['messages', { messages: 3 }, 4],
    ['tokens', { tokens: 60 }, 4],
    ['fraction', { fraction: 0.001 }, 2],
  ])('keeps by %s', async (_what, keep, most) => {
    const { rig, main } = open({ trigger: { messages: 10 }, keep }, { window: 64_000 });
    await (await rig).turn({ history: talk(6) });
    const messages = main.requests[0]?.messages;
    expect(messages?.length).toBeLessThanOrEqual(most + 1);
    expect(isWhole(messages)).toBe(true);
    expect(textsOf(messages).at(-1)).toBe('How are things?');
  });

  it('within a long turn the question stays in its words', async () => {
    const steps: Step[] = Array.from({ length: 8 }, (_, n) => [
      modelStep('', call(`s${n}`)),
      resultStep(`s${n}`),
    ]).flat();
    const { rig, main } = open({ trigger: { messages: 10 }, keep: { messages: 4 } });
    await (await rig).turn({ steps, activation: 'take-over', history: talk(1) });
    const messages = main.requests[0]?.messages;
    expect(textsOf(messages).slice(0, 2)).toEqual([`${prefix}They talked.`, 'How are things?']);
    expect(messages).toHaveLength(6);
    expect(isWhole(messages)).toBe(true);
  });

  it('takes own words, and as much as is said', async () => {
    const { rig, sum, main } = open({
      trigger: { messages: 10 },
      keep: { messages: 2 },
      summaryPrompt: 'Shorter!',
      summaryPrefix: 'Before:',
      trimTokensToSummarize: 50,
    });
    await (await rig).turn({ history: talk(6) });
    expect(sum.requests[0]?.system).toBe('Shorter!');
    expect(textsOf(sum.requests[0]?.messages)[0]?.length).toBeLessThan(220);
    expect(textsOf(main.requests[0]?.messages)[0]).toBe('Before:\n\nThey talked.');
  });

  it('a short conversation costs nothing', async () => {
    const { rig, main, sum } = open({});
    const history = talk(2);
    await (await rig).turn({ history });
    expect(main.requests[0]?.messages).toHaveLength(9);
    expect(sum.requests).toHaveLength(0);
  });
});

describe('ContextEditingMiddleware', () => {
  const type = 'ContextEditingMiddleware';
  const edit = (more: object) => ({ edits: [{ trigger: 100, keep: 1, ...more }] });
  async function read(config: object, history: readonly Message[]) {
    const main = acting(answers('Fine.'));
    const rig = await openRig({ rows: rowsOf(type, config), models: { main } });
    await rig.turn({ history });
    return main.requests[0]?.messages ?? [];
  }
  const results = (messages: readonly Message[]) =>
    messages.flatMap((message) => (message.role === 'tool' ? [message.text.split(' ', 2).join(' ')] : []));

  it('clears old results of long requests, and nothing else', async () => {
    const messages = await read(edit({}), talk(3));
    expect(results(messages)).toEqual(['[cleared]', '[cleared]', 'Result 2']);
    expect(messages.length).toBe(13);
    expect(messages[1]).toMatchObject({ calls: [{ arguments: { n: 0 } }] });
  });

  it.each([
    ['keep', { keep: 2 }, ['[cleared]', 'Result 1', 'Result 2']],
    ['keep 0', { keep: 0 }, ['[cleared]', '[cleared]', '[cleared]']],
    ['trigger', { trigger: 9000 }, ['Result 0', 'Result 1', 'Result 2']],
    ['placeholder', { placeholder: '-' }, ['-', '-', 'Result 2']],
    ['exclude_tools', { excludeTools: ['lo*'] }, ['Result 0', 'Result 1', 'Result 2']],
    ['clear_at_least', { clearAtLeast: 10 }, ['[cleared]', 'Result 1', 'Result 2']],
    ['clear_at_least of more than there is', { clearAtLeast: 9000 }, ['[cleared]', '[cleared]', 'Result 2']],
  ])('%s', async (_option, more, expected) => {
    expect(results(await read(edit(more), talk(3)))).toEqual(expected);
  });

  it('clears what tools were called with too, and the vendor’s own record of it', async () => {
    const history = talk(2).map((message) =>
      message.role === 'assistant' ? { ...message, opaque: { key: 'k', data: 1 } } : message,
    );
    const messages = await read(edit({ clear_tool_inputs: true }), history);
    expect(messages[1]).toEqual({ role: 'assistant', text: '', calls: [call('c0', 'look', {})] });
    expect(messages[5]).toMatchObject({ calls: [{ arguments: { n: 1 } }], opaque: { key: 'k' } });
  });

  it('what was cleared stays so for the turn, also after a restart, and is stored as it was', async () => {
    const look = tool('look', async () => ({ text: 'short', isError: false }));
    const main = acting(calls(call('a')), calls(call('b')), answers('Fine.'));
    const rig = await openRig({
      rows: rowsOf(type, edit({ trigger: 800 })),
      models: { main },
      tools: [look],
    });
    const seen = await rig.turn({ history: talk(4, 400) });
    const first = main.requests[0]?.messages ?? [];
    expect(results(first)).toEqual(['[cleared]', '[cleared]', '[cleared]', 'Result 3']);
    // Later results are not cleared while it is short enough: the beginning stays the same.
    expect(main.requests[2]?.messages.slice(0, first.length)).toEqual(first);
    expect(seen.state).toEqual({ [type]: [['c0', 'c1', 'c2']] });
    const again = acting(answers('Fine.'));
    const later = await openRig({ rows: rowsOf(type, edit({ trigger: 100_000 })), models: { main: again } });
    await later.turn({ history: talk(4, 400), state: seen.state, activation: 'resume' });
    expect(results(again.requests[0]?.messages ?? []).slice(0, 3)).toEqual([
      '[cleared]',
      '[cleared]',
      '[cleared]',
    ]);
    await later.turn({ history: talk(4, 400) });
    expect(results(again.requests[1]?.messages ?? [])[0]).toBe('Result 0');
  });

  it('makes several edits, one after the other', async () => {
    const edits = [
      { trigger: 100, keep: 2, placeholder: 'one' },
      { trigger: 120, keep: 1, placeholder: 'two' },
    ];
    expect(results(await read({ edits }, talk(3)))).toEqual(['two', 'two', 'Result 2']);
    expect(results(await read({ edits: [] }, talk(3)))).toEqual(['Result 0', 'Result 1', 'Result 2']);
  });
});

describe('PromptCachingMiddleware', () => {
  it.each([
    [{}, 1, '5m'],
    [{ ttl: '1h' }, 1, '1h'],
    [{ enableCaching: false }, 1, 'off'],
    [{}, 0, 'off'],
    [{ minMessagesToCache: 0 }, 0, '5m'],
  ])('%o after %d exchanges: %s', async (config, exchanges, expected) => {
    const main = acting(answers('Fine.'));
    const rig = await openRig({ rows: rowsOf('PromptCachingMiddleware', config), models: { main } });
    await rig.turn({ history: talk(exchanges) });
    expect(main.requests[0]?.promptCache).toBe(expected);
  });
});
