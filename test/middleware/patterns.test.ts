import { describe, expect, it } from 'vitest';
import { pattern, patternOf } from '../../src/middleware/patterns.ts';

const problemsOf = (text: string) => pattern.safeParse(text).error?.issues.map(({ message }) => message);

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

  it.each(['(a+)+$', '(a|a)+$', '(.*a){20}x', '(a?){30}b'])('%s takes no time that explodes', (text) => {
    // A backtracking engine would not end within the life of the test.
    expect(patternOf(text).test(`${'a'.repeat(50_000)}!`)).toBe(false);
  });
});
