import { expect, it } from 'vitest';
import { traceText } from '../../src/chat/trace-text.ts';
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
