import type { Desk, DeskCaller } from './desk.ts';

const most = 50;

/** A list of things as a Markdown table. Throws what the desk throws. */
export async function listText(desk: Desk, path: string, by: DeskCaller): Promise<string> {
  const list = await desk.list(path, by, { limit: most, offset: 0 });
  if (list.rows.length === 0) return `There are no ${list.title}.`;
  const head = list.columns.map((column) => column.label);
  const rows = list.rows.map((row) => list.columns.map((column) => cell(row.cells[column.name])));
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const more =
    list.total > list.rows.length ? `\n\n${list.total - list.rows.length} more are not shown.` : '';
  return `${lines.join('\n')}${more}`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|');
}
