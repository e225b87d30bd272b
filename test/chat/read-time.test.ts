import { describe, expect, it } from 'vitest';
import { readTime, timeInWords } from '../../src/chat/read-time.ts';

const now = Date.parse('2026-11-22T12:34:56.000Z');
const berlin = { now, timezone: 'Europe/Berlin' };

describe('a time', () => {
  it.each([
    ['2027-01-31', '2027-01-30T23:00:00.000Z'],
    ['2027-07-31', '2027-07-30T22:00:00.000Z'],
    ['2027-01-31 09:00', '2027-01-31T08:00:00.000Z'],
    ['2027-01-31T9:05', '2027-01-31T08:05:00.000Z'],
    ['2027-01-31 at 09:00', '2027-01-31T08:00:00.000Z'],
    ['today', '2026-11-21T23:00:00.000Z'],
    ['Tomorrow', '2026-11-22T23:00:00.000Z'],
    ['tomorrow at 9:00', '2026-11-23T08:00:00.000Z'],
    ['30d', '2026-12-22T12:34:56.000Z'],
    ['in 2 weeks', '2026-12-06T12:34:56.000Z'],
    ['90m', '2026-11-22T14:04:56.000Z'],
    ['in 12 hours', '2026-11-23T00:34:56.000Z'],
    ['3 months', '2027-02-22T12:34:56.000Z'],
    ['1 year from now', '2027-11-22T12:34:56.000Z'],
    ['150d', '2027-04-21T11:34:56.000Z'],
    // Clocks go from 02:00 to 03:00.
    ['2027-03-28 02:30', '2027-03-28T01:30:00.000Z'],
    // This time comes twice.
    ['2027-10-31 02:30', '2027-10-31T00:30:00.000Z'],
  ])('may be written as %j', (text, time) => {
    expect(readTime(text, berlin)).toBe(time);
  });

  it('ends with the month where the later one is shorter', () => {
    expect(readTime('1 month', { now: Date.parse('2027-01-31T10:00:00Z'), timezone: 'UTC' })).toBe(
      '2027-02-28T10:00:00.000Z',
    );
  });

  it.each(['', 'soon', '2027-02-30', '2027-13-01', '2027-01-31 25:00', 'in weeks', '99999 years', '-3d'])(
    'is not %j',
    (text) => expect(readTime(text, berlin)).toBeUndefined(),
  );

  it('is told by the clocks of a zone', () => {
    expect(timeInWords('2027-01-30T23:00:00.000Z', 'Europe/Berlin')).toBe('Sun, 31 Jan 2027, 00:00 CET');
  });
});
