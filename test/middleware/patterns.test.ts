import { describe, expect, it } from 'vitest';
import { pattern, patternOf } from '../../src/middleware/patterns.ts';

const problemsOf = (text: string) => pattern.safeParse(text).error?.issues.map(({ message }) => message);

/** Letters in no order that a machine could learn. */
function ab(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 16) & 1 ? 'a' : 'b';
  }).join('');
}

describe('a pattern of an admin', () => {
  it.each([
    ['(', 'This is not a regular expression.'],
    ['a(?=b)', 'This regular expression uses lookaround'],
    ['(a)\\1', 'This regular expression uses lookaround or a backreference'],
    ['[a-z]{1000}[a-z]{1000}[a-z]{1000}[a-z]{1000}[a-z]{1000}[a-z]{1000}', 'is too large'],
  ])('%s is refused: %s', (text, reason) => {
    expect(problemsOf(text)?.join()).toContain(reason);
  });

  it.each(['\\bE\\d{4}\\b', '^ops-[0-9]+$', '\\u0041b', '(?<year>\\d{4})', '\\p{L}+', 'a\\/b'])(
    '%s is taken as JavaScript writes it',
    (text) => {
      expect(problemsOf(text)).toBeUndefined();
    },
  );

  it('is looked for in any case and in each line, and finds places that are not empty', () => {
    expect(patternOf('^ops-\\d+$').test('first\nOPS-12\nlast')).toBe(true);
    expect(patternOf('x*').find('axxb')).toEqual([{ start: 1, end: 3 }]);
    expect(patternOf('É|😀').replace('aé😀b', '.')).toBe('a..b');
  });

  it.each([
    ['(?:[ab]{1,40}a){1,8}c', ''],
    ['[a-z]{1,200}z{5}q', 'zzzzzq'],
  ])('%s ends a turn before everything else has waited long, in a text that is too long', (text, end) => {
    expect(problemsOf(text)).toBeUndefined();
    const begun = performance.now();
    expect(() => patternOf(text).find(`${ab(100_000)}${end}`)).toThrow(
      expect.objectContaining({ words: expect.objectContaining({ code: 'pattern_too_slow' }) }),
    );
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(patternOf('b').find(`${'a'.repeat(400_000)}b`)).toHaveLength(1);
  });

  it('finds the same in a long text as in a short one', () => {
    const text = `${'x'.repeat(100_000)}\nOps-12 and ops-34`;
    const { find, test, replace } = patternOf('ops-\\d{2,40}');
    expect(find(text)).toEqual([
      { start: 100_001, end: 100_007 },
      { start: 100_012, end: 100_018 },
    ]);
    expect([test(text), test('x'.repeat(100_000))]).toEqual([true, false]);
    expect(replace(text, '-').slice(-7)).toBe('- and -');
  });

  it.each(['(a+)+$', '(a|a)+$', '(.*a){20}x', '(a?){30}b'])('%s takes no time that explodes', (text) => {
    // A backtracking engine would not end within the life of the test.
    expect(patternOf(text).test(`${'a'.repeat(50_000)}!`)).toBe(false);
  });
});
