import { alignedTable } from '../../src/chat/aligned-table.ts';
import { chartRows, readChart } from '../../src/chat/chart.ts';
import type { Json } from '../../src/chat/json.ts';
import { fenced, piecesOf, type Segment, segmentsOf } from '../../src/chat/segments.ts';
import { chartBlock } from './charts.ts';
import { limits } from './limits.ts';
import { harmless } from './safe-text.ts';
import { tableBlock } from './tables.ts';

/** A file that belongs to an answer. */
export interface Attached {
  readonly name: string;
  readonly content: string;
}

/** An answer as messages: the blocks of each, and files that follow. */
export interface Pages {
  readonly pages: readonly (readonly Json[])[];
  readonly files: readonly Attached[];
}

/**
 * Draws Markdown as blocks: prose as markdown blocks, the first table as a table block, charts as charts,
 * long code as files. As many messages as it needs; what would need too many becomes a file. The first message
 * has room for the blocks that it gets besides.
 */
export function pagesOf(markdown: string, besides: readonly Json[] = []): Pages {
  const files: Attached[] = [];
  const drawn = segmentsOf(markdown).flatMap((segment) => draw(segment, files));
  const pages = pack(drawn, besides);
  if (pages.length <= limits.messages) return { pages, files };
  const note = markdownBlock('_The whole answer is in the file below._');
  return { pages: [[...(pages[0] ?? []), note]], files: [{ name: 'answer.md', content: markdown }] };
}

function markdownBlock(text: string): Json {
  return { type: 'markdown', text };
}

function draw(segment: Segment, files: Attached[]): readonly Json[] {
  switch (segment.type) {
    case 'prose':
      return piecesOf(harmless(segment.text), limits.section).map(markdownBlock);
    case 'code':
      return drawCode(segment, files);
    case 'table':
      return drawTable(segment.rows);
    default:
      return segment satisfies never;
  }
}

function drawCode(
  { language, code }: Extract<Segment, { type: 'code' }>,
  files: Attached[],
): readonly Json[] {
  const chart = language === 'chart' ? readChart(code) : undefined;
  if (chart !== undefined)
    return [chartBlock(chart), markdownBlock(fenced(harmless(alignedTable(chartRows(chart)))))];
  if (code.trim() === '') return [];
  if (code.length <= limits.code) return [markdownBlock(fenced(harmless(code), language))];
  const name = `output-${files.length + 1}.${/^[a-z]{1,5}$/.test(language) ? language : 'txt'}`;
  files.push({ name, content: code });
  const head = code.split('\n').slice(0, 15).join('\n').slice(0, 1500);
  return [markdownBlock(`${fenced(harmless(head), language)}\n_The first lines; all of it is in ${name}._`)];
}

function drawTable(rows: readonly (readonly string[])[]): readonly Json[] {
  const block = tableBlock(rows);
  if (block !== undefined) return [block];
  return piecesOf(harmless(alignedTable(rows)), limits.section - 20).map((piece) =>
    markdownBlock(fenced(piece)),
  );
}

/** Fills messages; a message holds one table, and neighbouring prose goes into one block. */
function pack(blocks: readonly Json[], besides: readonly Json[]): readonly (readonly Json[])[] {
  const pages: Json[][] = [];
  let page: Json[] = [];
  const isRoomFor = (more: readonly Json[]) => fits(pages.length === 0 ? [...more, ...besides] : more);
  for (const block of blocks) {
    const last = page.at(-1);
    if (last?.type === 'markdown' && block.type === 'markdown' && isRoomFor([...page, block])) {
      page[page.length - 1] = markdownBlock(`${String(last.text)}\n\n${String(block.text)}`);
      continue;
    }
    if (page.length > 0 && !isRoomFor([...page, block])) {
      pages.push(page);
      page = [];
    }
    page.push(block);
  }
  return page.length > 0 || pages.length === 0 ? [...pages, page] : pages;
}

const charts = 2;

function fits(page: readonly Json[]): boolean {
  const count = (type: string) => page.filter((block) => block.type === type).length;
  const markdown = page.reduce(
    (sum, block) => sum + (block.type === 'markdown' ? String(block.text).length + 2 : 0),
    0,
  );
  const payload = JSON.stringify(page.filter((block) => block.type !== 'table')).length;
  return (
    page.length <= limits.blocks &&
    count('table') <= 1 &&
    count('data_visualization') <= charts &&
    markdown <= limits.markdown &&
    payload <= limits.payload
  );
}
