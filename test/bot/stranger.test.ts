import { expect, test } from 'vitest';
import { exchange } from '../../src/agent/budget.ts';
import { strangerHeard } from '../../src/bot/stranger.ts';
import { call, modelStep, resultStep, tool } from '../agent/stage.ts';

const trusted = { ...tool('look'), isTrusted: true };
const untrusted = tool('look');
const looked = [modelStep('', call('a', 'look')), resultStep('a')];
const asked = exchange([{ role: 'user', text: 'Look.' }]);

test('nothing was heard before a tool has answered', () => {
  const steps = [modelStep('', call('a', 'look'))];
  expect(strangerHeard([untrusted], { steps, history: [asked] })).toBeUndefined();
});

test('the result of a tool that nobody vouches for may hold the words of strangers', () => {
  expect(strangerHeard([untrusted], { steps: looked, history: [] })).toBe('look');
  expect(strangerHeard([trusted], { steps: looked, history: [] })).toBeUndefined();
});

test('so may that of a tool that is not known any more', () => {
  expect(strangerHeard([], { steps: looked, history: [] })).toBe('look');
});

test('what the bot itself says of a call that did not run is nobody else’s', () => {
  const steps = [modelStep('', call('a', 'look')), resultStep('a', 'Not run: Ada denied it.', false)];
  expect(strangerHeard([untrusted], { steps, history: [] })).toBeUndefined();
});

test('what a person said in place of a tool is no stranger’s, now and later', () => {
  const { message } = resultStep('a', 'Ada answered: it is up.', false);
  const answered = exchange([...asked.messages, { ...message, isPersons: true }]);
  expect(strangerHeard([untrusted], { steps: [], history: [answered] })).toBeUndefined();
});

test('a tool that was called through another speaks for itself, and what is read again for who said it', () => {
  const through = { ...resultStep('a').message, name: 'call_tool', tool: 'look' };
  const heard = (message: typeof through & { readonly wordsOf?: string }) =>
    strangerHeard([trusted, { ...tool('read_result'), isTrusted: true }], {
      steps: [],
      history: [exchange([message])],
    });
  expect(heard(through)).toBeUndefined();
  expect(heard({ ...through, tool: 'other' })).toBe('other');
  expect(heard({ ...through, tool: 'read_result' })).toBeUndefined();
  expect(heard({ ...through, tool: 'read_result', wordsOf: 'other' })).toBe('other');
});

test('what an earlier turn heard is heard again with the history', () => {
  const messages = [...asked.messages, ...looked.map((step) => step.message)];
  expect(strangerHeard([untrusted], { steps: [], history: [exchange(messages)] })).toBe('look');
});
