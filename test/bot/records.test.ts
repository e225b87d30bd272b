import { expect, test } from 'vitest';
import { recordsOf } from '../../src/bot/journal.ts';
import { resultStep } from '../agent/stage.ts';

test('the audit log names the tool that ran, whatever it was called through', () => {
  const step = resultStep('a');
  const through = { ...step, message: { ...step.message, name: 'call_tool', tool: 'ops__look' } };
  expect(recordsOf(through, 'web:ada').audit).toMatchObject([{ action: 'tool.call', target: 'ops__look' }]);
  expect(recordsOf(step, 'web:ada').audit).toMatchObject([{ target: 'look' }]);
});
