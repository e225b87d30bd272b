import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ModelNext } from '../../src/agent/middleware.ts';
import { layerEnd, traceText } from '../../src/chat/trace-text.ts';
import { memoryStore } from '../../src/middleware/shared.ts';
import { acting, answers, call, calls, openRig, overloaded, tool } from './harness.ts';

it('shows what each layer lay around, in the order in which they were entered, and who answered itself', async () => {
  const rig = await openRig({
    rows: [
      { type: 'LoggingMiddleware', priority: 10 },
      { type: 'ToolCallLimitMiddleware', priority: 40, config: { run_limit: 1 } },
      { type: 'ModelCallLimitMiddleware', priority: 30, config: { run_limit: 1 } },
      { type: 'ShellToolMiddleware', priority: 5 },
    ],
    models: { main: acting(calls(call('a'), call('b')), answers('Never.')) },
    tools: [tool('look')],
  });
  const { trace } = await rig.turn();
  expect(trace?.layers).toEqual([
    ['LoggingMiddleware', 10],
    ['ModelCallLimitMiddleware', 30],
    ['ToolCallLimitMiddleware', 40],
  ]);
  expect(trace?.skipped).toMatchObject([
    [
      'ShellToolMiddleware',
      expect.stringContaining('ShellToolMiddleware is not built into this version: its commands'),
    ],
  ]);
  const entered = trace?.spans.map(([layer, onion, , , , inside]) => [layer, onion, inside]);
  expect(entered?.filter(([, onion]) => onion !== 2)).toEqual([
    [0, 0, 1],
    [0, 1, 1],
    [1, 1, 1],
    [0, 1, 1],
    [1, 1, 0],
  ]);
  expect(entered?.filter(([, onion]) => onion === 2).sort()).toEqual([
    [0, 2, 1],
    [0, 2, 1],
    [2, 2, 0],
    [2, 2, 1],
  ]);
  for (const [, , atMs, inMs, , inside] of trace?.spans ?? [])
    expect([atMs >= 0, inMs >= 0 || inside === 0]).toEqual([true, true]);
  const text = traceText(trace === undefined ? [] : [trace]);
  expect(text).toContain('| tool call | 40 ToolCallLimitMiddleware |');
  expect(text).toContain('answered itself');
  expect(text).toContain('ShellToolMiddleware was left out');
  expect(traceText([])).toBe('No layer of this turn has been written down.');
});

it('shows how long each call took, what models used, what failed, and which layer threw', async () => {
  const rig = await openRig({
    rows: [
      { type: 'LoggingMiddleware' },
      { type: 'ToolCallLimitMiddleware', config: { run_limit: 1, exit_behavior: 'error' } },
    ],
    models: {
      main: acting(
        calls(call('a', 'look')),
        calls(call('b', 'fail')),
        answers('Fine.', { input: 40, output: 2 }),
      ),
    },
    tools: [tool('look'), tool('fail', async () => ({ text: 'no', isError: true }))],
  });
  const { trace, status } = await rig.turn();
  expect(status).toBe('failed');
  expect(trace?.calls?.map(([onion, name, , , error]) => [onion, name, error])).toEqual([
    [1, 'main', ''],
    [2, 'look', ''],
    [1, 'main', ''],
  ]);
  expect(trace?.failed?.length).toBeGreaterThan(0);
  const fine = await rig.turn({ steps: [] });
  expect(fine.trace?.calls?.at(-1)).toEqual([1, 'main', expect.any(Number), expect.any(Number), '', 40, 2]);
  expect(fine.trace).toMatchObject({ beganAt: expect.any(Number), ms: expect.any(Number) });
  const text = traceText([trace, fine.trace].flatMap((one) => one ?? []));
  expect(text).toContain('40 in, 2 out');
  expect(text).toContain('ended with an error');
  const limited = await openRig({
    rows: [{ type: 'ModelCallLimitMiddleware', config: { run_limit: 1, exit_behavior: 'error' } }],
    models: { main: acting(calls(call('a', 'look')), answers('Never.')) },
    tools: [tool('look')],
  });
  expect(traceText([(await limited.turn()).trace].flatMap((one) => one ?? []))).toMatch(
    /model call \| \d+ ModelCallLimitMiddleware \|.*\| ended the turn \|/,
  );
  const broken = await openRig({
    rows: [{ type: 'LoggingMiddleware' }],
    models: { main: acting(overloaded) },
  });
  expect((await broken.turn()).trace?.calls?.[0]?.[4]).toBe('overloaded');
});

it('a model that a layer asks aside has a line of its own, which says who asked', async () => {
  const judge: ModelNext = async function* () {
    await sleep(60);
    yield* answers('{"flagged": false}', { input: 7, output: 3 });
  };
  const rig = await openRig({
    rows: [{ type: 'ModerationMiddleware', config: { model: 'judge', check_output: false } }],
    models: { main: acting(answers('Fine.', { input: 40, output: 2 })), judge },
  });
  const { trace } = await rig.turn();
  const any = expect.any(Number);
  expect(trace?.calls).toEqual([
    [1, 'judge', any, any, '', 7, 3, 'ModerationMiddleware'],
    [1, 'main', any, any, '', 40, 2],
  ]);
  expect(trace?.calls?.[0]?.[3]).toBeGreaterThan(50);
  expect(traceText(trace === undefined ? [] : [trace])).toMatch(
    /model call \| judge, asked by ModerationMiddleware \| [\d.]+ ms \| 7 in, 3 out \|/,
  );
  const broken = await openRig({
    rows: [{ type: 'ModerationMiddleware', config: { model: 'judge' } }],
    models: { main: acting(answers('Fine.')), judge: acting(overloaded) },
  });
  expect((await broken.turn()).trace?.calls?.[0]).toMatchObject({ 1: 'judge', 4: 'overloaded' });
});

it('says how long a layer around a model took after the last word from inside', async () => {
  const store = { ...memoryStore(), set: async () => await sleep(60) };
  const rig = await openRig({
    rows: [
      { type: 'CacheMiddleware', priority: 50 },
      { type: 'LoggingMiddleware', priority: 10 },
      { type: 'RetryMiddleware', priority: 60 },
    ],
    models: { main: acting(answers('Fine.')) },
    store,
  });
  const { trace } = await rig.turn();
  const ways = trace?.spans.flatMap(([layer, onion, , , out]) =>
    onion === 1 ? [[trace.layers[layer]?.[0], out] as const] : [],
  );
  expect(ways?.map(([type]) => type)).toEqual(['LoggingMiddleware', 'CacheMiddleware', 'RetryMiddleware']);
  const [logging = -1, cache = -1, retry = -1] = ways?.map(([, out]) => out) ?? [];
  expect(cache).toBeGreaterThan(50);
  for (const quick of [logging, retry]) {
    expect(quick).toBeGreaterThanOrEqual(0);
    expect(quick).toBeLessThan(50);
  }
});

it('says of a layer that threw that it ended the turn or failed, and not that it answered', async () => {
  const limited = await openRig({
    rows: [{ type: 'ToolCallLimitMiddleware', config: { run_limit: 1, exit_behavior: 'error' } }],
    models: { main: acting(calls(call('a')), calls(call('b')), answers('Never.')) },
    tools: [tool('look')],
  });
  const text = traceText([(await limited.turn()).trace].flatMap((one) => one ?? []));
  expect(text).toMatch(/\| tool call \| \d+ ToolCallLimitMiddleware \|.*\| ended the turn \|/);
  const judged = await openRig({
    rows: [{ type: 'ModerationMiddleware', config: { model: 'judge' } }],
    models: { main: acting(answers('Never.')), judge: acting(overloaded) },
  });
  const { trace } = await judged.turn();
  const seen = traceText(trace === undefined ? [] : [trace]);
  expect(seen).toMatch(/\| model call \| \d+ ModerationMiddleware \|.*\| ended with an error \|/);
  expect(text + seen).not.toContain('answered itself');
  expect(trace?.spans.map((_, at) => layerEnd(trace, at))).toEqual(['failed']);
});

it('keeps no more than so many, and says how many there were', async () => {
  const many = Array.from({ length: 300 }, (_, n) => call(`c${n}`, 'look', { n }));
  const rig = await openRig({
    rows: [{ type: 'LoggingMiddleware' }, { type: 'ToolErrorHandlerMiddleware', config: {} }],
    models: { main: acting(calls(...many), answers('Fine.')) },
    tools: [tool('look', async () => ({ text: 'ok', isError: false }))],
  });
  const { trace } = await rig.turn();
  expect(trace?.spans).toHaveLength(400);
  expect(trace?.more).toBeGreaterThan(0);
});
