import { describe, expect, it } from 'vitest';
import { renderReply as drawnBySlack } from '../../adapters/slack/render.ts';
import { renderReply as drawnByTeams } from '../../adapters/teams/render.ts';
import { readChart } from '../../src/chat/chart.ts';
import { segmentsOf } from '../../src/chat/segments.ts';
import type { Concern } from '../../src/inbox/port.ts';
import { attendedOf } from '../../src/schedules/attention.ts';
import type { ModelStanding, ReportFacts } from '../../src/schedules/facts/port.ts';
import { type Item, itemsOf } from '../../src/schedules/report-items.ts';
import { reportText, reportTitle, turnedBad } from '../../src/schedules/report-text.ts';
import { worst } from '../../src/schedules/verdict.ts';
import { strictlyCheckMessage } from '../adapters/teams/card-check.ts';
import { checkBlocks } from '../fakes/slack/blocks.ts';
import { calm } from './facts.ts';

const at = Date.parse('2026-11-21T08:00:00Z');
interface Said {
  readonly before?: { readonly at: number; readonly items: readonly Item[] };
  readonly concerns?: readonly Concern[];
}
const inputOf = (facts: ReportFacts, { before, concerns = [] }: Said = {}) => {
  const items = itemsOf(facts);
  return { items, facts, before, attended: attendedOf(items, concerns), at, timezone: 'Europe/Berlin' };
};
const text = (facts: ReportFacts, before?: Said['before'], concerns: readonly Concern[] = []) =>
  reportText('Health Report', inputOf(facts, { concerns, ...(before === undefined ? {} : { before }) }));
const ill: ReportFacts = {
  ...calm,
  servers: [
    { id: 's1', name: 'host', isHealthy: false, isChecked: true, lastError: 'No answer within 5 s.' },
  ],
};
const model = (
  name: string,
  state: 'misconfigured' | 'refused' | 'not_found' | 'unreachable' | 'unknown',
  isInUse = true,
): ModelStanding => ({ name, isInUse, state, detail: 'Why.' });
const yesterday = (facts: ReportFacts) => ({ at: at - 86_400_000, items: itemsOf(facts) });

describe('a report', () => {
  it('in which all is well is short: one line of verdict, one of what is well, and the figures', () => {
    expect(text(calm)).toBe(
      [
        '**🟢 Health Report: all is well**',
        '',
        '🟢 Well: MCP servers · Model · Bot · Host',
        '',
        '| The last 24 hours | |',
        '|---|---|',
        '| Turns | 4 |',
        '| `gpt` | reachable · 4 calls, none failed · p50 1.2 s, p95 4.1 s · 12k tokens in, 800 out · $0.0231 |',
        '| Approvals waiting | 0 |',
        '| Spent today | $0.0231 · 13k tokens |',
        '| Spent this month | at least $1.20 · 413k tokens |',
        '| Host | memory 40 %, disk 30 %, load 0.2 per core |',
      ].join('\n'),
    );
  });

  it('counts its own checks apart, and says nothing twice of how they went', () => {
    const turns = { done: 13, failed: 1, stopped: 1, checks: 11 };
    const told = text({ ...calm, turns });
    expect(told).toContain('| Turns | 26, 11 of them its own checks (of the others 1 failed, 1 stopped) |');
    expect(told).not.toContain('turns failed');
  });

  it('draws turns and cost of the last days, where there is anything to see', () => {
    const days = [
      { day: '2026-11-19', turns: 0, costUsd: 0 },
      { day: '2026-11-20', turns: 2, costUsd: 0.01234 },
      { day: '2026-11-21', turns: 4, costUsd: 0.02 },
    ];
    const charts = segmentsOf(text({ ...calm, days })).flatMap((segment) =>
      segment.type === 'code' && segment.language === 'chart' ? [readChart(segment.code)] : [],
    );
    expect(charts).toMatchObject([
      {
        title: 'Turns a day, and their cost',
        series: [
          {
            data: [
              { label: 'Thu 19 · $0.00', value: 0 },
              { label: 'Fri 20 · $0.01', value: 2 },
              { label: 'Sat 21 · $0.02', value: 4 },
            ],
          },
        ],
      },
    ]);
    const free = days.map((day) => ({ ...day, costUsd: 0 }));
    expect(text({ ...calm, days: free })).toContain('"title":"Turns a day"');
  });

  it('begins with what changed since the last one, and says how it was', () => {
    const told = text(ill, yesterday(calm));
    expect(told).toContain(
      '**Changed since Fri 20 Nov, 09:00 CET**\n- 🔴 `host` is down: No answer within 5 s. _(critical, was ok)_',
    );
    expect(told.indexOf('Changed since')).toBeLessThan(told.indexOf('🟢 Well'));
    expect(told).not.toContain('Unchanged');
  });

  it('tells of recoveries as changes, and once', () => {
    const told = text(calm, yesterday(ill));
    expect(told).toContain('- 🟢 `host` answers _(ok, was critical)_');
    expect(told).toContain('🟢 Well: Model · Bot · Host\n');
  });

  it('keeps what stays bad below what changed', () => {
    const worse = { ...ill, undeliverable: 2 };
    const told = text(worse, yesterday(ill));
    expect(told.indexOf('could not be delivered')).toBeLessThan(told.indexOf('Unchanged, needs attention'));
    expect(told.indexOf('Unchanged, needs attention')).toBeLessThan(told.indexOf('`host` is down'));
    expect(told).toMatch(/`host` is down.* _\(critical\)_/);
  });

  it('says how models stand, with how long their calls took and how many failed', () => {
    const told = text({ ...calm, models: [model('gpt', 'refused'), model('other', 'unknown', false)] });
    expect(told).toContain('🔴 `gpt` refuses its key (Why.) · p50 1.2 s, p95 4.1 s, none of 4 calls failed');
    expect(told).toContain('⚪ `other` may be reachable or not: nobody can tell without a paid call (Why.)');
    expect(told).toContain('| `gpt` | key refused · 4 calls, none failed');
    expect(told).toContain('| `other` | not known whether reachable · no calls |');
  });

  it('tells of a model that stands elsewhere as a change, also where that is as bad', () => {
    const away = { ...calm, models: [model('gpt', 'unreachable')] };
    expect(text(away, yesterday(calm))).toMatch(
      /Changed since.*\n- 🔴 `gpt` cannot be reached .* _\(critical, was ok\)_/,
    );
    const refused = { ...calm, models: [model('gpt', 'refused')] };
    expect(text(refused, yesterday(away))).toMatch(
      /Changed since.*\n- 🔴 `gpt` refuses its key .* _\(critical, was unreachable\)_/,
    );
    expect(text(refused, yesterday(refused))).toContain('**Unchanged, needs attention**\n- 🔴 `gpt`');
    expect(turnedBad(inputOf(refused, { before: yesterday(away) }))).toEqual([]);
  });

  it('says what was bad and is no longer there', () => {
    expect(text({ ...calm, servers: [] }, yesterday(ill))).toContain('No longer there: `host` is down');
  });

  const annsWord: Concern = {
    id: 'n1',
    subject: 'schedule:s',
    items: [{ key: 'server:s1', verdict: 'critical' }],
    state: 'acknowledged',
    by: { principal: 'web:ann', name: 'Ann' },
  };
  const bobsWord: Concern = {
    id: 'n2',
    subject: 'schedule:s',
    items: [{ key: 'disk', verdict: 'warning' }],
    state: 'snoozed',
    by: { principal: 'web:bob', name: 'Bob' },
    until: new Date('2026-11-23T08:00:00Z'),
  };
  const full = { ...ill, host: { ...calm.host, diskUsed: 0.9 } };

  it('folds what people have seen to into one line', () => {
    const told = text(full, yesterday(full), [annsWord, bobsWord]);
    expect(told).toContain('**🔴 Health Report: nothing new needs attention**');
    expect(told).toContain(
      '👀 Acknowledged by Ann: `host` is down · Snoozed until Mon 09:00 by Bob: The data disk is 90 % full\n',
    );
    expect(told).not.toContain('No answer within');
    expect(told).not.toContain('Unchanged');
  });

  it('shows what has got worse since somebody saw to it', () => {
    const worse = { ...full, host: { ...calm.host, diskUsed: 0.97 } };
    const told = text(worse, yesterday(full), [annsWord, bobsWord]);
    expect(told).toContain('**🔴 Health Report: 1 thing needs attention**');
    expect(told).toContain('🔴 The data disk is 97 % full _(critical, was warning)_');
    expect(told).toContain('👀 Acknowledged by Ann: `host` is down\n');
  });

  it('tells people only of what has turned bad or worse, and is nobody’s yet', () => {
    const keys = (facts: ReportFacts, said: Said) => turnedBad(inputOf(facts, said)).map(({ key }) => key);
    expect(keys(full, { before: yesterday(calm) })).toEqual(['server:s1', 'disk']);
    expect(keys(full, { before: yesterday(ill) })).toEqual(['disk']);
    expect(keys(full, { before: yesterday(full) })).toEqual([]);
    expect(keys(calm, { before: yesterday(full) })).toEqual([]);
    expect(keys(full, { before: yesterday(calm), concerns: [annsWord] })).toEqual(['disk']);
  });

  it('of a hundred servers stays readable: the worst first, and how many are left out', () => {
    const servers = Array.from({ length: 100 }, (_unused, n) => ({
      ...{ id: `s${n}`, name: `server-${n}`, isHealthy: n % 2 === 0, isChecked: n !== 1 },
      lastError: 'x'.repeat(2000),
    }));
    const told = text({ ...calm, servers }, yesterday(calm));
    const lines = told.split('\n').filter((one) => one.startsWith('- '));
    expect(lines).toHaveLength(16);
    expect(lines[0]).toMatch(/^- 🔴 `server-3` is down: x+… _\(critical, new\)_$/);
    expect(lines.at(-1)).toBe('- … and 35 more; ask me in this thread');
    expect(told.length).toBeLessThan(8000);
  });

  it('fits into a message or two of Slack and Teams, however much is bad', () => {
    const servers = Array.from({ length: 100 }, (_unused, n) => ({
      ...{ id: `s${n}`, name: `server-${n}`, isHealthy: false, isChecked: true, lastError: 'x'.repeat(2000) },
    }));
    const days = Array.from({ length: 7 }, (_unused, n) => ({
      ...{ day: `2026-11-${15 + n}`, turns: n + 1, costUsd: n },
    }));
    const facts = { ...calm, servers, days };
    const checks = Array.from({ length: 20 }, (_unused, n) => ({
      ...{
        key: `check:${n}`,
        section: 'Checks' as const,
        verdict: 'warning' as const,
        text: 'y'.repeat(600),
      },
    }));
    const items = [...itemsOf(facts), ...checks];
    const input = { ...inputOf(facts, { before: yesterday(calm) }), items };
    const concern = { id: 'c-1', state: 'open' as const };
    const reply = { kind: 'answer', text: reportText('R', input), turnId: 't-1', concern } as const;
    const { messages: inSlack, files } = drawnBySlack(reply);
    expect(inSlack.length).toBeLessThanOrEqual(2);
    expect(files).toEqual([]);
    for (const { blocks } of inSlack) checkBlocks(blocks);
    expect(inSlack[0]?.text).not.toContain('{"type"');
    const { messages: inTeams } = drawnByTeams(reply);
    expect(inTeams.length).toBeLessThanOrEqual(2);
    for (const message of inTeams) strictlyCheckMessage(message);
  });

  it('never counts what nobody could find out as well', () => {
    const unknown: Item = { key: 'check:x', section: 'Checks', verdict: 'unknown', text: 'x — no verdict' };
    expect(worst([...itemsOf(calm), unknown])).toBe('unknown');
    expect(reportTitle('R', [...itemsOf(calm), unknown])).toBe('⚪ R: 1 thing needs attention');
  });

  it.each([
    [{ models: [] }, 'model', 'warning'],
    ...(['misconfigured', 'refused', 'not_found', 'unreachable'] as const).map(
      (state) => [{ models: [model('m', state)] }, 'model', 'critical'] as const,
    ),
    [{ models: [calm.models[0], model('m', 'unreachable', false)] }, 'model:m', 'warning'],
    [{ models: [model('m', 'unknown')] }, 'model', 'unknown'],
    [{ turns: { done: 1, failed: 3, stopped: 0, checks: 0 } }, 'turns', 'critical'],
    [{ turns: { done: 8, failed: 1, stopped: 0, checks: 0 } }, 'turns', 'warning'],
    [{ usage: [{ ...calm.usage[0], calls: 8, failed: 2 }] }, 'errors', 'warning'],
    [{ usage: [{ ...calm.usage[0], calls: 2, failed: 2 }] }, 'errors', 'critical'],
    [{ budgets: [{ key: 'b', name: 'x', used: '', share: 0.7, warnAt: 0.8 }] }, 'budget:b', 'ok'],
    [{ budgets: [{ key: 'b', name: 'x', used: '', share: 0.8, warnAt: 0.8 }] }, 'budget:b', 'warning'],
    [{ budgets: [{ key: 'b', name: 'x', used: '', share: 1, warnAt: 0.8 }] }, 'budget:b', 'critical'],
    [{ queue: { pending: 3, oldestMs: 120_000 } }, 'queue', 'warning'],
    [{ queue: { pending: 3, oldestMs: 600_000 } }, 'queue', 'critical'],
    [{ approvals: { waiting: 1, oldestMs: 7_200_000 } }, 'approvals', 'warning'],
    [{ host: { memoryUsed: 0.99, diskUsed: 0.3, loadPerCore: 0 } }, 'memory', 'critical'],
    [{ host: { memoryUsed: 0.1, diskUsed: 0.9, loadPerCore: 0 } }, 'disk', 'warning'],
  ] as const)('judges %j: %s is %s', (facts, key, verdict) => {
    expect(itemsOf({ ...calm, ...facts }).find((item) => item.key === key)?.verdict).toBe(verdict);
  });
});
