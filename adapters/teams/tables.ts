import { bareCell, isNumeric } from '../../src/chat/aligned-table.ts';
import { clipped } from '../../src/chat/clipped.ts';
import type { Json } from '../../src/chat/json.ts';
import { plainBlock, textBlock } from './card-parts.ts';
import { safeCardText } from './safe-text.ts';
import { bytesOfCard, sizes } from './sizes.ts';

type Rows = readonly (readonly string[])[];

/** A table of a card, when the rows fit one. */
export function tableElement(rows: Rows): Json | undefined {
  const [head = [], ...body] = rows;
  if (head.length === 0 || head.length > sizes.tableColumns || rows.length > sizes.tableRows)
    return undefined;
  const element = {
    type: 'Table',
    firstRowAsHeaders: true,
    columns: head.map((_cell, n) => columnOf(rows.map((row) => row[n] ?? ''))),
    rows: [rowOf(head, { weight: 'Bolder' }), ...body.map((row) => rowOf(row))],
  };
  return bytesOfCard(element) > sizes.card - 4000 ? undefined : element;
}

function columnOf([head = '', ...cells]: readonly string[]): Json {
  const longest = Math.max(...[head, ...cells].map((cell) => bareCell(cell).length));
  const align = isNumeric(cells.filter((cell) => cell !== '')) ? 'Right' : 'Left';
  return {
    width: Math.max(1, Math.min(6, Math.ceil(longest / 8))),
    horizontalCellContentAlignment: align,
  };
}

function rowOf(cells: readonly string[], look: Json = {}): Json {
  return {
    type: 'TableRow',
    cells: cells.map((cell) => ({ type: 'TableCell', items: [cellOf(clipped(cell, 1000), look)] })),
  };
}

/** Plain text, but a link stays one. Where Markdown could read nothing else, the smaller element serves. */
function cellOf(cell: string, look: Json): Json {
  if (/\]\(https?:/.test(cell) && !cell.includes('`')) return textBlock(safeCardText(cell), look);
  const text = bareCell(cell).trim();
  return hasMarks.test(text) || text === '' ? plainBlock(text, look) : textBlock(text, look);
}

const hasMarks = /[\\`*_[\]~<>&{}@\n]|\p{Cc}|[\u202a-\u202e\u2066-\u2069]|^([-+#]|\d+[.)]\s)/u;
