import type { ModelFacts, ReportFacts } from './facts/port.ts';
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
  /** Markdown of one line. */
  readonly text: string;
}

/** What needs no model, judged by fixed rules. */
export function itemsOf(facts: ReportFacts): readonly Item[] {
  return [...servers(facts), ...model(facts), ...bot(facts), ...host(facts), ...budgets(facts)];
}

function servers({ servers: all }: ReportFacts): readonly Item[] {
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

const verdicts = { ok: 'ok', absent: 'warning', failed: 'critical' } as const;

function model({ model: { name, status, detail }, usage }: ReportFacts): readonly Item[] {
  const called = name === '' ? 'The model' : `\`${name}\``;
  const hasAnswered = usage.some(({ model: used, calls }) => used === name && calls > 0);
  // It is not asked for this alone: that would cost something each time.
  const well = hasAnswered ? `${called} answers` : `${called} is set up, and has answered nothing since`;
  const standing = { ok: well, absent: 'No model is configured', failed: detail }[status];
  const failing = usage.filter(({ failed }) => failed > 0);
  return [
    { key: 'model', section: 'Model', verdict: verdicts[status], text: standing },
    {
      key: 'errors',
      section: 'Model',
      verdict: worst(failing.map(({ calls, failed }) => ({ verdict: ofFailed(failed, calls + failed) }))),
      text: failing.length === 0 ? 'No model call failed' : failing.map(failedWords).join('; '),
    },
  ];
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

function bot({ turns, queue, undeliverable, approvals }: ReportFacts): readonly Item[] {
  const ended = turns.done + turns.failed;
  const minutes = queue.oldestMs / 60_000;
  const waits =
    queue.pending === 0
      ? 'Nothing waits in the queue'
      : `${queue.pending} ${queue.pending === 1 ? 'message waits' : 'messages wait'}, the oldest for ${Math.max(1, Math.round(minutes))} min`;
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

function host({ host: { memoryUsed, diskUsed, loadPerCore } }: ReportFacts): readonly Item[] {
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

function budgets({ budgets: all }: ReportFacts): readonly Item[] {
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
