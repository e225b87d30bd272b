import type { ModelFacts, ReportFacts } from './port.ts';
import type { Item, Verdict } from './report-items.ts';

/** What the report before said. */
export interface Before {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly items: readonly Item[];
}

export interface ReportInput {
  readonly items: readonly Item[];
  readonly facts: ReportFacts;
  readonly before: Before | undefined;
  readonly at: number;
  readonly timezone: string;
}

const icons: Readonly<Record<Verdict, string>> = { ok: '🟢', unknown: '⚪', warning: '🟡', critical: '🔴' };
const weight: Readonly<Record<Verdict, number>> = { critical: 3, warning: 2, unknown: 1, ok: 0 };
const sections = ['MCP servers', 'Model', 'Bot', 'Host', 'Checks'] as const;

/** Of all: the worst; what is unknown comes before what is well. */
export function worst(items: readonly Item[]): Verdict {
  return items.reduce<Verdict>((so, { verdict }) => (weight[verdict] > weight[so] ? verdict : so), 'ok');
}

/** One line for lists and notifications. */
export function reportTitle(name: string, items: readonly Item[]): string {
  const bad = items.filter(({ verdict }) => verdict !== 'ok').length;
  return `${icons[worst(items)]} ${name}: ${bad === 0 ? 'all is well' : `${bad} ${bad === 1 ? 'thing needs' : 'things need'} attention`}`;
}

/** A report as Markdown: what changed comes first, what stays bad next, and what is well is folded to a line. */
export function reportText(name: string, input: ReportInput): string {
  const { items, before } = input;
  const old = new Map(before?.items.map((item) => [item.key, item]));
  const isNew = (item: Item) => before !== undefined && (old.get(item.key)?.verdict ?? 'ok') !== item.verdict;
  const changed = byWeight(items.filter(isNew));
  const gone = [...old.values()].filter(
    (item) => item.verdict !== 'ok' && !items.some(({ key }) => key === item.key),
  );
  const still = byWeight(items.filter((item) => item.verdict !== 'ok' && !isNew(item)));
  return [
    `**${reportTitle(name, items)}**`,
    ...part(before === undefined ? '' : `Changed since ${timeText(before.at, input.timezone)}`, [
      ...changed.map((item) => `${line(item)}${wasWords(old.get(item.key))}`),
      ...gone.map((item) => `- ➖ No longer there: ${item.text}`),
    ]),
    ...part(before === undefined ? 'Needs attention' : 'Unchanged, needs attention', still.map(line)),
    foldedLine(items),
    numbers(input),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

function byWeight(items: readonly Item[]): readonly Item[] {
  return items.toSorted((a, b) => weight[b.verdict] - weight[a.verdict]);
}

function part(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`**${title}**\n${lines.join('\n')}`];
}

function line({ verdict, text }: Item): string {
  return `- ${icons[verdict]} ${text}`;
}

function wasWords(old: Item | undefined): string {
  return old === undefined ? ' _(new)_' : ` _(was ${old.verdict})_`;
}

/** What is well, one line for all. */
function foldedLine(items: readonly Item[]): string {
  const told = sections.flatMap((section) => {
    const all = items.filter((item) => item.section === section);
    const well = all.filter(({ verdict }) => verdict === 'ok');
    if (well.length === 0) return [];
    return [all.length === well.length ? section : `${section} (${well.length} of ${all.length})`];
  });
  return told.length === 0 ? '' : `🟢 Well: ${told.join(' · ')}`;
}

function numbers({ facts, before, timezone }: ReportInput): string {
  const { turns, usage, approvals, days, host } = facts;
  const total = turns.done + turns.failed + turns.stopped;
  const ended = [
    [turns.failed, 'failed'],
    [turns.stopped, 'stopped'],
  ].flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]));
  const rows = [
    ['Turns', `${total}${ended.length === 0 ? '' : ` (${ended.join(', ')})`}`],
    ...usage.map((one) => [`\`${one.model}\``, modelWords(one)]),
    ['Approvals waiting', String(approvals.waiting)],
    [
      'Host',
      `memory ${percent(host.memoryUsed)}, disk ${percent(host.diskUsed)}, load ${host.loadPerCore.toFixed(1)} per core`,
    ],
    ...trend(days),
  ];
  const since = before === undefined ? 'The last 24 hours' : `Since ${timeText(before.at, timezone)}`;
  return [
    `| ${since} | |`,
    '|---|---|',
    ...rows.map(([name = '', value = '']) => `| ${name} | ${value} |`),
  ].join('\n');
}

function modelWords({
  calls,
  p50Ms,
  p95Ms,
  inputTokens,
  outputTokens,
  costUsd,
  costIsWhole,
}: ModelFacts): string {
  const cost =
    costUsd === null
      ? 'cost unknown'
      : `${costIsWhole ? '' : 'at least '}$${costUsd.toFixed(costUsd < 1 ? 4 : 2)}`;
  return [
    `${calls} ${calls === 1 ? 'call' : 'calls'}`,
    `p50 ${seconds(p50Ms)}, p95 ${seconds(p95Ms)}`,
    `${count(inputTokens)} tokens in, ${count(outputTokens)} out`,
    cost,
  ].join(' · ');
}

/** Bars are drawn as text: every platform shows them. */
function trend(days: ReportFacts['days']): readonly (readonly string[])[] {
  const most = Math.max(...days.map(({ turns }) => turns));
  if (days.length < 2 || most === 0) return [];
  const bars = days.map(({ turns }) => '▁▂▃▄▅▆▇█'[Math.round((turns / most) * 7)] ?? '▁').join('');
  return [[`Turns, last ${days.length} days`, `${bars} (most ${most})`]];
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

/** A moment as people of that zone write it. */
export function timeText(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, weekday: 'short', day: 'numeric', month: 'short' },
    ...{ hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
  }).format(at);
}
