import { describe, expect, it } from 'vitest';
import { missingArguments, speakerOf, toolOf, toRun } from '../../src/agent/indirect.ts';
import { countRepeats } from '../../src/agent/repeats.ts';
import { openCalls } from '../../src/agent/steps.ts';
import { call, modelStep, resultStep, tool } from './stage.ts';

const through = (args: object, id = 'a') => call(id, 'call_tool', { ...args });

describe('a call through call_tool', () => {
  it('is run as the call inside, under the same id', () => {
    const asked = through({ name: 'host__disk', arguments: { path: '/' } });
    expect(toRun(asked)).toEqual(call('a', 'host__disk', { path: '/' }));
  });

  it.each([
    ['an object', { path: '/' }, { path: '/' }],
    ['the text of one', '{"path": "/"}', { path: '/' }],
    ['nothing', undefined, {}],
    ['an empty text', '', {}],
  ])('takes arguments as %s', (_what, args, expected) => {
    expect(toRun(through({ name: 'x', arguments: args }))).toEqual(call('a', 'x', expected));
  });

  it.each(['[1]', 'no json', 7])('says that %s are no arguments', (args) => {
    expect(toRun(through({ name: 'x', arguments: args }))).toMatchObject({
      name: 'x',
      invalid: '`arguments` must be a JSON object.',
    });
  });

  it('needs a name, which is not its own', () => {
    expect(toRun(through({})).invalid).toMatch(/needs the tool's `name`/);
    expect(toRun(through({ name: 'call_tool', arguments: {} })).invalid).toMatch(/cannot call itself/);
  });

  it('misses what only has the name of something that every object has', () => {
    const named = { ...tool('x'), inputSchema: { required: ['toString', 'path'] } };
    expect(missingArguments(named, { path: '/' })).toEqual(['toString']);
  });

  it('that its vendor could not read stays as it is', () => {
    const asked = { ...through({}), invalid: 'not JSON' };
    expect(toRun(asked)).toBe(asked);
  });

  it('stays open with both faces until it has a result', () => {
    const asked = through({ name: 'x', arguments: {} });
    const steps = [modelStep('', asked)];
    expect(openCalls(steps)).toEqual([{ call: call('a', 'x'), asked, begun: [] }]);
    expect(openCalls([...steps, resultStep('a')])).toEqual([]);
  });

  it('is the same call as a direct one when calls are counted', () => {
    const steps = [modelStep('', through({ name: 'x', arguments: { n: 1 } })), resultStep('a')];
    const isTooMany = countRepeats(steps, 1);
    expect(isTooMany(call('b', 'x', { n: 2 }))).toBe(false);
    expect(isTooMany(call('c', 'x', { n: 1 }))).toBe(true);
  });
});

it('knows the tool that ran and the one whose words a result holds', () => {
  expect(toolOf({ name: 'call_tool', tool: 'x' })).toBe('x');
  expect(toolOf({ name: 'x' })).toBe('x');
  expect(speakerOf({ name: 'call_tool', tool: 'read_result', wordsOf: 'y' })).toBe('y');
  expect(speakerOf({ name: 'call_tool', tool: 'x' })).toBe('x');
});

it('names the required arguments that are not there', () => {
  const inputSchema = { type: 'object', properties: {}, required: ['a', 'b'] };
  expect(missingArguments({ ...tool('x'), inputSchema }, { b: null })).toEqual(['a']);
  expect(missingArguments(tool('x'), {})).toEqual([]);
});
