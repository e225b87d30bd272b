import { expect, it } from 'vitest';
import { traceText } from '../../src/chat/trace-text.ts';
import { acting, answers, call, calls, openRig, tool } from './harness.ts';

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
