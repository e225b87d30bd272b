import { alignedTable } from '../../src/chat/aligned-table.ts';
import { chartRows, readChart } from '../../src/chat/chart.ts';
import { clipped } from '../../src/chat/clipped.ts';
import type { Json } from '../../src/chat/json.ts';
import { fenced, piecesOf, type Segment, segmentsOf } from '../../src/chat/segments.ts';
import { escaped, harmless } from './safe-text.ts';

/** One block of `mrkdwn`. */
export function section(text: string): readonly Json[] {
  return [{ type: 'section', text: { type: 'mrkdwn', text: clipped(text, 2900) } }];
}

/** Markdown where only `mrkdwn` is drawn: tables and charts as code. */
export function prose(markdown: string): readonly Json[] {
  return segmentsOf(markdown).flatMap(proseOf);
}

/** One segment as `mrkdwn`. */
export function proseOf(segment: Segment): readonly Json[] {
  switch (segment.type) {
    case 'table':
      return tableAsCode(segment.rows);
    case 'code': {
      const chart = segment.language === 'chart' ? readChart(segment.code) : undefined;
      if (chart !== undefined)
        return [...section(`*${escaped(chart.title)}*`), ...tableAsCode(chartRows(chart))];
      return section(harmless(fenced(clipped(segment.code, 2700))));
    }
    case 'prose':
      return piecesOf(toMrkdwn(segment.text), 2900).flatMap(section);
    default:
      return segment satisfies never;
  }
}

/** Markdown for notifications, and for where blocks are refused: charts as their numbers, not as JSON. */
export function plainText(markdown: string): string {
  return segmentsOf(markdown).map(plainSegment).join('\n\n');
}

function plainSegment(segment: Segment): string {
  if (segment.type === 'prose') return toMrkdwn(segment.text);
  if (segment.type === 'table') return escaped(segment.source);
  const chart = segment.language === 'chart' ? readChart(segment.code) : undefined;
  if (chart === undefined) return escaped(fenced(segment.code, segment.language));
  return `*${escaped(chart.title)}*\n${escaped(fenced(alignedTable(chartRows(chart))))}`;
}

function tableAsCode(rows: readonly (readonly string[])[]): readonly Json[] {
  return piecesOf(alignedTable(rows), 2700).flatMap((piece) => section(harmless(fenced(piece))));
}

/** A star within what is bold would end it, and `mrkdwn` knows no escape. */
export function bold(words: string): string {
  return `*${words.replaceAll('*', '∗')}*`;
}

/** Markdown's emphasis, headings and lists as `mrkdwn`; escaped. */
function toMrkdwn(markdown: string): string {
  return escaped(markdown)
    .replace(/\*\*([^\n]+?)\*\*(?!\*)/g, (_whole, words: string) => bold(words))
    .replace(/^#+ (.*)$/gm, '*$1*')
    .replace(/^[-*] /gm, '• ');
}
