import { describe, expect, it } from 'vitest';
import type { Concern } from '../../src/inbox/port.ts';
import type { Spot } from '../../src/inbox/spot.ts';
import { runChecks } from '../../src/schedules/checks.ts';
import type { ReportFacts } from '../../src/schedules/facts/port.ts';
import type { BegunTurn, Ending, Run } from '../../src/schedules/port.ts';
import { report } from '../../src/schedules/report.ts';
import { calm } from './facts.ts';

const hourMs = 3_600_000;
const begin = Date.parse('2026-11-21T08:00:00Z');
const ann = { principal: 'web:ann', name: 'Ann' };
const spot: Spot = { platform: 'web', place: { type: 'thread', threadId: 'web:ops:t' }, isPosted: false };
const down = (...ids: readonly string[]): ReportFacts => ({
  ...calm,
  servers: ['s1', 's2'].map((id) => ({
    ...{ id, name: id, isHealthy: !ids.includes(id), isChecked: true, lastError: '' },
  })),
});

function runAt(fireAt: number, checks: Run['schedule']['checks'] = []): Run {
  return {
    ...{ id: `run ${fireAt}`, fireAt, owner: 'p', attempt: 1 },
    schedule: {
      ...{ id: 's', name: 'Hourly', kind: 'report', cron: '0 * * * *', timezone: 'UTC', target: '' },
      ...{ cleanUp: '', prompt: '', checks, watches: '', mention: [], missedRuns: 'skip' },
      ...{ jitterSeconds: 0, owner: ann, armedAt: 0, revision: '1' },
      damping: { confirmations: 1, flapChanges: 4, flapMs: hourMs },
    },
  };
}

/** A report every hour, and what people say to it in between. */
function hourly() {
  const concerns = new Map<string, Concern>();
  let now = begin;
  let data: unknown;

  function keep({ notices = [], resolved = [], superseded = [], left = [] }: Ending): void {
    for (const { concernId, keys } of left) {
      const items = concerns.get(concernId)?.items.filter(({ key }) => !keys.includes(key)) ?? [];
      put(concernId, { items, ...(items.length === 0 ? { state: 'resolved' } : {}) });
    }
    const over = [...superseded, ...resolved.map(({ concernId }) => concernId)];
    for (const id of over) put(id, { state: 'resolved' });
    for (const { id, concern } of notices)
      if (concern !== undefined) concerns.set(id, { id, state: 'open', ...concern });
  }

  function put(id: string, change: Partial<Concern>): void {
    const known = concerns.get(id);
    if (known !== undefined) concerns.set(id, { ...known, ...change });
  }

  const standing = (concern: Concern): Concern => {
    const isOver = concern.state === 'snoozed' && (concern.until?.getTime() ?? 0) <= now;
    return isOver ? { ...concern, state: 'open' } : concern;
  };

  return {
    /** The newest concern, or an earlier one. */
    attend: (change: Partial<Concern>, at = -1) => {
      put([...concerns.keys()].at(at) ?? '', { by: ann, ...change });
    },
    later: (ms: number) => new Date(now + ms),
    states: () => [...concerns.values()].map((concern) => standing(concern).state),
    async next(facts: ReportFacts) {
      now += hourMs;
      const ending = await report(
        runAt(now),
        {
          store: { lastData: async () => data, ask: async () => true, turns: async () => [] },
          concerns: {
            ofSubject: async () =>
              [...concerns.values()].filter(({ state }) => state !== 'resolved').map(standing),
          },
          facts: { all: async () => ({ ...facts, at: now }) },
          spotOf: () => spot,
          costOf: async () => null,
          refusalOf: async () => undefined,
          threadFor: (id) => id,
          stop: async () => {},
          pause: async () => {},
          elapsed: () => now,
          ownTools: new Set(),
        },
        new AbortController().signal,
      );
      data = ending.data;
      keep(ending);
      const [notice] = ending.notices ?? [];
      return {
        title: notice?.title,
        text: notice?.reply.text ?? '',
        mentions: (notice?.reply.mentions ?? []).map(({ name }) => name),
        asks: notice?.concern?.items.map(({ key }) => key) ?? [],
      };
    },
  };
}

describe('reports one after another', () => {
  it('ask about what is bad, each in place of the one before, until it is over', async () => {
    const reports = hourly();
    expect(await reports.next(down())).toMatchObject({ asks: [], mentions: [] });
    expect(await reports.next(down('s1'))).toMatchObject({ asks: ['server:s1'], mentions: ['Ann'] });
    expect(await reports.next(down('s1'))).toMatchObject({ asks: ['server:s1'], mentions: [] });
    expect(reports.states()).toEqual(['resolved', 'open']);
    expect(await reports.next(down())).toMatchObject({ title: '🟢 Hourly: all is well', asks: [] });
    expect(reports.states()).toEqual(['resolved', 'resolved']);
  });

  it('leave alone what somebody has acknowledged, and ask about the rest', async () => {
    const reports = hourly();
    await reports.next(down('s1'));
    reports.attend({ state: 'acknowledged' });
    expect(await reports.next(down('s1'))).toMatchObject({
      title: '🔴 Hourly: nothing new needs attention',
      text: expect.stringContaining('👀 Acknowledged by Ann: `s1` is down\n'),
      asks: [],
      mentions: [],
    });
    expect(await reports.next(down('s1', 's2'))).toMatchObject({ asks: ['server:s2'], mentions: ['Ann'] });
    expect(reports.states()).toEqual(['acknowledged', 'open']);
    await reports.next(down('s2'));
    expect(reports.states()).toEqual(['resolved', 'resolved', 'open']);
  });

  it('are quiet about what is snoozed, until the snooze is over', async () => {
    const reports = hourly();
    await reports.next(down('s1'));
    reports.attend({ state: 'snoozed', until: reports.later(2.5 * hourMs) });
    const quiet = { asks: [], mentions: [] };
    expect(await reports.next(down('s1'))).toMatchObject({
      ...quiet,
      text: expect.stringContaining('👀 Snoozed until Sat 11:30 by Ann: `s1` is down\n'),
    });
    expect(await reports.next(down('s1'))).toMatchObject(quiet);
    expect(await reports.next(down('s1'))).toMatchObject({ asks: ['server:s1'], mentions: [] });
  });
});

describe('what people have said to', () => {
  const asks = (key: string) => ({ asks: [key], mentions: ['Ann'] });

  it.each(['acknowledged', 'snoozed'] as const)(
    'once it is well again is news when it fails the next time, though the rest stays %s',
    async (state) => {
      const reports = hourly();
      await reports.next(down('s1', 's2'));
      reports.attend({ state, until: reports.later(100 * hourMs) });
      expect(await reports.next(down('s2'))).toMatchObject({ asks: [], mentions: [] });
      const again = await reports.next(down('s1', 's2'));
      expect(again).toMatchObject({ title: '🔴 Hourly: 1 thing needs attention', ...asks('server:s1') });
      expect(again.text).toMatch(/Changed since.*\n- 🔴 `s1` is down/);
      expect(reports.states()).toEqual([state, 'open']);
    },
  );

  it.each(['acknowledged', 'snoozed'] as const)(
    'once it is worse is nobody’s any more, also when it has got better since: it was %s as it was',
    async (state) => {
      const reports = hourly();
      const disk = (diskUsed: number) => ({ ...calm, host: { ...calm.host, diskUsed } });
      await reports.next(disk(0.9));
      reports.attend({ state, until: reports.later(100 * hourMs) });
      expect(await reports.next(disk(0.9))).toMatchObject({ asks: [] });
      expect(await reports.next(disk(0.97))).toMatchObject(asks('disk'));
      expect(reports.states()).toEqual(['resolved', 'open']);
      expect(await reports.next(disk(0.9))).toMatchObject({ asks: ['disk'], mentions: [] });
    },
  );
});

describe('what is asked twice', () => {
  it('is asked nobody any more once somebody has seen to it where it was asked before', async () => {
    const reports = hourly();
    await reports.next(down('s1'));
    await reports.next(down('s1'));
    // They said so of the first report while the second was being written.
    reports.attend({ state: 'acknowledged' }, 0);
    expect(await reports.next(down('s1'))).toMatchObject({ asks: [] });
    expect(reports.states()).toEqual(['acknowledged', 'resolved']);
  });
});

describe('the checks of a report', () => {
  it('are stopped each at its own limit, and at once where they wait for people', async () => {
    const asked: string[] = [];
    const stopped: string[] = [];
    let seconds = 0;
    const standing = (id: string): BegunTurn['state'] =>
      id === asked[2] ? 'waiting' : seconds < 30 ? 'running' : 'done';
    const turnOf = (id: string): BegunTurn => ({
      ...{ id, state: standing(id), calls: [{ tool: 'look', arguments: '{}', ok: true }] },
      reply: { kind: 'answer', text: 'VERDICT: ok', turnId: id },
    });
    const checks = [
      { question: 'Short?', seconds: 10 },
      { question: 'Long?', seconds: 60 },
      { question: 'Writes?' },
    ];
    const checked = await runChecks(
      runAt(begin, checks),
      {
        store: {
          async ask(_run, turns) {
            asked.push(...turns.map(({ turnId }) => turnId));
            return true;
          },
          turns: async (ids) => ids.map(turnOf),
        },
        refusalOf: async () => undefined,
        threadFor: (id) => id,
        async stop(id) {
          stopped.push(`${asked.indexOf(id)} after ${seconds} s`);
        },
        async pause() {
          seconds += 1;
        },
        elapsed: () => seconds * 1000,
        ownTools: new Set(),
      },
      new AbortController().signal,
    );
    expect(checked.map(({ item }) => `${item.verdict}: ${item.text}`)).toEqual([
      'unknown: Short? — no verdict: it took longer than 10 s',
      'ok: Long? — ok',
      'unknown: Writes? — no verdict: it wanted to do more than read',
    ]);
    expect(stopped).toEqual(['2 after 0 s', '0 after 11 s']);
  });
});
