import type { RouteRequest } from '../../../src/chat/route.ts';
import type { FakeResource, FakeRow } from './fake-resources.ts';

/** The rows that a list's query asks for, in its order, before they are cut into pages. */
export function select(
  resource: FakeResource,
  rows: readonly FakeRow[],
  query: RouteRequest['query'],
): readonly FakeRow[] {
  const { q = '', ordering = 'name', limit: _limit, offset: _offset, ...filters } = query;
  return rows
    .filter((row) => resource.search.some((name) => textOf(row[name]).includes(q.toLowerCase())))
    .filter((row) => Object.entries(filters).every(([name, value]) => matches(row[name], value)))
    .toSorted((one, other) => compare(one, other, ordering));
}

/** A value as it is searched and compared; a relation by its name. */
function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'name' in value) return textOf(value.name);
  return String(value ?? '').toLowerCase();
}

function matches(value: unknown, wanted: string | undefined): boolean {
  if (typeof value === 'object' && value !== null && 'id' in value && value.id === wanted) return true;
  return textOf(value) === wanted?.toLowerCase();
}

function compare(one: FakeRow, other: FakeRow, ordering: string): number {
  const isReverse = ordering.startsWith('-');
  const name = ordering.replace('-', '');
  const order = textOf(one[name]).localeCompare(textOf(other[name]), 'en', { numeric: true });
  return isReverse ? -order : order;
}
