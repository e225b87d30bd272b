import type { ModelFacts, ModelStanding, ReportFacts } from './facts/port.ts';
import type { ServerState } from './port.ts';
import { durationText } from './times.ts';
import { type Verdict, worst } from './verdict.ts';

/** The parts of a report, in their order. */
export const sections = ['MCP servers', 'Model', 'Bot', 'Host', 'Budget', 'Checks'] as const;

/** One thing that a report tells of. */
export interface Item {
  /** The same in every report. */
  readonly key: string;
  readonly section: (typeof sections)[number];
  readonly verdict: Verdict;
  /** What it is besides its verdict: another one is news. Absent: its verdict says all. */
  readonly state?: string;
  /** Markdown of one line. */
  readonly text: string;
}

/** What needs no model, judged by fixed rules. */
export function itemsOf(facts: ReportFacts): readonly Item[] {
  return [
    ...[...serverItems(facts), ...modelItems(facts), ...botItems(facts)],
    ...[...hostItems(facts), ...budgetItems(facts)],
  ];
}

/** How MCP servers stand. */
export function serverItems({ servers: all }: Pick<ReportFacts, 'servers'>): readonly Item[] {
  return all.map((server) => ({
    key: `server:${server.id}`,
    section: 'MCP servers' as const,
    ...standing(server),
  }));
}

function standing({ name, isHealthy, isChecked, lastError }: ServerState): Pick<Item, 'verdict' | 'text'> {
  if (isHealthy) return { verdict: 'ok', text: `\`${name}\` answers` };
  if (!isChecked) return { verdict: 'unknown', text: `\`${name}\` was not checked yet` };
  return { verdict: 'critical', text: `\`${name}\` is down: ${lastError || 'it does not answer'}` };
}

/** How models stand, and how their calls went. */
export function modelItems({ models, usage }: Pick<ReportFacts, 'models' | 'usage'>): readonly Item[] {
  const failing = usage.filter(({ failed }) => failed > 0);
  return [
    ...(models.length === 0 ? [noModel] : models.map((one) => modelItem(one, usage))),
    {
      key: 'errors',
      section: 'Model',
      verdict: worst(failing.map(({ calls, failed }) => ({ verdict: ofFailed(failed, calls + failed) }))),
      text: failing.length === 0 ? 'No model call failed' : failing.map(failedWords).join('; '),
    },
  ];
}

const noModel: Item = {
  ...{ key: 'model', section: 'Model', verdict: 'warning', state: 'absent' },
  text: 'No model is configured',
};

function modelItem(model: ModelStanding, usage: readonly ModelFacts[]): Item {
  const { name, isInUse, state } = model;
  const used = usage.find((one) => one.model === name);
  const calls = used === undefined ? 'no call since the last look' : callWords(used);
  return {
    ...{ key: isInUse ? 'model' : `model:${name}`, section: 'Model', verdict: verdictOf(model), state },
    text: `\`${name}\` ${standingWords(model)} · ${calls}`,
  };
}

/** Nobody waits for the answer of a model that is not in use. */
function verdictOf({ state, isInUse }: ModelStanding): Verdict {
  if (state === 'reachable') return 'ok';
  if (state === 'unknown') return 'unknown';
  return isInUse ? 'critical' : 'warning';
}

const standings = {
  misconfigured: 'is not set up right',
  refused: 'refuses its key',
  not_found: 'is not offered by its vendor',
  unreachable: 'cannot be reached',
  unknown: 'may be reachable or not: nobody can tell without a paid call',
} as const;

function standingWords(model: ModelStanding): string {
  if (model.state !== 'reachable') return `${standings[model.state]} (${model.detail})`;
  const seen = `can be reached (${(model.latencyMs / 1000).toFixed(1)} s)`;
  return model.isListed ? seen : `${seen}, and its server’s list does not name it`;
}

/** `p50 1.2 s, p95 4.1 s, none of 4 calls failed`. */
function callWords({ calls, failed, p50Ms, p95Ms }: ModelFacts): string {
  const all = calls + failed;
  const many = `${all} ${all === 1 ? 'call' : 'calls'}`;
  const went =
    failed === 0 ? `none of ${many} failed` : `${failed} of ${many} failed (${percent(failed / all)})`;
  return calls === 0 ? went : `p50 ${seconds(p50Ms)}, p95 ${seconds(p95Ms)}, ${went}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function failedWords({ model: name, calls, failed }: ModelFacts): string {
  const all = calls + failed;
  return `${failed} of ${all} ${all === 1 ? 'call' : 'calls'} of \`${name}\` failed (${percent(failed / all)})`;
}

/** One failure alone is never critical. */
function ofFailed(failed: number, all: number): Verdict {
  const share = all === 0 ? 0 : failed / all;
  if (failed > 1 && share >= 0.5) return 'critical';
  return share >= 0.1 ? 'warning' : 'ok';
}

function botItems(facts: ReportFacts): readonly Item[] {
  const { turns, approvals } = facts;
  const ended = turns.done + turns.failed;
  return [
    {
      key: 'turns',
      section: 'Bot',
      verdict: ofFailed(turns.failed, ended),
      text:
        turns.failed === 0
          ? 'No turn failed'
          : `${turns.failed} of ${ended} turns failed (${percent(turns.failed / ended)})`,
    },
    ...queueItems(facts),
    {
      key: 'approvals',
      section: 'Bot',
      verdict: approvals.oldestMs > 3_600_000 ? 'warning' : 'ok',
      text:
        approvals.waiting === 0
          ? 'No approval waits'
          : `${approvals.waiting} ${approvals.waiting === 1 ? 'approval waits' : 'approvals wait'} for a decision, the oldest for ${durationText(approvals.oldestMs)}`,
    },
  ];
}

/** What waits for the bot, and what it could not say. */
export function queueItems({
  queue,
  undeliverable,
}: Pick<ReportFacts, 'queue' | 'undeliverable'>): readonly Item[] {
  const minutes = queue.oldestMs / 60_000;
  const waits =
    queue.pending === 0
      ? 'Nothing waits in the queue'
      : `${queue.pending} ${queue.pending === 1 ? 'message waits' : 'messages wait'}, the oldest for ${Math.max(1, Math.round(minutes))} min`;
  return [
    {
      key: 'queue',
      section: 'Bot',
      verdict: minutes > 5 ? 'critical' : minutes > 1 ? 'warning' : 'ok',
      text: waits,
    },
    {
      key: 'replies',
      section: 'Bot',
      verdict: undeliverable === 0 ? 'ok' : 'warning',
      text:
        undeliverable === 0
          ? 'All replies were delivered'
          : `${undeliverable} ${undeliverable === 1 ? 'reply' : 'replies'} could not be delivered`,
    },
  ];
}

/** How the machine stands. */
export function hostItems({
  host: { memoryUsed, diskUsed, loadPerCore },
}: Pick<ReportFacts, 'host'>): readonly Item[] {
  return [
    {
      key: 'memory',
      section: 'Host',
      verdict: above(memoryUsed, 0.9, 0.97),
      text: `Memory is ${percent(memoryUsed)} full`,
    },
    {
      key: 'disk',
      section: 'Host',
      verdict: above(diskUsed, 0.85, 0.95),
      text: `The data disk is ${percent(diskUsed)} full`,
    },
    {
      key: 'load',
      section: 'Host',
      verdict: above(loadPerCore, 2, 4),
      text: `The load is ${loadPerCore.toFixed(1)} per core`,
    },
  ];
}

/** How far limits are used up. */
export function budgetItems({ budgets: all }: Pick<ReportFacts, 'budgets'>): readonly Item[] {
  return all.map(({ key, name, used, share, warnAt }) => ({
    key: `budget:${key}`,
    section: 'Budget' as const,
    verdict: share >= 1 ? 'critical' : share >= warnAt ? 'warning' : 'ok',
    text: `The budget of ${name} is ${share >= 1 ? 'used up' : `${Math.floor(share * 100)} % used`}: ${used}`,
  }));
}

function above(value: number, warning: number, critical: number): Verdict {
  if (value > critical) return 'critical';
  return value > warning ? 'warning' : 'ok';
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
