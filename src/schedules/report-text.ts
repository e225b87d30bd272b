import { clipped } from '../chat/clipped.ts';
import type { Concern } from '../inbox/port.ts';
import { attendedLine } from './attention.ts';
import type { ReportFacts } from './facts/port.ts';
import { figures, trend } from './report-figures.ts';
import { type Item, sections } from './report-items.ts';
import { timeText } from './times.ts';
import { icons, weight, worst, worstFirst } from './verdict.ts';

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
  /** What somebody has seen to, by the keys of items. */
  readonly attended: ReadonlyMap<string, Concern>;
  readonly at: number;
  readonly timezone: string;
}

/** More lines are not read; what is left out is in the evidence. */
const [mostChanged, mostStill, mostCharacters] = [15, 10, 300];

/** One line for lists and notifications. */
export function reportTitle(
  name: string,
  items: readonly Item[],
  attended: ReadonlyMap<string, Concern> = new Map(),
): string {
  const bad = items.filter(({ verdict }) => verdict !== 'ok');
  const open = bad.filter(({ key }) => !attended.has(key)).length;
  const word = `${open} ${open === 1 ? 'thing needs' : 'things need'} attention`;
  const words = bad.length === 0 ? 'all is well' : open === 0 ? 'nothing new needs attention' : word;
  return `${icons[worst(items)]} ${name}: ${words}`;
}

/**
 * A report as Markdown: what changed comes first, what stays bad next; what people have seen to, and what is
 * well, is folded to a line each.
 */
export function reportText(name: string, input: ReportInput): string {
  const { items, before, attended, at, timezone } = input;
  const { changed, gone, still } = parted(input);
  const old = new Map(before?.items.map((item) => [item.key, item]));
  const news = [
    ...changed.map((item) => line(item, wasWords(item, old.get(item.key)))),
    ...gone.map((item) => `- ➖ No longer there: ${clipped(item.text, mostCharacters)}`),
  ];
  const seenTo = attendedLine(attended, { items, now: at, timezone });
  return [
    `**${reportTitle(name, items, attended)}**`,
    ...part(before === undefined ? '' : `Changed since ${timeText(before.at, timezone)}`, news, mostChanged),
    ...part(
      before === undefined ? 'Needs attention' : 'Unchanged, needs attention',
      still.map((item) => line(item)),
      before === undefined ? mostChanged : mostStill,
    ),
    seenTo === '' ? '' : `👀 ${seenTo}`,
    foldedLine(items, new Set(changed.slice(0, mostChanged))),
    figures(input),
    trend(input.facts.days),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

/** What has turned bad or worse since the last report, and nobody has seen to. */
export function turnedBad({
  items,
  before,
  attended,
}: Pick<ReportInput, 'items' | 'before' | 'attended'>): readonly Item[] {
  const old = new Map(before?.items.map((item) => [item.key, item.verdict]));
  return items.filter(
    ({ key, verdict }) => !attended.has(key) && weight(verdict) > weight(old.get(key) ?? 'ok'),
  );
}

function parted({ items, before, attended }: ReportInput) {
  const old = new Map(before?.items.map((item) => [item.key, item]));
  const shown = items.filter(({ key }) => !attended.has(key));
  const isNew = (item: Item) => before !== undefined && isOther(item, old.get(item.key));
  return {
    changed: worstFirst(shown.filter(isNew)),
    gone: [...old.values()].filter(
      (item) => item.verdict !== 'ok' && !items.some(({ key }) => key === item.key),
    ),
    still: worstFirst(shown.filter((item) => item.verdict !== 'ok' && !isNew(item))),
  };
}

/** What stands elsewhere than before; what nobody knew of was well. */
function isOther({ verdict, state }: Item, old: Item | undefined): boolean {
  if (old === undefined || old.verdict !== verdict) return (old?.verdict ?? 'ok') !== verdict;
  return state !== undefined && old.state !== undefined && state !== old.state;
}

function part(title: string, lines: readonly string[], most: number): readonly string[] {
  if (lines.length === 0) return [];
  const left = lines.length - most;
  // A line that stands for one alone would be no shorter.
  const shown = left > 1 ? [...lines.slice(0, most), `- … and ${left} more; ask me in this thread`] : lines;
  return [`**${title}**\n${shown.join('\n')}`];
}

/** Who does not see colours reads how it stands; the words of a check say so themselves. */
function line({ section, verdict, text }: Item, was?: string): string {
  const words = [...(section === 'Checks' ? [] : [verdict]), ...(was === undefined ? [] : [was])];
  const stands = words.length === 0 ? '' : ` _(${words.join(', ')})_`;
  return `- ${icons[verdict]} ${clipped(text, mostCharacters)}${stands}`;
}

function wasWords({ verdict }: Item, old: Item | undefined): string {
  if (old === undefined) return 'new';
  const was = old.verdict === verdict ? (old.state ?? old.verdict) : old.verdict;
  return `was ${was.replaceAll('_', ' ')}`;
}

/** What is well and not told of yet, one line for all. */
function foldedLine(items: readonly Item[], told: ReadonlySet<Item>): string {
  const parts = sections.flatMap((section) => {
    const all = items.filter((item) => item.section === section);
    const well = all.filter((item) => item.verdict === 'ok' && !told.has(item));
    if (well.length === 0) return [];
    return [all.length === well.length ? section : `${section} (${well.length} of ${all.length})`];
  });
  return parts.length === 0 ? '' : `🟢 Well: ${parts.join(' · ')}`;
}
