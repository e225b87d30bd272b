import type { Json } from './json.ts';
import { limits } from './limits.ts';
import { clipped, harmless } from './safe-text.ts';

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

/** A cell without Markdown's marks. */
function plain(cell: string): string {
  const bare = cell
    .replace(/<br\s*\/?>/gi, ' ')
    .replace(/`([^`]*)`/g, '$1')
    .replace(/\*\*([^*]+)\*\*/g, '$1')
    .replace(/\[([^\]]+)\]\((\S+?)\)/g, '$1 ($2)');
  return clipped(harmless(bare), 1000);
}

function isNumeric(cells: readonly string[]): boolean {
  return (
    cells.length > 0 && cells.every((cell) => /^[-+]?[\d.,]+\s?(%|[kKMGT]i?B|ms|s|m|h)?$/.test(plain(cell)))
  );
}

/** A table in letters of one width, for where there is no table block. */
export function alignedTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => clipped(plain(cell), 60)));
  const widths = (cells[0] ?? []).map((_cell, n) => Math.max(...cells.map((row) => row[n]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [lines[0] ?? '', widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1)].join('\n');
}
