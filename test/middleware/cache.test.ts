import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/agent/steps.ts';
import type { Tool, ToolOutcome } from '../../src/agent/tool.ts';
import { strangerHeard } from '../../src/bot/stranger.ts';
import { memoryStore } from '../../src/middleware/shared.ts';
import { acting, answers, call, calls, openRig, overloaded, type RigOptions, tool } from './harness.ts';

const numbered = () => acting(...Array.from({ length: 20 }, (_, n) => answers(`Answer ${n + 1}.`)));

describe('CacheMiddleware', () => {
  const cached = (config: object = {}, more: Partial<RigOptions> = {}) =>
    openRig({ rows: [{ type: 'CacheMiddleware', config }], models: { main: numbered() }, ...more });

  it('gives the same answer again to the same person and question, says so, and it is free', async () => {
    const main = numbered();
    const rig = await cached({}, { models: { main } });
    expect((await rig.turn()).text).toBe('Answer 1.');
    rig.clock.move(120_000);
    const again = await rig.turn();
    expect(again).toMatchObject({
      text: 'Answer 1.',
      shown: ['Answer 1.'],
      notices: ['This is the answer of 2 minutes ago, from the cache.'],
    });
    expect(again.steps[0]).toMatchObject({ charges: [{ model: '', cost: { usd: 0, isWhole: true } }] });
    expect(main.requests).toHaveLength(1);
  });

  it.each([
    ['another person', { asker: 'slack:T1:U2' }],
    ['another question', { question: 'And now?' }],
  ])('never to %s', async (_who, other) => {
    const rig = await cached();
    await rig.turn();
    expect((await rig.turn(other)).text).toBe('Answer 2.');
  });

  it('nor with other tools', async () => {
    const store = memoryStore();
    const [one, two] = [
      await cached({}, { store, tools: [tool('look')] }),
      await cached({}, { store, tools: [tool('dig')] }),
    ];
    await one.turn();
    expect((await two.turn()).notices).toEqual([]);
  });

  it('asks anew what is excluded', async () => {
    const rig = await cached({ exclude_patterns: ['right now'] });
    for (const n of [1, 2])
      expect((await rig.turn({ question: 'Load RIGHT now?' })).text).toBe(`Answer ${n}.`);
  });

  it('keeps answers for their time, in the backend that is named', async () => {
    let now = 0;
    const store = memoryStore(100, () => now);
    const rig = await cached({ ttl_seconds: 10 }, { store });
    await rig.turn();
    now = 9999;
    expect((await rig.turn()).text).toBe('Answer 1.');
    now = 10_001;
    expect((await rig.turn()).text).toBe('Answer 2.');
    const alone = await cached({ cache_backend: 'memory', max_entries: 1 }, { store });
    await alone.turn({ question: 'a' });
    await alone.turn({ question: 'b' });
    expect((await alone.turn({ question: 'a' })).text).toBe('Answer 3.');
    const away = await cached({ cache_backend: 'redis' });
    expect((await away.turn()).trace?.skipped?.[0]?.[1]).toContain('there is no Redis');
  });

  it('takes a value that it has not written for none', async () => {
    const inner = memoryStore();
    const store = { ...inner, get: async () => 'not { json' };
    expect((await (await cached({}, { store })).turn()).text).toBe('Answer 1.');
  });

  it('replicas share what one was told', async () => {
    const store = memoryStore();
    await (await cached({}, { store })).turn();
    expect((await (await cached({}, { store })).turn()).notices).toHaveLength(1);
  });

  it('keeps nothing of a turn that has written, of one that was cut, nor of a model that stood in', async () => {
    const write = tool('write', undefined, 'write');
    const writing = await cached(
      {},
      { models: { main: acting(calls(call('a', 'write')), answers('Written.')) }, tools: [write] },
    );
    await writing.turn();
    expect((await writing.turn()).notices).toEqual([]);
    const cut = acting([
      { type: 'text', text: 'Half' },
      { type: 'stop', reason: 'length' },
    ]);
    const short = await cached({}, { models: { main: cut } });
    await short.turn();
    await short.turn();
    expect(cut.requests).toHaveLength(2);
    const second = acting([
      { type: 'text', text: 'Second.' },
      {
        type: 'usage',
        usage: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
        model: 'second',
      },
      { type: 'stop', reason: 'end' },
    ]);
    const rows = [
      { type: 'CacheMiddleware' },
      { type: 'ModelFallbackMiddleware', config: { models: ['second'] }, priority: 55 },
    ];
    const fallen = await openRig({ rows, models: { main: acting(overloaded), second } });
    await fallen.turn();
    await fallen.turn();
    expect(second.requests).toHaveLength(2);
  });

  it('knows a conversation with calls again, whatever ids its vendor makes up', async () => {
    const script = (id: string) => acting(calls(call(id)), answers(`After ${id}.`));
    const store = memoryStore();
    const look = tool('look', async () => ({ text: '42', isError: false }));
    await (await cached({}, { store, models: { main: script('x1') }, tools: [look] })).turn();
    const again = await (await cached({}, { store, models: { main: script('y2') }, tools: [look] })).turn();
    expect(again.text).toBe('After x1.');
  });
});

describe('ToolResultCacheMiddleware', () => {
  function counting(outcome: Partial<ToolOutcome> = {}, more: Partial<Tool> = {}) {
    const runs = { count: 0 };
    const made: Tool = {
      ...tool('look', async () => {
        runs.count += 1;
        return { text: `Result ${runs.count}`, isError: false, ...outcome };
      }),
      ...more,
    };
    return { made, runs };
  }
  const open = (made: Tool, config: object, args: object = {}, more: Partial<RigOptions> = {}) =>
    openRig({
      rows: [{ type: 'ToolResultCacheMiddleware', config }],
      models: {
        main: acting(
          ...Array.from({ length: 9 }, () => [
            calls(call('a', 'look', { ...args })),
            answers('Done.'),
          ]).flat(),
        ),
      },
      tools: [made],
      ...more,
    });
  const results = (steps: readonly Step[]) => steps.filter((step) => step.type === 'result');
  const config = { tools: { look: { ttl: 60, skip_methods: ['POST'] } } };

  it('gives a result again to the same person, as words of the tool that did not run', async () => {
    const { made, runs } = counting();
    const rig = await open(made, config);
    await rig.turn();
    expect(results((await rig.turn()).steps)).toMatchObject([
      { ran: false, isCopy: true, message: { text: 'Result 1', isError: false } },
    ]);
    const { steps } = await rig.turn();
    expect(strangerHeard([], { steps, history: [] })).toBe('look');
    expect(strangerHeard([{ ...made, isTrusted: true }], { steps, history: [] })).toBeUndefined();
    expect(results((await rig.turn({ asker: 'slack:T1:U2' })).steps)).toMatchObject([{ ran: true }]);
    expect(runs.count).toBe(2);
  });

  it.each([
    ['a tool that is not named', counting(), { tools: { dig: {} } }, {}],
    ['a tool that writes', counting({}, { effect: 'write' }), config, {}],
    ['a tool that an admin lets ask', counting({}, { approval: 'ask' }), config, {}],
    ['a failure', counting({ isError: true }), config, {}],
    ['pictures', counting({ images: [{ mimeType: 'image/png', data: '' }] }), config, {}],
    ['a method that is skipped', counting(), config, { method: 'post' }],
  ] as const)('keeps nothing of %s', async (_what, { made, runs }, given, args) => {
    const rig = await open(made, given, args);
    const turn = { approved: made.approval === 'ask' ? ['a'] : [] };
    await rig.turn(turn);
    await rig.turn(turn);
    expect(runs.count).toBe(2);
  });

  it('reads anew once the turn has written, and keeps what it read then', async () => {
    const { made, runs } = counting();
    const change = tool('change', async () => ({ text: 'Changed.', isError: false }), 'write');
    const main = acting(
      calls(call('a', 'look')),
      calls(call('b', 'change')),
      calls(call('c', 'look')),
      answers('Done.'),
      calls(call('d', 'look')),
      answers('Done.'),
    );
    const rig = await open(made, config, {}, { models: { main }, tools: [made, change] });
    const texts = (steps: readonly Step[]) => results(steps).map(({ message }) => message.text);
    expect(texts((await rig.turn()).steps)).toEqual(['Result 1', 'Changed.', 'Result 2']);
    expect(texts((await rig.turn({ turnId: 'next' })).steps)).toEqual(['Result 2']);
    expect(runs.count).toBe(2);
  });

  it('a tool may be called like what every object has', async () => {
    const { made, runs } = counting({}, { name: 'toString', sourceName: 'toString' });
    const models = () => ({ main: acting(calls(call('a', 'toString')), answers('Done.')) });
    const turnWith = async (tools: object) => {
      const rig = await open(made, { tools }, {}, { models: models(), store });
      return await rig.turn();
    };
    const store = memoryStore();
    expect(await turnWith({ look: {} })).toMatchObject({ status: 'done', text: 'Done.' });
    await turnWith({ toString: {} });
    expect(runs.count).toBe(2);
    expect(results((await turnWith({ toString: {} })).steps)).toMatchObject([{ ran: false }]);
  });

  it('takes other arguments, and another definition, for another call', async () => {
    const store = memoryStore();
    const { made, runs } = counting();
    await (await open(made, config, { host: 'a' }, { store })).turn();
    await (await open(made, config, { host: 'b' }, { store })).turn();
    await (await open({ ...made, description: 'New.' }, config, { host: 'a' }, { store })).turn();
    expect(runs.count).toBe(3);
    await (await open(made, { tools: { 'l*k': {} } }, { host: 'a' }, { store })).turn();
    expect(runs.count).toBe(3);
  });
});
