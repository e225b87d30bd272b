import { describe, expect, it } from 'vitest';
import type { ReportFacts } from '../../src/schedules/port.ts';
import { type Item, itemsOf } from '../../src/schedules/report-items.ts';
import { reportText, reportTitle, worst } from '../../src/schedules/report-text.ts';

const calm: ReportFacts = {
  servers: [{ id: 's1', name: 'host', isHealthy: true, isChecked: true, lastError: '' }],
  model: { name: 'gpt', status: 'ok', detail: 'gpt' },
  usage: [
    {
      model: 'gpt',
      calls: 4,
      p50Ms: 1200,
      p95Ms: 4100,
      inputTokens: 12_400,
      outputTokens: 800,
      costUsd: 0.0231,
      costIsWhole: true,
    },
  ],
  turns: { done: 4, failed: 0, stopped: 0 },
  queue: { pending: 0, oldestMs: 0 },
  approvals: { waiting: 0, oldestMs: 0 },
  undeliverable: 0,
  days: [
    { day: '2026-11-20', turns: 2, costUsd: 0.01 },
    { day: '2026-11-21', turns: 4, costUsd: 0.02 },
  ],
  host: { memoryUsed: 0.4, diskUsed: 0.3, loadPerCore: 0.2 },
};

const at = Date.parse('2026-11-21T08:00:00Z');
const text = (facts: ReportFacts, before?: { at: number; items: readonly Item[] }) =>
  reportText('Health Report', { items: itemsOf(facts), facts, before, at, timezone: 'Europe/Berlin' });
const ill: ReportFacts = {
  ...calm,
  servers: [
    { id: 's1', name: 'host', isHealthy: false, isChecked: true, lastError: 'No answer within 5 s.' },
  ],
};
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
        '| `gpt` | 4 calls · p50 1.2 s, p95 4.1 s · 12k tokens in, 800 out · $0.0231 |',
        '| Approvals waiting | 0 |',
        '| Host | memory 40 %, disk 30 %, load 0.2 per core |',
        '| Turns, last 2 days | ▅█ (most 4) |',
      ].join('\n'),
    );
  });

  it('begins with what changed since the last one, and says how it was', () => {
    const told = text(ill, yesterday(calm));
    expect(told).toContain(
      '**Changed since Fri 20 Nov, 09:00 CET**\n- 🔴 `host` is down: No answer within 5 s. _(was ok)_',
    );
    expect(told.indexOf('Changed since')).toBeLessThan(told.indexOf('🟢 Well'));
    expect(told).not.toContain('Unchanged');
  });

  it('tells of recoveries as changes', () => {
    expect(text(calm, yesterday(ill))).toContain('- 🟢 `host` answers _(was critical)_');
  });

  it('keeps what stays bad below what changed', () => {
    const worse = { ...ill, undeliverable: 2 };
    const told = text(worse, yesterday(ill));
    expect(told.indexOf('could not be delivered')).toBeLessThan(told.indexOf('Unchanged, needs attention'));
    expect(told.indexOf('Unchanged, needs attention')).toBeLessThan(told.indexOf('`host` is down'));
  });

  it('says what was bad and is no longer there', () => {
    expect(text({ ...calm, servers: [] }, yesterday(ill))).toContain('No longer there: `host` is down');
  });

  it('never counts what nobody could find out as well', () => {
    const unknown: Item = { key: 'check:x', section: 'Checks', verdict: 'unknown', text: 'x — no verdict' };
    expect(worst([...itemsOf(calm), unknown])).toBe('unknown');
    expect(reportTitle('R', [...itemsOf(calm), unknown])).toBe('⚪ R: 1 thing needs attention');
  });

  it.each([
    [{ model: { name: '', status: 'absent', detail: 'No model is configured.' } }, 'model', 'warning'],
    [{ model: { name: 'm', status: 'failed', detail: 'Its key is missing.' } }, 'model', 'critical'],
    [{ turns: { done: 1, failed: 3, stopped: 0 } }, 'turns', 'critical'],
    [{ turns: { done: 8, failed: 1, stopped: 0 } }, 'turns', 'warning'],
    [{ queue: { pending: 3, oldestMs: 120_000 } }, 'queue', 'warning'],
    [{ queue: { pending: 3, oldestMs: 600_000 } }, 'queue', 'critical'],
    [{ approvals: { waiting: 1, oldestMs: 7_200_000 } }, 'approvals', 'warning'],
    [{ host: { memoryUsed: 0.99, diskUsed: 0.3, loadPerCore: 0 } }, 'memory', 'critical'],
    [{ host: { memoryUsed: 0.1, diskUsed: 0.9, loadPerCore: 0 } }, 'disk', 'warning'],
  ] as const)('judges %j: %s is %s', (facts, key, verdict) => {
    expect(itemsOf({ ...calm, ...facts }).find((item) => item.key === key)?.verdict).toBe(verdict);
  });
});
