import { z } from 'zod';
import { type CheckParts, runChecks } from './checks.ts';
import type { Ending, ReportFacts, Run, ScheduleStore } from './port.ts';
import { itemsOf } from './report-items.ts';
import { reportText, reportTitle, worst } from './report-text.ts';
import { noticeFor, type Spot } from './spot.ts';
import { stableId } from './stable-id.ts';

export interface ReportParts extends CheckParts {
  readonly store: ScheduleStore;
  /** What has happened since, and how things stand now; never needs a model. */
  readonly facts: (since: Date) => Promise<ReportFacts>;
  readonly spotOf: (target: string, principal: string) => Spot | string;
  readonly refusalOf: (principal: string) => Promise<string | undefined>;
  /** What turns have cost, in US dollars; null: nothing is known. */
  readonly costOf: (run: Run) => Promise<number | null>;
}

const dayMs = 86_400_000;

const stored = z.object({
  at: z.number(),
  items: z.array(
    z.object({
      key: z.string(),
      section: z.enum(['MCP servers', 'Model', 'Bot', 'Host', 'Checks']),
      verdict: z.enum(['ok', 'unknown', 'warning', 'critical']),
      text: z.string(),
    }),
  ),
});

/** Posts how everything stands: a thread of its own in a channel, which goes on with what the report knew. */
export async function report(run: Run, parts: ReportParts, signal: AbortSignal): Promise<Ending> {
  const { schedule } = run;
  const spot = parts.spotOf(schedule.target, schedule.owner.principal);
  if (typeof spot === 'string') return { state: 'failed', error: spot };
  const last = stored.safeParse(await parts.store.lastData(schedule.id));
  const before = last.success ? last.data : undefined;
  const checked = await checksOf(run, parts, signal);
  const facts = await parts.facts(new Date(before?.at ?? run.fireAt - dayMs));
  const items = [...itemsOf(facts), ...checked.map(({ item }) => item)];
  const at = run.fireAt;
  const text = reportText(schedule.name, { items, facts, before, at, timezone: schedule.timezone });
  const evidence = [
    ...items.map((item) => `${item.verdict}: ${item.text}`),
    ...checked.map((item) => item.evidence),
  ].join('\n');
  const cost = schedule.checks.length === 0 ? null : await parts.costOf(run);
  const notice = noticeFor(spot, {
    id: stableId(run.id, 'report'),
    title: reportTitle(schedule.name, items),
    text,
    author: schedule.owner.name === '' ? { ...schedule.owner, name: 'AI Ops Bot' } : schedule.owner,
    footer: [
      'Reply here to go on from this report',
      ...(cost === null ? [] : [`its checks cost $${cost.toFixed(4)}`]),
    ].join(' · '),
    isModels: checked.length > 0,
    evidence,
  });
  const bad = items.filter(({ verdict }) => verdict !== 'ok').length;
  return {
    state: 'done',
    summary: { success: true, verdict: worst(items), items: items.length, bad },
    data: { at, items },
    notices: [notice],
    ...(notice.place.type === 'thread' ? { threadId: notice.place.threadId } : {}),
  };
}

async function checksOf(run: Run, parts: ReportParts, signal: AbortSignal) {
  const { checks, owner } = run.schedule;
  const refusal = checks.length === 0 ? undefined : await parts.refusalOf(owner.principal);
  if (refusal === undefined) return await runChecks(run, parts, signal);
  return checks.map(({ question }) => ({
    item: {
      key: `check:${question}`,
      section: 'Checks' as const,
      verdict: 'unknown' as const,
      text: `${question} — no verdict: ${refusal}`,
    },
    evidence: '',
  }));
}
