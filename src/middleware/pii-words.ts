import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '../agent/json.ts';
import { replaced, type Span } from './patterns.ts';
import type { Detector } from './pii-detectors.ts';
import type { Found, Search } from './screen.ts';

/** What becomes of personal data that is found. */
export type Strategy = 'block' | 'redact' | 'mask' | 'hash';

/** One kind of personal data that is looked for. */
export interface Watch {
  readonly type: string;
  readonly strategy: Strategy;
  readonly detector: Detector;
}

export function isBlocking({ strategy }: Watch): boolean {
  return strategy === 'block';
}

/** The kind of the first thing in a text that ends a turn. */
export function blockedIn(text: string, watches: readonly Watch[]): string | undefined {
  return watches.find((watch) => isBlocking(watch) && watch.detector.find(text).length > 0)?.type;
}

/** The text with other words for all that is found, of what blocks too. */
export function clean(text: string, watches: readonly Watch[]): string {
  if (watches.length === 0) return text;
  return replaced(text, searchFor(watches).find(text), (found, { words }) => words(found));
}

/** The same for all texts and numbers of arguments, at every depth; the names of fields stay. */
export function cleanArguments(given: JsonObject, watches: readonly Watch[]): JsonObject {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [
      key,
      value === undefined ? value : cleanJson(value, watches),
    ]),
  );
}

function cleanJson(value: Json, watches: readonly Watch[]): Json {
  if (typeof value === 'string') return clean(value, watches);
  if (typeof value === 'number') {
    const text = clean(String(value), watches);
    return text === String(value) ? value : text;
  }
  if (Array.isArray(value)) return value.map((item: Json) => cleanJson(item, watches));
  return isJsonObject(value) ? cleanArguments(value, watches) : value;
}

/** Finds everything that is watched for. `blocked` is called where something must not be; absent: it is redacted. */
export function searchFor(watches: readonly Watch[], blocked?: (type: string) => never): Search {
  const wordsOf =
    ({ type, strategy }: Watch) =>
    (found: string) =>
      strategy === 'block' && blocked !== undefined ? blocked(type) : disguised(found, type, strategy);
  return {
    find: (text) =>
      apart(
        watches.flatMap((watch) => {
          const { goesOn } = watch.detector;
          const more = { words: wordsOf(watch), ...(goesOn && { goesOn }) };
          return watch.detector.find(text).map((span) => ({ ...span, ...more }));
        }),
      ),
    openAt: (text) => Math.min(...watches.map(({ detector }) => detector.openAt(text))),
  };
}

/** Of two that share characters the first one stays, of two at the same place the longer one. */
function apart(found: readonly Found[]): readonly Found[] {
  const inOrder = found.toSorted((a: Span, b: Span) => a.start - b.start || b.end - a.end);
  let end = 0;
  return inOrder.filter((one) => {
    if (one.start < end) return false;
    end = one.end;
    return true;
  });
}

const shownOfMask = 4;

function disguised(found: string, type: string, strategy: Strategy): string {
  switch (strategy) {
    case 'block':
    case 'redact':
      return `[REDACTED_${type.toUpperCase()}]`;
    case 'mask':
      return masked(found);
    case 'hash':
      return `<${type}_hash:${createHash('sha256').update(found).digest('hex').slice(0, 8)}>`;
    default:
      return strategy satisfies never;
  }
}

/** Letters and digits as stars, but for the last four; what has no more than four shows none. */
function masked(text: string): string {
  const characters = [...text];
  const signs = characters.filter((character) => isSign.test(character)).length;
  let left = signs > shownOfMask ? signs - shownOfMask : signs;
  return characters
    .map((character) => {
      if (!isSign.test(character) || left === 0) return character;
      left -= 1;
      return '*';
    })
    .join('');
}

const isSign = /[\p{L}\p{N}]/u;

const names: Readonly<Record<string, string>> = {
  email: 'a mail address',
  credit_card: 'the number of a card',
  ip: 'an IP address',
  mac_address: 'a MAC address',
  url: 'a web address',
};

/** A kind in a sentence: `a mail address`. */
export function wordsFor(type: string): string {
  return Object.hasOwn(names, type) ? (names[type] ?? type) : `something of the kind ${type}`;
}
