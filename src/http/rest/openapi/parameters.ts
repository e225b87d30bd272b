import type { Filterable } from '../filters.ts';
import type { Part } from './answers.ts';

/** A page of anything. */
export function listingOf(items: Part): Part {
  const page = { anyOf: [{ type: 'string' }, { type: 'null' }] };
  const properties = {
    count: { type: 'integer' },
    next: page,
    previous: page,
    results: { type: 'array', items },
  };
  return { type: 'object', properties, required: Object.keys(properties) };
}

/** One name in a query. */
export function queryParameter(name: string, description: string, schema: Part): Part {
  return { name, in: 'query', description, schema };
}

/** Which part of a list. */
export const pagingParameters: readonly Part[] = [
  queryParameter('limit', 'How many at most; 0 for 1000, the most.', {
    type: 'integer',
    minimum: 0,
    default: 50,
  }),
  queryParameter('offset', 'How many to leave out at the beginning.', {
    type: 'integer',
    minimum: 0,
    default: 0,
  }),
];

/** Which rows, in which order. */
export const pageParameters: readonly Part[] = [
  ...pagingParameters,
  queryParameter('q', 'Words to look for.', { type: 'string' }),
  queryParameter('ordering', 'Field names, separated by commas; a - before one turns it round.', {
    type: 'string',
  }),
];

/** A filter by one field. Repeating it asks for any of its values. */
export function filterParameter({ name, label, kind, suffixes }: Filterable): Part {
  const types = {
    text: 'string',
    relation: 'string',
    json: 'string',
    number: 'number',
    flag: 'boolean',
    time: 'string',
  };
  const by = kind === 'relation' ? ', by id or by name' : '';
  return {
    ...queryParameter(
      name,
      `${label}${by}. Several: any of them. Also ${suffixes.map((suffix) => `${name}__${suffix}`).join(', ')}.`,
      { type: 'array', items: { type: types[kind] } },
    ),
    explode: true,
  };
}
