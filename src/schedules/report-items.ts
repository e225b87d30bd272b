import type { ReportFacts, ServerState } from './port.ts';

/** How something stands. `unknown`: nobody could find out, which is never well. */
export type Verdict = 'ok' | 'unknown' | 'warning' | 'critical';

/** One thing that a report tells of. */
export interface Item {
  /** The same in every report. */
  readonly key: string;
  readonly section: 'MCP servers' | 'Model' | 'Bot' | 'Host' | 'Checks';
  readonly verdict: Verdict;
  /** Markdown of one line. */
  readonly text: string;
}

/** What needs no model, judged by fixed rules. */
export function itemsOf(facts: ReportFacts): readonly Item[] {
  return [...servers(facts), ...model(facts), ...bot(facts), ...host(facts)];
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

function model({ model: { name, status, detail }, turns }: ReportFacts): readonly Item[] {
  const called = name === '' ? 'The model' : `\`${name}\``;
  const standing = { ok: `${called} is ready`, absent: 'No model is configured', failed: detail }[status];
  const ended = turns.done + turns.failed;
  const share = ended === 0 ? 0 : turns.failed / ended;
  const failing = turns.failed > 1 && share >= 0.5 ? 'critical' : share >= 0.1 ? 'warning' : 'ok';
  return [
    { key: 'model', section: 'Model', verdict: verdicts[status], text: standing },
    {
      key: 'turns',
      section: 'Bot',
      verdict: failing,
      text:
        turns.failed === 0
          ? 'No turn failed'
          : `${turns.failed} of ${ended} turns failed (${percent(share)})`,
    },
  ];
}

function bot({ queue, undeliverable, approvals }: ReportFacts): readonly Item[] {
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
          : `${undeliverable} replies could not be delivered`,
    },
    {
      key: 'approvals',
      section: 'Bot',
      verdict: approvals.oldestMs > 3_600_000 ? 'warning' : 'ok',
      text:
        approvals.waiting === 0 ? 'No approval waits' : `${approvals.waiting} approvals wait for a decision`,
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

function above(value: number, warning: number, critical: number): Verdict {
  if (value > critical) return 'critical';
  return value > warning ? 'warning' : 'ok';
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
