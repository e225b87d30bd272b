import { describe, expect, it } from 'vitest';
import type { Middleware, ModelNext, ToolInput } from '../../src/agent/middleware.ts';
import { compose } from '../../src/middleware/compose.ts';
import { call, tool } from '../agent/stage.ts';

const signal = new AbortController().signal;
const request = { system: '', messages: [], tools: [] };
const turn = { turnId: 't', threadId: 'web:x:y', asker: 'web:x', activation: 'start', model: '' } as const;

/** A layer that writes down when it is entered and left. */
function layer(name: string, priority: number, trace: string[]): Middleware {
  return {
    name,
    priority,
    async turn(input, next) {
      trace.push(`> ${name}`);
      const result = await next(input);
      trace.push(`< ${name}`);
      return result;
    },
    async *model(asked, next, own) {
      trace.push(`> ${name}`);
      yield* next(asked, own);
      trace.push(`< ${name}`);
    },
    async tool(input, next, own) {
      trace.push(`> ${name}`);
      const answer = await next(input, own);
      trace.push(`< ${name}`);
      return answer;
    },
  };
}

const around = (...names: readonly string[]) => [
  ...names.map((name) => `> ${name}`),
  'core',
  ...names.toReversed().map((name) => `< ${name}`),
];

describe('composed middleware', () => {
  it('runs priority 1 to 100 on the way in and 100 to 1 on the way out, around all three', async () => {
    const trace: string[] = [];
    const onions = compose([layer('last', 100, trace), layer('first', 1, trace), layer('mid', 50, trace)]);

    await onions.turn(async () => {
      trace.push('core');
      return { status: 'done' };
    })(turn);
    expect(trace.splice(0)).toEqual(around('first', 'mid', 'last'));

    const speak: ModelNext = async function* () {
      trace.push('core');
      yield { type: 'stop', reason: 'end' };
    };
    for await (const event of onions.model(speak)(request, signal)) expect(event.type).toBe('stop');
    expect(trace.splice(0)).toEqual(around('first', 'mid', 'last'));

    const input: ToolInput = { call: call('a'), tool: tool('look'), begun: [], approved: false };
    await onions.tool(async () => {
      trace.push('core');
      return { type: 'ask', reason: '' };
    })(input, signal);
    expect(trace).toEqual(around('first', 'mid', 'last'));
  });

  it('goes by name where priorities are equal, whatever order they are given in', async () => {
    for (const names of [
      ['a', 'b', 'c'],
      ['c', 'a', 'b'],
    ]) {
      const trace: string[] = [];
      const onions = compose(names.map((name) => layer(name, 10, trace)));
      await onions.turn(async () => ({ status: 'done' }))(turn);
      expect(trace.slice(0, 3)).toEqual(['> a', '> b', '> c']);
    }
  });

  it('lets the first word through before the last one is spoken', async () => {
    const trace: string[] = [];
    const speak: ModelNext = async function* () {
      yield { type: 'text', text: 'one' };
      trace.push('spoke one');
      yield { type: 'text', text: 'two' };
    };
    const onions = compose([layer('a', 1, []), layer('b', 2, [])]);
    for await (const event of onions.model(speak)(request, signal)) {
      if (event.type === 'text') trace.push(`heard ${event.text}`);
    }
    expect(trace).toEqual(['heard one', 'spoke one', 'heard two']);
  });

  it('costs nothing where a layer has no part', () => {
    const speak: ModelNext = async function* () {};
    expect(compose([{ name: 'silent', priority: 5 }]).model(speak)).toBe(speak);
  });
});
