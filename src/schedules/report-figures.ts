import { fenced } from '../chat/segments.ts';
import type { ModelFacts, ModelStanding, ReportFacts, Spent } from './facts/port.ts';
import { timeText } from './times.ts';

export interface FiguresInput {
  readonly facts: ReportFacts;
  readonly before: { readonly at: number } | undefined;
  readonly timezone: string;
}

const mostModels = 8;

/** What happened since the last report, as a table. */
export function figures({ facts, before, timezone }: FiguresInput): string {
  const { turns, approvals, budgets, host, spent } = facts;
  const models = modelRows(facts);
  const more = models.length - mostModels;
  const rows = [
    ['Turns', turnWords(turns)],
    ...models.slice(0, mostModels),
    ...(more > 0 ? [['More models', String(more)]] : []),
    ['Approvals waiting', String(approvals.waiting)],
    ['Spent today', spentWords(spent.today)],
    ['Spent this month', spentWords(spent.month)],
    ...budgets.map(({ name, used, share }) => [`Budget of ${name}`, `${Math.floor(share * 100)} %: ${used}`]),
    [
      'Host',
      `memory ${percent(host.memoryUsed)}, disk ${percent(host.diskUsed)}, load ${host.loadPerCore.toFixed(1)} per core`,
    ],
  ];
  const since = before === undefined ? 'The last 24 hours' : `Since ${timeText(before.at, timezone)}`;
  return [
    `| ${since} | |`,
    '|---|---|',
    ...rows.map(([name = '', value = '']) => `| ${name} | ${value} |`),
  ].join('\n');
}

function turnWords({ done, failed, stopped, checks }: ReportFacts['turns']): string {
  const ended = [
    [failed, 'failed'],
    [stopped, 'stopped'],
  ].flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]));
  const own = checks === 0 ? '' : `, ${checks} of them its own checks`;
  const others = checks === 0 ? '' : 'of the others ';
  return `${done + failed + stopped + checks}${own}${ended.length === 0 ? '' : ` (${others}${ended.join(', ')})`}`;
}

const standings: Readonly<Record<ModelStanding['state'], string>> = {
  reachable: 'reachable',
  misconfigured: 'not set up right',
  refused: 'key refused',
  not_found: 'not offered',
  unreachable: 'unreachable',
  unknown: 'not known whether reachable',
};

/** Models that can be called, and then those that were; each with how it stands. */
function modelRows({ models, usage }: ReportFacts): readonly (readonly string[])[] {
  const enabled = models.map(({ name, state }) => {
    const used = usage.find(({ model }) => model === name);
    return [`\`${name}\``, `${standings[state]} · ${used === undefined ? 'no calls' : modelWords(used)}`];
  });
  const others = usage.filter(({ model }) => !models.some(({ name }) => name === model));
  return [...enabled, ...others.map((one) => [`\`${one.model}\``, modelWords(one)])];
}

function modelWords(facts: ModelFacts): string {
  const { calls, failed, p50Ms, p95Ms, inputTokens, outputTokens, costUsd, costIsWhole } = facts;
  if (calls === 0) return `${failed} ${failed === 1 ? 'call' : 'calls'}, all failed`;
  const all = calls + failed;
  return [
    `${all} ${all === 1 ? 'call' : 'calls'}, ${failed === 0 ? 'none failed' : `${percent(failed / all)} failed`}`,
    `p50 ${seconds(p50Ms)}, p95 ${seconds(p95Ms)}`,
    `${count(inputTokens)} tokens in, ${count(outputTokens)} out`,
    costUsd === null ? 'cost unknown' : `${costIsWhole ? '' : 'at least '}${dollars(costUsd)}`,
  ].join(' · ');
}

function spentWords({ tokens, usd, isWhole }: Spent): string {
  if (tokens === 0) return 'nothing';
  const cost = usd === 0 && !isWhole ? 'cost unknown' : `${isWhole ? '' : 'at least '}${dollars(usd)}`;
  return `${cost} · ${count(tokens)} tokens`;
}

/** A chart of the last days, where more than one of them has anything to show; what a day cost stands at its name. */
export function trend(days: ReportFacts['days']): string {
  if (days.filter(({ turns }) => turns > 0).length < 2) return '';
  const hasCost = days.some(({ costUsd }) => costUsd > 0);
  const data = days.map(({ day, turns, costUsd }) => ({
    label: hasCost ? `${dayText(day)} · $${costUsd.toFixed(2)}` : dayText(day),
    value: turns,
  }));
  const title = hasCost ? 'Turns a day, and their cost' : 'Turns a day';
  return fenced(JSON.stringify({ type: 'bar', title, series: [{ name: 'Turns', data }] }), 'chart');
}

function dayText(day: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'short', day: 'numeric' }).format(
    Date.parse(day),
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function count(tokens: number): string {
  return tokens < 10_000 ? String(tokens) : `${Math.round(tokens / 1000)}k`;
}

function dollars(usd: number): string {
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}
