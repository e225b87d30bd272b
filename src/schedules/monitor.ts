import { z } from 'zod';
import type { Concern, ConcernStore, Notice } from '../inbox/port.ts';
import { noticeFor, type Spot } from '../inbox/spot.ts';
import { mentionsOf, subjectOf } from './attention.ts';
import { detailsOf } from './check-details.ts';
import { type CheckParts, runChecks } from './checks.ts';
import type { FactSource } from './facts/port.ts';
import {
  changeText,
  evidenceOf,
  type Finding,
  findingText,
  lines,
  monitorTitle,
  restatedText,
  restatedTitle,
} from './monitor-text.ts';
import { type Attended, decide, type MonitorState, type Saying } from './monitor-verdict.ts';
import type { Ending, Run, Schedule, ScheduleStore, Watchable } from './port.ts';
import { authorOf } from './report.ts';
import { budgetItems, hostItems, type Item, modelItems, queueItems, serverItems } from './report-items.ts';
import { stableId } from './stable-id.ts';
import { type Verdict, verdicts, weight, worst } from './verdict.ts';

export interface MonitorParts extends CheckParts {
  readonly store: Pick<ScheduleStore, 'ask' | 'turns' | 'lastData'>;
  readonly concerns: Pick<ConcernStore, 'ofSubject' | 'find'>;
  readonly facts: Omit<FactSource, 'all'>;
  readonly spotOf: (target: string, principal: string) => Spot | string;
  readonly spotOfThread: (threadId: string) => Spot | undefined;
}

const verdict = z.enum(verdicts);

/** What the run before left. `of`: what was watched; another thing begins anew. */
const stored = z.object({
  of: z.string(),
  /** Of the notice that opened the thread. */
  noticeId: z.string().optional(),
  /** What was bad when something last was. */
  was: z.string().default(''),
  state: z.object({
    counts: z.object({ verdict, since: z.number() }).optional(),
    latest: z.object({ verdict, since: z.number(), times: z.number() }),
    told: verdict,
    badSince: z.number().optional(),
    changes: z.array(z.number()),
    flaps: z.enum(['no', 'untold', 'told']),
    wasSnoozed: z.boolean(),
  }),
});

/** Rates are those of the last hour. */
const sinceMs = 3_600_000;

/** Looks at one thing, and says a word only where its verdict has changed. */
export async function monitor(run: Run, parts: MonitorParts, signal: AbortSignal): Promise<Ending> {
  const { schedule } = run;
  const spot = parts.spotOf(schedule.target, schedule.owner.principal);
  if (typeof spot === 'string') return { state: 'failed', error: spot };
  const finding = await look(run, parts, signal);
  const of = JSON.stringify([schedule.watches, schedule.checks]);
  const read = stored.safeParse(await parts.store.lastData(schedule.id));
  const last = read.success && read.data.of === of ? read.data : undefined;
  const opening = last?.noticeId === undefined ? undefined : await parts.concerns.find(last.noticeId);
  const attended =
    last === undefined || last.state.told === 'ok' ? 'none' : attendedBy(opening, last.state.told, finding);
  const { state, say } = decide(
    last === undefined ? undefined : stateOf(last.state),
    { verdict: worst(finding.items), at: run.fireAt, attended },
    schedule.damping,
  );
  const isBad = worst(finding.items) !== 'ok';
  const was = isBad ? lines(finding.items) : (last?.was ?? '');
  const spoken =
    say === undefined ? {} : spokenOf(run, { say, state, finding, spot, opening, attended, was, parts });
  const noticeId = say?.type === 'opened' ? spoken.notices?.[0]?.id : last?.noticeId;
  return {
    state: 'done',
    summary: {
      success: true,
      verdict: worst(finding.items),
      ...(say === undefined ? {} : { said: say.type }),
      ...(state.flaps === 'no' ? {} : { flaps: true }),
    },
    data: {
      ...{ of, state, was },
      ...(noticeId === undefined ? {} : { noticeId }),
      ...(finding.checks.length === 0 ? {} : { checks: finding.checks }),
    },
    ...spoken,
    ...(last === undefined ? await leftOver(schedule, parts) : {}),
  };
}

/** Members that are absent stay absent. */
function stateOf({ counts, badSince, ...state }: z.infer<typeof stored>['state']): MonitorState {
  return {
    ...state,
    ...(counts === undefined ? {} : { counts }),
    ...(badSince === undefined ? {} : { badSince }),
  };
}

async function look(run: Run, parts: MonitorParts, signal: AbortSignal): Promise<Finding> {
  const { watches } = run.schedule;
  if (watches === 'question' || watches === '') {
    const checked = await runChecks(run, parts, signal);
    return {
      items: checked.map(({ item }) => item),
      evidence: checked.map(({ evidence }) => evidence),
      isModels: true,
      checks: checked.map(({ seen }) => seen),
    };
  }
  const items = await looks[watches](parts.facts, new Date(run.fireAt - sinceMs));
  return { items, evidence: [], isModels: false, checks: [] };
}

/** Nothing is gathered but what is watched. */
const looks: Readonly<
  Record<
    Exclude<Watchable, 'question'>,
    (facts: MonitorParts['facts'], since: Date) => Promise<readonly Item[]>
  >
> = {
  servers: async (facts) => serverItems(await facts.servers()),
  model: async (facts, since) => modelItems(await facts.model(since)),
  queue: async (facts, since) => queueItems(await facts.queue(since)),
  host: async (facts) => hostItems(await facts.host()),
  budget: async (facts) => budgetItems(await facts.budget()),
};

/** What is worse than people knew when they said something is nobody's. */
function attendedBy(concern: Concern | undefined, told: Verdict, { items }: Finding): Attended {
  if (concern?.state !== 'acknowledged' && concern?.state !== 'snoozed') return 'none';
  const known = Math.max(weight(told), ...concern.items.map(({ verdict }) => weight(verdict)));
  return weight(worst(items)) > known ? 'none' : concern.state;
}

/** Concerns of what was watched before. */
async function leftOver(schedule: Schedule, { concerns }: MonitorParts): Promise<Pick<Ending, 'resolved'>> {
  const left = await concerns.ofSubject(subjectOf(schedule), 0);
  const open = left.filter(({ state }) => state !== 'resolved');
  return open.length === 0 ? {} : { resolved: open.map(({ id }) => ({ concernId: id })) };
}

interface Speaking {
  readonly say: Saying;
  readonly state: MonitorState;
  readonly finding: Finding;
  readonly spot: Spot;
  readonly opening: Concern | undefined;
  readonly attended: Attended;
  readonly was: string;
  readonly parts: MonitorParts;
}

type Spoken = Pick<Ending, 'notices' | 'restated' | 'resolved' | 'threadId'>;

function spokenOf(run: Run, speaking: Speaking): Spoken {
  const { say, opening } = speaking;
  const notice = say.type === 'opened' ? openingOf(run, speaking) : changeOf(run, speaking);
  const { place } = notice;
  const restated = {
    title: restatedTitle(run.schedule.name, speaking.state),
    text: restatedText(run.schedule, { ...speaking, at: run.fireAt }),
    details: detailsOf(speaking.finding.checks),
  };
  // What is over before its thread is there is told by the message that opens it.
  const isTold = say.type === 'recovered' && opening !== undefined && opening.threadId === undefined;
  return {
    notices: isTold ? [] : [notice],
    ...(place.type === 'thread' ? { threadId: place.threadId } : {}),
    ...(say.type === 'opened' || opening === undefined
      ? {}
      : { restated: [{ noticeId: opening.id, ...restated }] }),
    ...(say.type === 'recovered' && opening !== undefined ? { resolved: [{ concernId: opening.id }] } : {}),
  };
}

/** Begins a thread: what is bad, for people to see to. */
function openingOf({ id, schedule }: Run, { spot, finding }: Speaking): Notice {
  const bad = finding.items.filter((item) => item.verdict !== 'ok');
  return noticeFor(spot, {
    id: stableId(id, 'monitor'),
    title: monitorTitle(schedule.name, worst(finding.items)),
    text: findingText(schedule.name, finding.items),
    author: authorOf(schedule),
    footer: 'Reply here to go on from this',
    isModels: finding.isModels,
    evidence: evidenceOf(finding),
    details: detailsOf(finding.checks),
    concern: {
      subject: subjectOf(schedule),
      items: bad.map((item) => ({ key: item.key, verdict: item.verdict })),
    },
    mentions: mentionsOf(schedule),
  });
}

/** One more word in the thread that is open; beside it where that is not there any more. */
function changeOf({ id, schedule }: Run, { say, finding, spot, opening, attended, parts }: Speaking): Notice {
  const thread = opening?.threadId;
  const isNews = say.type === 'reminded' || (say.type === 'changed' && say.isWorse);
  return noticeFor((thread === undefined ? undefined : parts.spotOfThread(thread)) ?? spot, {
    id: stableId(id, 'monitor'),
    title: monitorTitle(schedule.name, worst(finding.items)),
    text: changeText(schedule, say, finding.items),
    author: authorOf(schedule),
    isModels: finding.isModels,
    evidence: evidenceOf(finding),
    details: detailsOf(finding.checks),
    ...(isNews && attended === 'none' ? { mentions: mentionsOf(schedule) } : {}),
  });
}
