import { isDeepStrictEqual } from 'node:util';
import { referenceIn } from '../access/secret-reference.ts';
import type { FieldErrors } from '../chat/form.ts';
import type { Field, Resource, Row, Values } from './definition.ts';
import type { World } from './world.ts';

/** References that lead nowhere and never will, by field. What a row says already is left alone. */
export function secretErrors(
  resource: Resource,
  { values, before, world }: { readonly values: Values; readonly before?: Row; readonly world: World },
): FieldErrors {
  const errors = Object.entries(resource.fields).flatMap(([name, field]) => {
    if (before !== undefined && isDeepStrictEqual(values[name], before[name])) return [];
    const wrong = referencesIn(field, values[name]).flatMap((one) => world.secrets.refusal(one) ?? []);
    return wrong.length === 0 ? [] : [[name, [...new Set(wrong)]] as const];
  });
  return Object.fromEntries(errors);
}

/** What a row's references still need, as sentences. */
export function secretDoubts(resource: Resource, row: Row, world: World): readonly string[] {
  const references = Object.entries(resource.fields).flatMap(([name, field]) =>
    isAsked(field, row) ? referencesIn(field, row[name]) : [],
  );
  return [...new Set(references.flatMap((one) => world.secrets.missing(one) ?? []))];
}

function isAsked({ shownWhen }: Field, row: Row): boolean {
  return shownWhen === undefined || shownWhen.in.includes(String(row[shownWhen.field]));
}

function referencesIn({ widget }: Field, value: unknown): readonly string[] {
  if (widget.type === 'secret') return typeof value === 'string' && value !== '' ? [value] : [];
  if (widget.type !== 'pairs' || typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((one) => referenceIn(String(one))?.reference ?? []);
}
