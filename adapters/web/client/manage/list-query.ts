import type { FormField } from '../../../../src/chat/form.ts';
import type { ResourceForm } from './rest.ts';

export const PAGE_SIZE = 25;

/** What the server is asked, for what the address says. */
export function listQuery(query: URLSearchParams): URLSearchParams {
  const asked = new URLSearchParams([...query].filter(([, value]) => value !== ''));
  asked.set('limit', String(PAGE_SIZE));
  return asked;
}

/** How many rows the address leaves out before its page. */
export function offsetIn(query: URLSearchParams): number {
  return Number(query.get('offset') ?? 0) || 0;
}

/** The same address with something else asked for; all but another page begins with the first one. */
export function changed(query: URLSearchParams, changes: Readonly<Record<string, string>>): URLSearchParams {
  const next = new URLSearchParams(query);
  next.delete('offset');
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') next.delete(name);
    else next.set(name, value);
  }
  return next;
}

/** The fields by which a list can be narrowed down with a choice; not those that only some rows have. */
export function filterFields(resource: ResourceForm): readonly FormField[] {
  const types = new Set(['choice', 'switch', 'reference']);
  return resource.form.fields.filter(
    ({ name, widget, shownWhen }) =>
      resource.filters.includes(name) && types.has(widget.type) && shownWhen === undefined,
  );
}

/** Whether anything narrows the list down. */
export function isNarrowed(query: URLSearchParams): boolean {
  return [...query.keys()].some((name) => name !== 'ordering' && name !== 'offset');
}

/** What a list can be filtered by it can be sorted by; other columns are made up for each row. */
export function isSortable({ filters }: ResourceForm, name: string): boolean {
  return filters.includes(name);
}

/** Ascending, then descending, then as the resource would have it. */
export function nextOrdering(ordering: string, name: string): string {
  if (ordering === name) return `-${name}`;
  return ordering === `-${name}` ? '' : name;
}
