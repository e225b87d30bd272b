import { InvalidError } from '../../chat/errors.ts';
import { nearest } from '../../chat/nearest.ts';
import type { Field, Resource } from '../../resources/definition.ts';
import { isUsualTime } from '../../resources/field.ts';
import { fieldsOf } from '../../resources/input.ts';
import type { Comparison, Filter, RowQuery } from '../../resources/rows.ts';
import { pageOf, type Query } from './query.ts';

type Kind = 'text' | 'number' | 'flag' | 'time' | 'relation' | 'json';

const equality = { '': 'is', n: 'is_not' } as const;
const presence = { isnull: 'empty' } as const;
const order = { gt: 'above', gte: 'from', lt: 'below', lte: 'to' } as const;
const words = { ie: 'same', ic: 'contains', nic: 'contains_not', isw: 'starts', iew: 'ends' } as const;

/** What may follow a field's name after `__`, by the kind of its values. */
const suffixes: Readonly<Record<Kind, Readonly<Record<string, Comparison>>>> = {
  text: { ...equality, ...words, ...presence },
  relation: { ...equality, ...words, ...presence },
  number: { ...equality, ...order, ...presence },
  time: { ...equality, ...order, ...presence },
  flag: { ...equality, ...presence },
  json: { ...equality, ic: 'contains', nic: 'contains_not', ...presence },
};

/** A field that lists can be filtered by. */
export interface Filterable {
  readonly name: string;
  readonly label: string;
  readonly kind: Kind;
  /** What may follow the name after `__`. */
  readonly suffixes: readonly string[];
}

/** The fields that a resource's list can be filtered and ordered by. */
export function filterablesOf(resource: Resource): readonly Filterable[] {
  const own = Object.entries(fieldsOf(resource))
    .filter(([, { isHidden, column }]) => !isHidden && column !== 'virtual')
    .map(([name, field]) => filterable(name, field.label, kindOf(field)));
  return [
    filterable('id', 'Id', 'text'),
    ...own,
    filterable('created', 'Created', 'time'),
    filterable('last_updated', 'Last updated', 'time'),
  ];
}

function filterable(name: string, label: string, kind: Kind): Filterable {
  return { name, label, kind, suffixes: Object.keys(suffixes[kind]).filter((suffix) => suffix !== '') };
}

function kindOf({ relation, column }: Field): Kind {
  if (relation !== undefined) return 'relation';
  switch (column) {
    case 'integer':
    case 'float':
      return 'number';
    case 'boolean':
      return 'flag';
    case 'timestamptz':
      return 'time';
    case 'jsonb':
      return 'json';
    case 'text':
    case 'uuid':
    case 'virtual':
      return 'text';
    default:
      return column satisfies never;
  }
}

/** What says nothing about which rows are wanted. `depth` and its like are what clients of Nautobot send along. */
const others = new Set([
  ...['limit', 'offset', 'q', 'ordering', 'sort'],
  ...['depth', 'exclude_m2m', 'include', 'format', 'api_version', 'brief'],
]);

/** Turns a request's query into one of rows. Throws `InvalidError` with all that is wrong, by name. */
export function rowQueryOf(resource: Resource, query: Query): RowQuery {
  const known = filterablesOf(resource);
  // A map takes every name, `__proto__` too.
  const wrong = new Map<string, readonly string[]>();
  const filters: Filter[] = [];
  for (const [name, values] of query) {
    if (others.has(name)) continue;
    const read = readFilter(known, name, values);
    if (read.ok) filters.push(read.filter);
    else wrong.set(name, [read.problem]);
  }
  const orderNames = [...(query.get('ordering') ?? []), ...(query.get('sort') ?? [])].flatMap(namesIn);
  const orderProblem = problemOfOrder(known, orderNames);
  if (orderProblem !== undefined) wrong.set('ordering', [orderProblem]);
  if (wrong.size > 0) throw new InvalidError(Object.fromEntries(wrong));
  const q = query.get('q')?.at(-1);
  return { filters, order: orderNames, ...pageOf(query), ...(q === undefined ? {} : { q }) };
}

function namesIn(value: string): readonly string[] {
  return value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function problemOfOrder(known: readonly Filterable[], names: readonly string[]): string | undefined {
  const wanted = names.map((name) => name.replace(/^-/, ''));
  const unknown = wanted.find((name) => !known.some((field) => field.name === name));
  return unknown === undefined ? undefined : `There is no field ${unknown.slice(0, 100)} to order by.`;
}

type ReadFilter =
  | { readonly ok: true; readonly filter: Filter }
  | { readonly ok: false; readonly problem: string };

function readFilter(known: readonly Filterable[], name: string, values: readonly string[]): ReadFilter {
  const [fieldName = '', suffix = '', ...more] = name.split('__');
  const field = known.find((one) => one.name === fieldName);
  const comparison =
    field === undefined ||
    more.length > 0 ||
    name.endsWith('__') ||
    !Object.hasOwn(suffixes[field.kind], suffix)
      ? undefined
      : suffixes[field.kind][suffix];
  if (field === undefined || comparison === undefined)
    return { ok: false, problem: unknownFilter(known, fieldName) };
  const read = values.map((value) => readValue(comparison === 'empty' ? 'flag' : field.kind, value));
  const problem = read.find((one) => 'problem' in one);
  if (problem !== undefined && 'problem' in problem) return { ok: false, problem: problem.problem };
  const texts = read.flatMap((one) => ('value' in one ? [one.value] : []));
  return { ok: true, filter: { field: fieldName, comparison, values: texts } };
}

function unknownFilter(known: readonly Filterable[], name: string): string {
  const field = known.find((one) => one.name === name);
  if (field !== undefined)
    return `Unknown filter field. ${name} takes ${field.suffixes.map((suffix) => `__${suffix}`).join(', ')}.`;
  const meant = nearest(
    name,
    known.map((one) => one.name),
  );
  return meant === undefined ? 'Unknown filter field' : `Unknown filter field. Did you mean ${meant}?`;
}

type ReadValue = { readonly value: string } | { readonly problem: string };

const flags: Readonly<Record<string, string>> = { true: 'true', '1': 'true', false: 'false', '0': 'false' };

function readValue(kind: Kind, text: string): ReadValue {
  switch (kind) {
    case 'number':
      return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? { value: text } : { problem: 'Write a number.' };
    case 'flag': {
      const value = Object.hasOwn(flags, text.toLowerCase()) ? flags[text.toLowerCase()] : undefined;
      return value === undefined ? { problem: 'Write true or false.' } : { value };
    }
    case 'time':
      return readTime(text);
    case 'text':
    case 'relation':
    case 'json':
      return { value: text };
    default:
      return kind satisfies never;
  }
}

const timeShape = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?( ?Z|[+ -]\d{2}:?\d{2})?)?$/;

/** Without an offset a time is UTC. A `+` that nobody encoded arrives as a space. */
export function readTime(text: string): ReadValue {
  const withZone = text.replace(/^(\d{4}-\d{2}-\d{2}) /, '$1T').replace(/ (\d{2}:?\d{2})$/, '+$1');
  const hasZone = withZone.length <= 10 || /(Z|[+-]\d{2}:?\d{2})$/.test(withZone);
  const at = new Date(hasZone ? withZone : `${withZone}Z`);
  return timeShape.test(text) && isUsualTime(text)
    ? { value: at.toISOString() }
    : { problem: 'Write a time like 2026-12-31T12:00:00Z, or a date.' };
}
