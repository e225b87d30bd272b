import { clipped } from './clipped.ts';

/** A cell without Markdown's marks. */
export function bareCell(cell: string): string {
  return cell
    .replace(/<br\s*\/?>/gi, ' ')
    .replace(/`([^`]*)`/g, '$1')
    .replace(/\*\*([^*]+)\*\*/g, '$1')
    .replace(/\[([^\]]+)\]\((\S+?)\)/g, '$1 ($2)');
}

/** Whether a column's cells are numbers, with or without a unit: such columns stand at the right. */
export function isNumeric(cells: readonly string[]): boolean {
  const number = /^[-+]?[\d.,]+\s?(%|[kKMGT]i?B|ms|s|m|h)?$/;
  return cells.length > 0 && cells.every((cell) => number.test(bareCell(cell)));
}

/** A table in letters of one width, for where a platform draws none. */
export function alignedTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => clipped(bareCell(cell), 60)));
  const widths = (cells[0] ?? []).map((_cell, n) => Math.max(...cells.map((row) => row[n]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [lines[0] ?? '', widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1)].join('\n');
}
