import { describe, expect, it } from 'vitest';
import { isMeant } from '../../src/middleware/tool-again.ts';

const tool = (name: string) => ({ name, sourceName: name.replace(/^.*__/, '') });

describe('the names of tools that a layer is for', () => {
  it.each([
    ['ops__restart', 'ops__restart', true],
    ['restart', 'ops__restart', true],
    ['ops__*', 'ops__restart', true],
    ['*', 'ops__restart', true],
    ['**', 'ops__restart', true],
    ['o*s__re*t', 'ops__restart', true],
    ['*start*', 'ops__restart', true],
    ['ops__restart*', 'ops__restart', true],
    ['ops*restart*', 'ops__restart', true],
    ['restar', 'ops__restart', false],
    ['*restarted', 'ops__restart', false],
    ['a*a', 'a', false],
    ['ab*ba', 'aba', false],
    ['*b*a*', 'ab', false],
    ['o.s*', 'ops__restart', false],
    ['Ops*', 'ops__restart', false],
  ])('%s and %s: %s', (pattern, name, isIt) => {
    expect(isMeant(tool(name), [pattern])).toBe(isIt);
  });

  it('are looked at in no time, however many * they have', () => {
    const begun = performance.now();
    expect(isMeant(tool('a'.repeat(200)), [`${'*a'.repeat(60)}*b`])).toBe(false);
    expect(performance.now() - begun).toBeLessThan(100);
  });
});
