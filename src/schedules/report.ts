import { z } from 'zod';
import type { Concern, ConcernStore, NewConcern, Notice } from '../inbox/port.ts';
import { noticeFor, type Spot } from '../inbox/spot.ts';
import { attendedOf, endedOf, leftOf, mentionsOf, subjectOf } from './attention.ts';
import { detailsOf } from './check-details.ts';
import { type Checked, type CheckParts, checksOf, runChecks } from './checks.ts';
import type { FactSource } from './facts/port.ts';
import type { Ending, Run, Schedule, ScheduleStore } from './port.ts';
import { type Item, itemsOf, sections } from './report-items.ts';
import { type ReportInput, reportText, reportTitle, turnedBad } from './report-text.ts';
import { stableId } from './stable-id.ts';
import { verdicts, worst } from './verdict.ts';

export interface ReportParts extends CheckParts {
  readonly store: Pick<ScheduleStore, 'ask' | 'turns' | 'lastData'>;
  readonly concerns: Pick<ConcernStore, 'ofSubject'>;
  readonly facts: Pick<FactSource, 'all'>;
  readonly spotOf: (target: string, principal: string) => Spot | string;
  /** What turns have cost; null: nothing is known. */
  readonly costOf: (run: Run) => Promise<RunCost | null>;
}

const stored = z.object({
  at: z.number(),
  items: z.array(
    z.object({
      key: z.string(),
      section: z.enum(sections),
      verdict: z.enum(verdicts),
      state: z.string().exactOptional(),
      text: z.string(),
    }),
  ),
});

interface RunCost {
  readonly usd: number;
  /** False: it was more than that. */
  readonly isWhole: boolean;
}

/** Posts how everything stands: a thread of its own in a channel, which goes on with what the report knew. */
export async function report(run: Run, parts: ReportParts, signal: AbortSignal): Promise<Ending> {
  const { schedule } = run;
  const spot = parts.spotOf(schedule.target, schedule.owner.principal);
  if (typeof spot === 'string') return { state: 'failed', error: spot };
  const last = stored.safeParse(await parts.store.lastData(schedule.id));
  const before = last.success ? last.data : undefined;
  const checked = await runChecks(run, parts, signal);
  const facts = await parts.facts.all(before === undefined ? undefined : new Date(before.at));
  const items = [...itemsOf(facts), ...checked.map(({ item }) => item)];
  const concerns = await parts.concerns.ofSubject(subjectOf(schedule), 0);
  const attended = attendedOf(items, concerns);
  const input = { items, facts, before, attended, at: facts.at, timezone: schedule.timezone };
  const cost = checked.length === 0 ? null : await parts.costOf(run);
  const notice = noticeOf(run, { spot, input, checked, cost });
  const bad = items.filter(({ verdict }) => verdict !== 'ok').length;
  return {
    state: 'done',
    summary: { success: true, verdict: worst(items), items: items.length, bad, attended: attended.size },
    data: { at: facts.at, items, ...checksOf(checked) },
    notices: [notice],
    ...overOf(concerns, items, notice),
    ...(notice.place.type === 'thread' ? { threadId: notice.place.threadId } : {}),
  };
}

interface Posting {
  readonly spot: Spot;
  readonly input: ReportInput;
  readonly checked: readonly Checked[];
  readonly cost: RunCost | null;
}

function noticeOf({ id, schedule }: Run, { spot, input, checked, cost }: Posting): Notice {
  const { items, attended } = input;
  const concern = concernOf(schedule, items, attended);
  return noticeFor(spot, {
    id: stableId(id, 'report'),
    title: reportTitle(schedule.name, items, attended),
    text: reportText(schedule.name, input),
    author: authorOf(schedule),
    footer: ['Reply here to go on from this report', ...(checked.length === 0 ? [] : [costText(cost)])].join(
      ' · ',
    ),
    isModels: checked.length > 0,
    details: detailsOf(checked.map(({ seen }) => seen)),
    evidence: [
      ...items.map((item) => `${item.verdict}: ${item.text}`),
      ...checked.map((item) => item.evidence),
    ].join('\n'),
    ...(concern === undefined ? {} : { concern }),
    ...(turnedBad(input).length === 0 ? {} : { mentions: mentionsOf(schedule) }),
  });
}

function costText(cost: RunCost | null): string {
  if (cost === null) return 'what its checks cost is unknown';
  return `its checks cost ${cost.isWhole ? '' : 'at least '}$${cost.usd.toFixed(4)}`;
}

/** Who says what a schedule says. */
export function authorOf({ owner }: Schedule): Schedule['owner'] {
  return owner.name === '' ? { ...owner, name: 'AI Ops Bot' } : owner;
}

/** What is bad and nobody has seen to. */
function concernOf(
  schedule: Schedule,
  items: readonly Item[],
  attended: ReadonlyMap<string, Concern>,
): NewConcern | undefined {
  const open = items.filter(({ key, verdict }) => verdict !== 'ok' && !attended.has(key));
  if (open.length === 0) return undefined;
  return { subject: subjectOf(schedule), items: open.map(({ key, verdict }) => ({ key, verdict })) };
}

/**
 * Earlier concerns of which nothing is bad any more, those of which a part is well again or has got worse, and
 * those that ask people still: this report does so, or somebody has seen to the same where it was asked elsewhere.
 */
function overOf(
  concerns: readonly Concern[],
  items: readonly Item[],
  notice: Notice,
): Pick<Ending, 'resolved' | 'left' | 'superseded'> {
  const bad = items.filter(({ verdict }) => verdict !== 'ok');
  const ended = endedOf(concerns, bad);
  const open = concerns.filter((one) => one.state === 'open' && one.id !== notice.id && !ended.includes(one));
  return {
    resolved: ended.map(({ id }) => ({ concernId: id })),
    left: leftOf(
      concerns.filter((one) => !ended.includes(one)),
      items,
    ),
    superseded: open.map(({ id }) => id),
  };
}
