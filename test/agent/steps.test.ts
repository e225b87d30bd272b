import { describe, expect, it } from 'vitest';
import { modelSteps, openCalls, type Step, stepMessages } from '../../src/agent/steps.ts';
import { call, modelStep, resultStep, said } from './stage.ts';

const begun = (callId: string): Step => ({ type: 'begun', callId, digest: 'd' });
const openIds = (steps: readonly Step[]) => openCalls(steps).map((open) => open.call.id);
const texts = (steps: readonly Step[]) => stepMessages(steps).map((message) => message.text);

describe('open calls', () => {
  it('are none before the model has spoken', () => {
    expect(openIds([])).toEqual([]);
    expect(openIds([said('hello')])).toEqual([]);
  });

  it('are those without a result, in the order of the calls', () => {
    const asked = modelStep('', call('a'), call('b'), call('c'));
    expect(openIds([asked])).toEqual(['a', 'b', 'c']);
    expect(openIds([asked, resultStep('b')])).toEqual(['a', 'c']);
  });

  it('are only those of the newest model step', () => {
    const steps = [modelStep('', call('old')), resultStep('old'), modelStep('', call('new'))];
    expect(openIds(steps)).toEqual(['new']);
  });

  it('know every earlier beginning of their own call', () => {
    const open = openCalls([modelStep('', call('a'), call('b')), begun('a'), begun('b'), begun('a')]);
    expect(open.map((item) => item.begun.length)).toEqual([2, 1]);
  });

  it('have not begun any more once they were found to need their asker', () => {
    const needed: Step = { type: 'needed', callId: 'a', need: 'form', durationMs: 1 };
    const steps = [modelStep('', call('a'), call('b')), begun('a'), begun('b'), needed];
    expect(openCalls(steps).map((item) => item.begun.length)).toEqual([0, 1]);
    expect(openCalls([...steps, begun('a')]).map((item) => item.begun.length)).toEqual([1, 1]);
    const open = [modelStep('', call('a')), begun('a'), { ...needed, mayHaveRun: true } as const];
    expect(openCalls(open).map((item) => item.begun.length)).toEqual([1]);
  });
});

describe('the messages of steps', () => {
  it('put results behind the message that asked, in the order of the calls and not of their ends', () => {
    const steps = [modelStep('both', call('a'), call('b')), resultStep('b'), resultStep('a')];
    expect(texts(steps)).toEqual(['both', 'result of a', 'result of b']);
  });

  it('put what the asker said meanwhile after the results', () => {
    const steps = [
      modelStep('both', call('a'), call('b')),
      resultStep('b'),
      said('hurry'),
      resultStep('a'),
      modelStep('done'),
    ];
    expect(texts(steps)).toEqual(['both', 'result of a', 'result of b', 'hurry', 'done']);
  });

  it('keep what was said before the first model step and after the last', () => {
    expect(texts([said('one'), modelStep('two'), said('three'), said('four')])).toEqual([
      'one',
      'two',
      'three',
      'four',
    ]);
  });

  it('do not show that a write began', () => {
    expect(texts([modelStep('go', call('a')), begun('a'), resultStep('a')])).toEqual(['go', 'result of a']);
  });
});

it('counts model calls only', () => {
  expect(modelSteps([said('x'), modelStep('', call('a')), resultStep('a'), modelStep('end')])).toBe(2);
});
