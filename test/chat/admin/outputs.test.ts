import { describe, expect, it } from 'vitest';
import { noneOf } from '../../../src/chat/admin/board.ts';
import { outputText } from '../../../src/chat/admin/outputs.ts';

describe('what an action gave', () => {
  it('counts in words', () => {
    const tested = { ok: true, text: 'OK', latency_ms: 12 };
    expect(outputText({ ...tested, tokens: 1 })).toContain('with 1 token.');
    expect(outputText({ ...tested, tokens: 2 })).toContain('with 2 tokens.');
    const tool = { name: 'look', effect: 'read', state: 'waiting' };
    const tools = (count: number, waiting: number) =>
      outputText({ count, waiting, tools: Array.from({ length: count }, () => tool) });
    expect(tools(1, 1)).toContain('1 waits to be accepted.');
    expect(tools(2, 2)).toContain('2 wait to be accepted.');
    expect(tools(41, 0)).toContain('1 more is not shown.');
    expect(tools(42, 0)).toContain('2 more are not shown.');
    const run = { due: '2026-11-22T02:47:00Z', outcome: 'done' };
    const runs = (length: number) => outputText({ runs: Array.from({ length }, () => run) });
    expect(runs(11)).toContain('1 older one is not shown.');
    expect(runs(12)).toContain('2 older ones are not shown.');
  });
});

describe('a list with nothing in it', () => {
  it('says so, of what has no plural too', () => {
    expect(noneOf({ one: 'middleware', many: 'middleware' })).toBe('There is no middleware yet.');
    expect(noneOf({ one: 'grant', many: 'grants' })).toBe('There are no grants yet.');
  });
});
