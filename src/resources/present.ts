import { isDeepStrictEqual } from 'node:util';
import type { Resource, Row, Values } from './definition.ts';
import { fieldsOf } from './input.ts';
import type { World } from './world.ts';

/** A row as its faces show it: fields in the order of the definition, and what `show` adds. */
export function present(resource: Resource, row: Row, world: World): Readonly<Record<string, unknown>> {
  const fields = Object.entries(resource.fields).flatMap(([name, field]) =>
    field.isHidden || field.column === 'virtual' ? [] : [[name, row[name]]],
  );
  return {
    id: row.id,
    display: displayOf(resource, row),
    ...Object.fromEntries(fields),
    ...resource.show?.(row, world),
    tags: row.tags,
    created: row.created,
    last_updated: row.last_updated,
  };
}

/** How a row is called in a list. */
export function displayOf(resource: Resource, row: Row): string {
  return resource.display?.(row) ?? String(row[resource.nameField] ?? row.id);
}

export interface Difference {
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** What differs between two states of a row, without what must not be repeated. Empty: nothing. */
export function differenceOf(
  resource: Resource,
  before: Row | undefined,
  after: Row | undefined,
): Difference {
  const [old, now]: readonly [Values, Values] = [before ?? {}, after ?? {}];
  const names = Object.entries(fieldsOf(resource)).filter(
    ([name, field]) =>
      field.column !== 'virtual' &&
      !isDeepStrictEqual(field.isHidden || old[name], field.isHidden || now[name]),
  );
  const pick = (row: Values) =>
    Object.fromEntries(
      names.flatMap(([name, { isMasked }]) =>
        row[name] === undefined ? [] : [[name, isMasked ? masked(row[name]) : row[name]]],
      ),
    );
  return { before: pick(old), after: pick(now) };
}

/** Secret references may be seen; any other text may be a secret itself. */
function masked(value: unknown): unknown {
  if (typeof value === 'string') return /^(\S+ )?(env|file|vault):\S+$/.test(value) ? value : '(plain text)';
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner)]));
}
