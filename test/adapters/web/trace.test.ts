import { expect, it } from 'vitest';
import {
  type Entered,
  spelledMs,
  type TracedActivation,
  type TracedCall,
  waterfallOf,
} from '../../../adapters/web/client/manage/trace.ts';

const entered = (layer: string, around: Entered['around'], at_ms: number): Entered => ({
  ...{ layer, around, at_ms },
  ...{ in_ms: 0.1, out_ms: null, calls: 1, failed: false, end: null },
});
const call = (around: TracedCall['around'], name: string, at_ms: number, duration_ms: number) => ({
  ...{ around, name, at_ms, duration_ms },
});
const traced = (parts: Partial<TracedActivation>): TracedActivation => ({
  ...{ began_at: null, duration_ms: 100, layers: [], skipped: [], calls: [], entered: [], more: 0 },
  ...parts,
});

it('puts each layer under the call that it lay around, also of calls that ran at once', () => {
  const { totalMs, turn, calls, rest } = waterfallOf(
    traced({
      calls: [
        call('model call', 'm', 1, 20),
        call('tool call', 'slow', 21, 50),
        call('tool call', 'fast', 21, 10),
      ],
      entered: [
        entered('Logging', 'turn', 0),
        entered('Logging', 'model call', 1.1),
        entered('Retry', 'model call', 1.2),
        entered('Logging', 'tool call', 21),
        entered('Cache', 'tool call', 21.1),
        entered('Logging', 'tool call', 21.2),
        entered('Cache', 'tool call', 21.3),
      ],
    }),
  );
  expect(totalMs).toBe(100);
  expect(turn.map(({ layer }) => layer)).toEqual(['Logging']);
  expect(calls.map(({ call: { name }, layers }) => [name, layers.map(({ layer }) => layer)])).toEqual([
    ['m', ['Logging', 'Retry']],
    ['slow', ['Logging', 'Cache']],
    ['fast', ['Logging', 'Cache']],
  ]);
  expect(rest).toEqual([]);
});

it('puts no layer under a call that a layer asked aside', () => {
  const { calls } = waterfallOf(
    traced({
      calls: [
        { ...call('model call', 'judge', 2, 10), asked_by: 'Moderation' },
        call('model call', 'm', 1, 30),
      ],
      entered: [
        entered('Moderation', 'model call', 1.1),
        entered('Retry', 'model call', 2.1),
        entered('Retry', 'model call', 2.2),
      ],
    }),
  );
  expect(calls.map(({ call: { name }, layers }) => [name, layers.length])).toEqual([
    ['m', 3],
    ['judge', 0],
  ]);
});

it('keeps what it cannot place: older traces tell of no calls', () => {
  const only = entered('Logging', 'model call', 4);
  expect(waterfallOf(traced({ duration_ms: null, entered: [only] }))).toMatchObject({
    ...{ rest: [only], calls: [], totalMs: 4.1 },
  });
});

it.each([
  [0.44, '0.4 ms'],
  [812.4, '812 ms'],
  [1430, '1.4 s'],
])('spells %f as %s', (ms, words) => {
  expect(spelledMs(ms)).toBe(words);
});
