import { alignedTable } from '../../src/chat/aligned-table.ts';
import { readChart } from '../../src/chat/chart.ts';
import type { Json } from '../../src/chat/json.ts';
import { piecesOf, type Segment, segmentsOf } from '../../src/chat/segments.ts';
import { monospaced, textBlock } from './card-parts.ts';
import { chartElement } from './charts.ts';
import { inCard } from './pages.ts';
import { paragraphsOf } from './prose.ts';
import { bytesOfCard, sizes } from './sizes.ts';
import { tableElement } from './tables.ts';

/** Markdown as elements of a card, all of it. */
export function elementsOf(markdown: string): readonly Json[] {
  return segmentsOf(markdown).flatMap(draw);
}

function draw(segment: Segment): readonly Json[] {
  switch (segment.type) {
    case 'prose':
      return paragraphsOf(segment.text).map((text) => textBlock(inCard(text)));
    case 'code':
      return drawCode(segment);
    case 'table': {
      const element = tableElement(segment.rows);
      return element === undefined ? plain(alignedTable(segment.rows)) : [element];
    }
    default:
      return segment satisfies never;
  }
}

function drawCode({ language, code }: Extract<Segment, { type: 'code' }>): readonly Json[] {
  const chart = language === 'chart' ? readChart(code) : undefined;
  if (chart !== undefined) return [chartElement(chart)];
  return code.trim() === '' ? [] : plain(code);
}

function plain(code: string): readonly Json[] {
  return piecesOf(code, sizes.code).map((piece) => ({
    type: 'Container',
    style: 'emphasis',
    items: [monospaced(piece)],
  }));
}

/** Elements in their order, in as few groups as keep each within so many bytes. */
export function packed(elements: readonly Json[], most: number): readonly (readonly Json[])[] {
  const groups: Json[][] = [];
  let room = 0;
  for (const element of elements) {
    const bytes = bytesOfCard(element) + 1;
    const group = groups.at(-1);
    if (group === undefined || bytes > room) {
      groups.push([element]);
      room = most - bytes;
    } else {
      group.push(element);
      room -= bytes;
    }
  }
  return groups;
}
