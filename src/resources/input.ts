import { z } from 'zod';
import { heldSecret, heldSentence } from '../access/held-secret.ts';
import type { FieldErrors } from '../chat/form.ts';
import { nearest } from '../chat/nearest.ts';
import type { Field, Resource, Row, Values } from './definition.ts';
import { sentencesOf } from './sentences.ts';
import type { World } from './world.ts';

/** What was read of a caller's input: the values it gives, by field. */
export type Read =
  | { readonly ok: true; readonly values: Values }
  | { readonly ok: false; readonly errors: FieldErrors };

export interface ReadOptions {
  /** The row as it is; absent: a new one. */
  readonly before?: Row;
  /** Fields that are not there stay as they are; otherwise they take their initial value. */
  readonly isPartial: boolean;
  readonly world: World;
}

/**
 * What every answer of the API holds besides fields, and what other applications of the reference
 * app's kind add: a client may send back what it read.
 */
const ignored = new Set([
  ...['id', 'url', 'display', 'object_type', 'natural_slug', 'created', 'last_updated', 'notes_url'],
  ...['custom_fields', 'relationships', 'computed_fields', 'composite_key'],
]);

/** Reads what a caller wrote against a resource's fields. Relations are still ids or names. */
export function readInput(resource: Resource, input: unknown, options: ReadOptions): Read {
  if (!isRecord(input)) return refused({ non_field_errors: ['Send a JSON object.'] });
  const given = resource.accept?.(input, options.before) ?? input;
  const shown = shownBesides(resource, options);
  const strangers = Object.keys(given).filter((name) => !isKnown(resource, name) && !shown.has(name));
  const errors: Record<string, readonly string[]> = Object.fromEntries(
    strangers.slice(0, mostStrangers).map((name) => [name, [unknownField(resource, name)]]),
  );
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fieldsOf(resource))) {
    if (field.isReadOnly || field.isHidden) continue;
    const isVirtual = field.column === 'virtual';
    const read = readField(field, given[name], isVirtual ? { ...options, isPartial: true } : options);
    if (read === undefined) continue;
    if ('errors' in read) errors[name] = read.errors;
    else if (!isVirtual) values[name] = read.value;
  }
  return Object.keys(errors).length > 0 ? refused(errors) : { ok: true, values };
}

/** A client may send back what it was shown besides fields. */
function shownBesides(resource: Resource, { before, world }: ReadOptions): ReadonlySet<string> {
  return new Set(before === undefined ? [] : Object.keys(resource.show?.(before, world) ?? {}));
}

/** More unknown fields than these are not all named. */
const mostStrangers = 20;

function refused(errors: FieldErrors): Read {
  return { ok: false, errors };
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function isKnown(resource: Resource, name: string): boolean {
  return ignored.has(name) || name === 'tags' || Object.hasOwn(resource.fields, name);
}

function unknownField(resource: Resource, name: string): string {
  const writable = Object.entries(resource.fields).flatMap(([key, { isHidden }]) => (isHidden ? [] : [key]));
  const meant = nearest(name, writable);
  return meant === undefined ? 'There is no such field.' : `There is no such field. Did you mean ${meant}?`;
}

const tags: Field = {
  label: 'Tags',
  help: 'Words to find it by.',
  widget: { type: 'texts' },
  schema: z
    .array(
      z.union([z.string().min(1).max(100), z.looseObject({ name: z.string().min(1).max(100) })], {
        error: 'Must be a list of texts.',
      }),
      { error: 'Must be a list of texts.' },
    )
    .max(50, { error: 'At most 50 entries.' })
    .transform((entries) => [...new Set(entries.map((tag) => (typeof tag === 'string' ? tag : tag.name)))]),
  column: 'jsonb',
  initial: [],
  isNullable: false,
  isReadOnly: false,
  isHidden: false,
  isMasked: false,
};

/** The fields of a resource and those that every resource has. */
export function fieldsOf(resource: Resource): Readonly<Record<string, Field>> {
  return { ...resource.fields, tags };
}

type ReadField = { readonly value: unknown } | { readonly errors: readonly string[] };

function readField(field: Field, given: unknown, { isPartial }: ReadOptions): ReadField | undefined {
  if (given === undefined) {
    if (isPartial) return undefined;
    return field.initial === undefined ? { errors: ['This field is required.'] } : { value: field.initial };
  }
  if (given === null) {
    return field.isNullable ? { value: null } : { errors: ['This field may not be null.'] };
  }
  // An empty choice of a form.
  if (given === '' && field.isNullable) return { value: null };
  const held = heldIn(given);
  if (held !== undefined) return { errors: [held] };
  const parsed = field.schema.safeParse(given);
  return parsed.success ? { value: parsed.data } : { errors: sentencesOf(parsed.error) };
}

/** A sentence about a secret that stands in a value, with its place; the secret is not repeated. */
function heldIn(value: unknown, place = '', depth = 0): string | undefined {
  if (typeof value === 'string') {
    const held = heldSecret(value);
    return held === undefined ? undefined : `${place === '' ? '' : `${place}: `}${heldSentence(held)}`;
  }
  if (typeof value !== 'object' || value === null || depth > deepest) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const inName = Array.isArray(value) ? undefined : heldIn(name, place, depth + 1);
    const own = heldSecret(name) === undefined ? name : '';
    const found = inName ?? heldIn(inner, [place, own].filter((part) => part !== '').join('.'), depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Deeper than this no schema lets a value go. */
const deepest = 50;

/** The values of a stored row as they would be written: relations by id. */
export function valuesOf(resource: Resource, row: Row): Values {
  const entries = Object.entries(fieldsOf(resource)).flatMap(([name, field]) =>
    field.column === 'virtual' ? [] : [[name, field.relation === undefined ? row[name] : idOf(row[name])]],
  );
  return Object.fromEntries(entries);
}

/** The id of a relation's `{id, name}`; null for none. */
export function idOf(relation: unknown): string | null {
  return isRecord(relation) && typeof relation.id === 'string' ? relation.id : null;
}

/** The name of a relation's `{id, name}`; empty for none. */
export function nameOf(relation: unknown): string {
  return isRecord(relation) && typeof relation.name === 'string' ? relation.name : '';
}
