import { getTasks } from 'node-cron';
import { describe, expect, it } from 'vitest';
import { cronProblem, readCron } from '../../src/schedules/cron.ts';

const at = (text: string) => Date.parse(text);
const iso = (times: readonly number[]) => times.map((time) => new Date(time).toISOString().slice(0, 19));

function next(expression: string, zone: string, after: string, count = 3) {
  return iso(readCron(expression, zone).next(at(after), count));
}

describe('a cron expression', () => {
  it('is due by the clocks of its zone', () => {
    expect(next('0 8 * * *', 'Europe/Berlin', '2026-07-01T05:59:59Z', 2)).toEqual([
      '2026-07-01T06:00:00',
      '2026-07-02T06:00:00',
    ]);
    expect(next('0 8 * * *', 'Asia/Kathmandu', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T02:15:00']);
    expect(next('0 0 * * *', 'Pacific/Kiritimati', '2026-01-01T09:00:00Z', 1)).toEqual([
      '2026-01-01T10:00:00',
    ]);
  });

  it('may have seconds', () => {
    expect(next('*/20 * * * * *', 'UTC', '2026-01-01T00:00:05Z')).toEqual([
      '2026-01-01T00:00:20',
      '2026-01-01T00:00:40',
      '2026-01-01T00:01:00',
    ]);
  });

  it('knows weekdays, months, last days and nicknames', () => {
    expect(next('0 9 * * mon-fri', 'UTC', '2026-11-20T10:00:00Z', 1)).toEqual(['2026-11-23T09:00:00']);
    expect(next('0 0 L * *', 'UTC', '2028-02-01T00:00:00Z', 1)).toEqual(['2028-02-29T00:00:00']);
    expect(next('0 0 29 2 *', 'UTC', '2096-03-01T00:00:00Z', 1)).toEqual(['2104-02-29T00:00:00']);
    expect(next('@weekly', 'UTC', '2026-11-21T00:00:00Z', 1)).toEqual(['2026-11-22T00:00:00']);
    expect(next('@monthly', 'UTC', '2026-11-21T00:00:00Z', 1)).toEqual(['2026-12-01T00:00:00']);
  });

  it('is due on a day of the month or on a weekday, where it names both, as in a crontab', () => {
    const either = [
      '2026-11-06',
      '2026-11-13',
      '2026-11-20',
      '2026-11-27',
      '2026-12-04',
      '2026-12-11',
      '2026-12-13',
    ];
    expect(next('0 9 13 * fri', 'UTC', '2026-11-01T00:00:00Z', 7)).toEqual(
      either.map((day) => `${day}T09:00:00`),
    );
    expect(next('0 0 9 13 nov fri', 'UTC', '2026-11-25T00:00:00Z', 2)).toEqual([
      '2026-11-27T09:00:00',
      '2027-11-05T09:00:00',
    ]);
    const cron = readCron('0 9 13 * fri', 'Europe/Berlin');
    expect(iso([cron.latest(at('2026-12-01T00:00:00Z'), at('2026-12-14T00:00:00Z')) ?? 0])).toEqual([
      '2026-12-13T08:00:00',
    ]);
  });

  it('that begins one of the two with a star names the other alone', () => {
    expect(next('0 9 */2 * fri', 'UTC', '2026-11-01T00:00:00Z', 2)).toEqual([
      '2026-11-13T09:00:00',
      '2026-11-27T09:00:00',
    ]);
    expect(next('0 9 13 * *', 'UTC', '2026-11-01T00:00:00Z', 1)).toEqual(['2026-11-13T09:00:00']);
  });

  it('at a fixed time happens once on the day when clocks jump over it', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z')).toEqual([
      '2026-03-28T01:30:00',
      '2026-03-29T01:30:00',
      '2026-03-30T00:30:00',
    ]);
  });

  it('at a fixed time happens once on the day when clocks show it twice', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-24T00:00:00Z')).toEqual([
      '2026-10-24T00:30:00',
      '2026-10-25T00:30:00',
      '2026-10-26T01:30:00',
    ]);
  });

  it('every hour follows the hours that pass, through both changes', () => {
    const spring = next('0 * * * *', 'America/New_York', '2026-03-08T04:30:00Z', 4);
    expect(spring).toEqual([
      '2026-03-08T05:00:00',
      '2026-03-08T06:00:00',
      '2026-03-08T07:00:00',
      '2026-03-08T08:00:00',
    ]);
    const autumn = next('*/30 * * * *', 'America/New_York', '2026-11-01T04:30:00Z', 5);
    expect(autumn).toEqual([
      '2026-11-01T05:00:00',
      '2026-11-01T05:30:00',
      '2026-11-01T06:00:00',
      '2026-11-01T06:30:00',
      '2026-11-01T07:00:00',
    ]);
  });

  it('where a zone skips a whole day, happens as much later', () => {
    expect(next('0 12 * * *', 'Pacific/Apia', '2011-12-29T20:00:00Z')).toEqual([
      '2011-12-29T22:00:00',
      '2011-12-30T22:00:00',
      '2011-12-31T22:00:00',
    ]);
  });

  it('where half an hour is skipped, loses nothing', () => {
    const days = readCron('15 2 * * *', 'Australia/Lord_Howe').next(at('2026-10-01T00:00:00Z'), 6);
    const gaps = days.slice(1).map((time, n) => (time - (days[n] ?? 0)) / 3_600_000);
    expect(days).toHaveLength(6);
    expect(gaps.every((hours) => hours >= 23.5 && hours <= 24.5)).toBe(true);
  });

  it.each([
    ['0 8 * * *', 'Europe/Berlin'],
    ['*/7 * * * *', 'America/New_York'],
    ['30 2 * * *', 'Europe/Berlin'],
    ['0 1 * * sun', 'Australia/Lord_Howe'],
  ])('%s in %s: looking back finds what looking ahead finds', (expression, zone) => {
    const cron = readCron(expression, zone);
    for (const start of [
      '2026-03-07T12:00:00Z',
      '2026-03-28T12:00:00Z',
      '2026-10-24T12:00:00Z',
      '2026-10-31T12:00:00Z',
    ]) {
      const times = cron.next(at(start), 40);
      times.forEach((time, n) => {
        expect(cron.latest(at(start) - 1, time)).toBe(time);
        expect(cron.latest(at(start) - 1, time + 999)).toBe(time);
        if (n > 0) expect(cron.latest(at(start) - 1, time - 1)).toBe(times[n - 1]);
      });
      expect(cron.latest(times[0] ?? 0, times[0] ?? 0)).toBeUndefined();
    }
  });

  it('counts what was missed, up to a limit', () => {
    const cron = readCron('0 * * * *', 'UTC');
    expect(cron.count(at('2026-01-01T00:00:00Z'), at('2026-01-02T00:00:00Z'), 100)).toBe(24);
    expect(cron.count(at('2026-01-01T00:00:00Z'), at('2027-01-02T00:00:00Z'), 100)).toBe(100);
  });

  it('that is wrong is refused in a sentence', () => {
    for (const wrong of ['', 'x', '61 * * * *', '* * * * * * *', '0 0 31 2 *', '@never'])
      expect(cronProblem(wrong)).toMatch(/^This is no cron expression.*\.$/);
    expect(cronProblem('*/5 * * * *')).toBeUndefined();
  });

  it('leaves nothing behind that would run', () => {
    readCron('* * * * * *', 'UTC').next(0, 1);
    expect(getTasks().size).toBe(0);
  });
});
