import { describe, expect, it } from 'vitest';
import {
  type Attended,
  decide,
  type MonitorState,
  type Saying,
} from '../../src/schedules/monitor-verdict.ts';
import type { Damping } from '../../src/schedules/port.ts';
import type { Verdict } from '../../src/schedules/verdict.ts';

const minuteMs = 60_000;
const damping: Damping = { confirmations: 2, flapChanges: 4, flapMs: 60 * minuteMs };
const letters: Readonly<Record<string, Verdict>> = { o: 'ok', u: 'unknown', w: 'warning', c: 'critical' };
const attendedAs: Readonly<Record<string, Attended>> = { a: 'acknowledged', s: 'snoozed' };

/**
 * Looks once a minute, from minute 1, at what letters stand for (o ok, u unknown, w warning, c critical); behind
 * one, `a`: somebody has acknowledged by then, `s`: it is snoozed. What was said, by the minute.
 */
function watched(looks: string, settings: Partial<Damping> = {}): readonly string[] {
  const all = [...looks.matchAll(/([ouwc])([as]?)/g)];
  const said: string[] = [];
  let state: MonitorState | undefined;
  for (const [n, [, letter = '', attended = '']] of all.entries()) {
    const decided = decide(
      // As it comes back from the database.
      state === undefined ? undefined : JSON.parse(JSON.stringify(state)),
      {
        verdict: letters[letter] ?? 'ok',
        at: (n + 1) * minuteMs,
        attended: attendedAs[attended] ?? 'none',
      },
      { ...damping, ...settings },
    );
    state = decided.state;
    if (decided.say !== undefined) said.push(`${n + 1}: ${words(decided.say)}`);
  }
  return said;
}

function words(say: Saying): string {
  switch (say.type) {
    case 'opened':
    case 'settled':
      return `${say.type} ${say.verdict}`;
    case 'changed':
      return `${say.from} → ${say.verdict}${say.isWorse ? ', worse' : ''}, after ${say.afterMs / minuteMs}`;
    case 'recovered':
      return `recovered after ${say.afterMs / minuteMs}`;
    case 'reminded':
      return `still ${say.verdict} after ${say.afterMs / minuteMs}`;
    case 'flaps':
      return `flaps, ${say.changes} changes`;
    default:
      return say satisfies never;
  }
}

describe('a monitor', () => {
  it.each([
    ['is silent while all is well', 'ooooo', []],
    ['tells of what is bad from the first', 'cccc', ['2: opened critical']],
    ['tells of nothing that is seen once', 'oocoocoo', []],
    ['tells of a change when it is confirmed, once', 'oocccc', ['4: opened critical']],
    ['tells of the end, with how long it took', 'ooccccoooo', ['4: opened critical', '8: recovered after 4']],
    [
      'tells when it gets worse, and better',
      'oowwccww',
      ['4: opened warning', '6: warning → critical, worse, after 2', '8: critical → warning, after 4'],
    ],
    [
      'says once that it cannot look, and when it can again',
      'oouuuuoo',
      ['4: opened unknown', '8: recovered after 4'],
    ],
    [
      'tells what it saw when it could look again',
      'oouucc',
      ['4: opened unknown', '6: unknown → critical, worse, after 2'],
    ],
    ['never confirms what is another with each look', 'ocococococ', []],
    [
      'goes on telling of changes to who has acknowledged',
      'ooccwawaoaoa',
      ['4: opened critical', '6: critical → warning, after 2', '8: recovered after 4'],
    ],
    [
      'says nothing while it is snoozed, and what is left when that is over',
      'oocccscsososo',
      ['4: opened critical', '9: recovered after 4'],
    ],
    [
      'reminds of what is as bad after a snooze',
      'oocccscscscc',
      ['4: opened critical', '8: still critical after 5'],
    ],
    [
      'tells of what changed during a snooze',
      'oowwcscscscc',
      ['4: opened warning', '8: warning → critical, worse, after 2'],
    ],
  ] as const)('%s', (_name, looks, said) => {
    expect(watched(looks)).toEqual(said);
  });

  it('takes one look where one is to be enough', () => {
    expect(watched('oco', { confirmations: 1 })).toEqual(['2: opened critical', '3: recovered after 1']);
    expect(watched('c', { confirmations: 1 })).toEqual(['1: opened critical']);
  });

  it('says once that it flaps, and then nothing until it has been stable for the window', () => {
    const quiet = 'o'.repeat(80);
    expect(watched(`oococococococ${quiet}`, { confirmations: 1 })).toEqual([
      '3: opened critical',
      '4: recovered after 1',
      '5: opened critical',
      '6: recovered after 1',
      '7: flaps, 5 changes',
      '74: settled ok',
    ]);
  });

  it('tells how it ended that it flapped', () => {
    const said = watched(`oococococ${'c'.repeat(80)}`, { confirmations: 1 });
    expect(said.slice(4)).toEqual(['7: flaps, 5 changes', '69: opened critical']);
  });

  it('does not take slow changes for flapping', () => {
    const hour = (letter: string) => letter.repeat(40);
    const said = watched([...'ocococ'].map(hour).join(''));
    expect(said.filter((line) => line.includes('flaps'))).toEqual([]);
    expect(said).toHaveLength(5);
  });

  it('says that it flaps only after a snooze that it began in', () => {
    const said = watched('oocscsosocscsoscscsosc', { confirmations: 1 });
    expect(said.filter((line) => line.includes('flaps'))).toHaveLength(1);
  });
});
