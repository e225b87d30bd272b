import { InvalidError } from '../../chat/errors.ts';
import { Refusal } from '../refusal.ts';
import { refuseUnfitText } from './body.ts';

/** The values of a query by name, repeated names together, in the order in which they were sent. */
export type Query = ReadonlyMap<string, readonly string[]>;

/** Reads the query of a request's URL. Throws `Refusal` for what cannot be decoded. */
export function readQuery(url: string): Query {
  const query = new Map<string, readonly string[]>();
  const start = url.indexOf('?');
  const pairs = start < 0 ? [] : url.slice(start + 1).split('&');
  for (const pair of pairs.filter((text) => text !== '')) {
    const [name = '', ...value] = pair.split('=');
    const key = decode(name);
    query.set(key, [...(query.get(key) ?? []), decode(value.join('='))]);
  }
  return query;
}

function decode(text: string): string {
  const decoded = decodeOrUndefined(text.replaceAll('+', ' '));
  if (decoded === undefined)
    throw new Refusal({ status: 400, code: 'bad_query' }, 'The query is not valid percent-encoded UTF-8.');
  refuseUnfitText(decoded);
  return decoded;
}

function decodeOrUndefined(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Which part of a list. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
}

const usualLimit = 50;
const highestLimit = 1000;

/** From `limit` (50, at most 1000; 0 is the most) and `offset`. Throws `InvalidError`. */
export function pageOf(query: Query): Page {
  const limit = wholeNumber(query, 'limit') ?? usualLimit;
  return {
    limit: limit === 0 ? highestLimit : Math.min(limit, highestLimit),
    offset: wholeNumber(query, 'offset') ?? 0,
  };
}

function wholeNumber(query: Query, name: string): number | undefined {
  const value = query.get(name)?.at(-1);
  if (value === undefined || value === '') return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new InvalidError({ [name]: ['Write a whole number from 0.'] });
  return Number(value);
}

/** A page of things with the addresses of the pages around it. */
export interface Listing<Item> {
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly Item[];
}

export interface ListingParts<Item> {
  readonly count: number;
  readonly results: readonly Item[];
  readonly page: Page;
  /** The whole address of the list, without a query. */
  readonly address: string;
  readonly query: Query;
}

/** Draws a page. */
export function listing<Item>({ count, results, page, address, query }: ListingParts<Item>): Listing<Item> {
  const { limit, offset } = page;
  const at = (start: number) => `${address}?${queryText(query, { limit, offset: start })}`;
  return {
    count,
    next: offset + limit < count ? at(offset + limit) : null,
    previous: offset > 0 ? at(Math.max(0, offset - limit)) : null,
    results,
  };
}

function queryText(query: Query, page: Page): string {
  const kept = [...query].filter(([name]) => name !== 'limit' && name !== 'offset');
  const pairs = kept.flatMap(([name, values]) => values.map((value) => [name, value] as const));
  return [...pairs, ['limit', String(page.limit)] as const, ['offset', String(page.offset)] as const]
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&');
}
