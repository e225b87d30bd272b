import { alignedTable } from '../../src/chat/aligned-table.ts';
import { readChart } from '../../src/chat/chart.ts';
import { clipped } from '../../src/chat/clipped.ts';
import type { Json } from '../../src/chat/json.ts';
import { fenced, piecesOf, type Segment, segmentsOf } from '../../src/chat/segments.ts';
import { cardOf, monospaced, textBlock, wide } from './card-parts.ts';
import { chartElement } from './charts.ts';
import { paragraphsOf } from './prose.ts';
import { safeCardText, safeCode, safeProse } from './safe-text.ts';
import { bytesOfCard, bytesOfMessage, sizes } from './sizes.ts';
import { tableElement } from './tables.ts';

/** A file that belongs to an answer. */
export interface Attached {
  readonly name: string;
  readonly content: string;
}

/** One message: a text, and what follows it in a card. */
export interface Page {
  readonly text: string;
  readonly body: readonly Json[];
}

export interface Pages {
  readonly pages: readonly Page[];
  readonly files: readonly Attached[];
}

/** Something drawn: as text of a message, and as elements of a card; with one of the two only there. */
interface Piece {
  readonly text?: string;
  readonly elements?: readonly Json[];
  /** What a message says that begins with a card. */
  readonly caption?: string;
}

/**
 * Draws Markdown as messages. Prose and code are text, which all clients draw; tables and charts are
 * elements of a card below it, and what follows them shortly stands in the card too, in its order. `room`: bytes
 * that cards need besides.
 */
export function pagesOf(markdown: string, room = 0): Pages {
  const files: Attached[] = [];
  const pages = pack(
    segmentsOf(markdown).flatMap((segment) => draw(segment, files)),
    room,
  );
  if (pages.length <= sizes.messages) return { pages, files };
  const text = `${pages[0]?.text ?? ''}\n\n*The whole answer is in answer.md.*`;
  return { pages: [{ text, body: pages[0]?.body ?? [] }], files: [{ name: 'answer.md', content: markdown }] };
}

/** The same where no file can follow: all of it is in the messages, however many. */
export function pagesWithoutFiles(markdown: string): readonly Page[] {
  return pack(segmentsOf(markdown).flatMap((segment) => draw(segment, undefined)));
}

/** Files that are made on the way; undefined: there are to be none. */
type Files = Attached[] | undefined;

function draw(segment: Segment, files: Files): readonly Piece[] {
  switch (segment.type) {
    case 'prose':
      return paragraphsOf(segment.text).map((text) => ({
        text,
        ...(text.length > sizes.inCard ? {} : { elements: [textBlock(inCard(text))] }),
      }));
    case 'code':
      return drawCode(segment, files);
    case 'table':
      return drawTable(segment, files);
    default:
      return segment satisfies never;
  }
}

function drawCode({ language, code }: Extract<Segment, { type: 'code' }>, files: Files): readonly Piece[] {
  const chart = language === 'chart' ? readChart(code) : undefined;
  if (chart !== undefined)
    return [{ elements: [chartElement(chart)], caption: `📊 ${safeProse(chart.title)}` }];
  if (code.trim() === '') return [];
  const name = `output-${numberOf(files)}.${/^[a-z]{1,5}$/.test(language) ? language : 'txt'}`;
  return drawPlain({ code, language, file: { name, content: code } }, files);
}

function drawTable({ rows, source }: Extract<Segment, { type: 'table' }>, files: Files): readonly Piece[] {
  const element = tableElement(rows);
  const caption = `📋 ${safeProse(clipped(headOf(rows), 80))}`;
  if (element !== undefined) return [{ elements: [element], caption }];
  const file = { name: `table-${numberOf(files)}.md`, content: source };
  return drawPlain({ code: alignedTable(rows), language: '', file }, files);
}

/** The names of the columns; a table without any is a table. */
function headOf(rows: readonly (readonly string[])[]): string {
  const names = (rows[0] ?? []).map((cell) => cell.trim()).filter((cell) => cell !== '');
  return names.length === 0 ? 'Table' : names.join(' · ');
}

function numberOf(files: Files = []): number {
  return files.length + 1;
}

/** Letters of one width; what is too long is a file, of which the first lines are shown. */
function drawPlain(
  { code, language, file }: { readonly code: string; readonly language: string; readonly file: Attached },
  files: Files,
): readonly Piece[] {
  const block = (text: string) => fenced(safeCode(text), /^[\w+#.-]{0,20}$/.test(language) ? language : '');
  if (code.length > sizes.code && files === undefined)
    return piecesOf(code, sizes.code).map((piece) => ({ text: block(piece) }));
  if (code.length > sizes.code) {
    files?.push(file);
    const head = code.split('\n').slice(0, 15).join('\n').slice(0, sizes.inCard);
    return [{ text: block(head) }, { text: `*The first lines; all of it is in ${file.name}.*` }];
  }
  const element = { type: 'Container', style: 'emphasis', items: [monospaced(code)] };
  return [{ text: block(code), ...(code.length > sizes.inCard ? {} : { elements: [element] }) }];
}

/** Prose of a message as prose of a card: without entities. */
export function inCard(text: string): string {
  return safeCardText(text.replaceAll('&lt;', '<'));
}

function pack(pieces: readonly Piece[], room = 0): readonly Page[] {
  const pages: Page[] = [];
  let page: Page = { text: '', body: [] };
  for (const piece of pieces) {
    const grown = added(page, piece, room);
    if (grown !== undefined) {
      page = grown;
      continue;
    }
    pages.push(page);
    page = added({ text: '', body: [] }, piece, room) ?? page;
  }
  return [...pages, page];
}

/** The page with a piece more; undefined: it has no room for it, or not in its order. */
function added(page: Page, { text, elements, caption }: Piece, room: number): Page | undefined {
  if (page.body.length === 0 && text !== undefined) {
    const longer = page.text === '' ? text : `${page.text}\n\n${text}`;
    return page.text === '' || longer.length <= sizes.text ? { ...page, text: longer } : undefined;
  }
  if (elements === undefined) return undefined;
  const grown = {
    text: page.text === '' ? (caption ?? '') : page.text,
    body: [...page.body, ...elements],
  };
  return page.body.length === 0 || fits(grown, room) ? grown : undefined;
}

/** Room is left for the quiet line. */
function fits({ text, body }: Page, room: number): boolean {
  const card = wide(cardOf(body));
  return (
    bytesOfCard(card) + room <= sizes.card - 1500 &&
    bytesOfMessage({ text, card }) + 2 * room <= sizes.message - 4000
  );
}
