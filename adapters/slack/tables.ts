import { bareCell, isNumeric } from '../../src/chat/aligned-table.ts';
import { clipped } from '../../src/chat/clipped.ts';
import type { Json } from '../../src/chat/json.ts';
import { limits } from './limits.ts';
import { harmless } from './safe-text.ts';

/** Characters of a table that still fit a message. */
const roomOfTable = 9000;

/** A table block, when the table fits one. Cells are plain text: marks of emphasis and code are left out. */
export function tableBlock(rows: readonly (readonly string[])[]): Json | undefined {
  const columns = rows[0]?.length ?? 0;
  if (columns === 0 || columns > limits.tableColumns || rows.length > limits.tableRows) return undefined;
  if (rows.flat().join('').length > roomOfTable) return undefined;
  return {
    type: 'table',
    rows: rows.map((row) => row.map((cell) => ({ type: 'raw_text', text: plain(cell) || ' ' }))),
    column_settings: Array.from({ length: columns }, (_unused, n) => ({
      is_wrapped: true,
      ...(isNumeric(rows.slice(1).map((row) => row[n] ?? '')) ? { align: 'right' } : {}),
    })),
  };
}

function plain(cell: string): string {
  return clipped(harmless(bareCell(cell)), 1000);
}
