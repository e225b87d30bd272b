import { expect, it } from 'vitest';
import { callKey, countRepeats } from '../../src/agent/repeats.ts';
import { call, modelStep, resultStep } from './stage.ts';

const same = (id: string) => call(id, 'look', { host: 'db', port: 1 });

it('knows the same call whatever the order of its arguments', () => {
  expect(callKey(same('a'))).toBe(callKey(call('b', 'look', { port: 1, host: 'db' })));
  expect(callKey(same('a'))).not.toBe(callKey(call('b', 'look', { port: 1, host: 'web' })));
});

it('lets a call run so many times and no more', () => {
  const steps = [modelStep('', same('a')), resultStep('a'), modelStep('', same('b')), resultStep('b')];
  const isOneTooMany = countRepeats(steps, 3);
  expect(isOneTooMany(same('c'))).toBe(false);
  expect(isOneTooMany(same('d'))).toBe(true);
});

it('counts parallel calls of one step', () => {
  const isOneTooMany = countRepeats([], 2);
  expect([same('a'), same('b'), same('c')].map(isOneTooMany)).toEqual([false, false, true]);
});

it('does not count calls that were refused, nor other calls', () => {
  const steps = [
    modelStep('', same('a'), call('x')),
    resultStep('a', 'denied', false),
    resultStep('x'),
    modelStep('', same('b')),
  ];
  expect(countRepeats(steps, 1)(same('c'))).toBe(false);
});
