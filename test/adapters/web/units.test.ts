import { describe, expect, it } from 'vitest';
import { countWords, durationWords, moneyWords } from '../../../adapters/web/client/manage/units.ts';

describe('units in words', () => {
  it.each([
    [0, '0 ms'],
    [240.4, '240 ms'],
    [1000, '1 s'],
    [15_300, '15.3 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min'],
    [125_000, '2 min 5 s'],
    [3_599_700, '1 h'],
    [11_100_000, '3 h 5 min'],
  ])('say that %d ms are %s', (ms, words) => {
    expect(durationWords(ms)).toBe(words);
  });

  it.each([
    [0, '$0.00'],
    [0.00004, '<$0.0001'],
    [0.0042, '$0.0042'],
    [0.1275, '$0.13'],
    [12, '$12.00'],
  ])('say that %d dollars are %s', (usd, words) => {
    expect(moneyWords(usd)).toBe(words);
  });

  it('count one as one', () => {
    expect([0, 1, 12].map((count) => countWords(count, 'runs'))).toEqual(['no runs', '1 run', '12 runs']);
    expect(countWords(1, 'entries')).toBe('1 entry');
  });
});
