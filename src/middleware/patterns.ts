import { RE2JS } from 're2js';
import { z } from 'zod';
import { once } from '../agent/once.ts';

/** A place in a text: `start` up to, but not with, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A regular expression of an admin, looked for in any case and over lines. */
export interface Pattern {
  test(text: string): boolean;
  /** All places, none of them empty, in their order. */
  find(text: string): readonly Span[];
  replace(text: string, replacement: string): string;
}

const longest = 2000;
/** What each character of a text may cost at most. */
const mostInstructions = 5000;
const flags = RE2JS.CASE_INSENSITIVE | RE2JS.MULTILINE;

/**
 * A regular expression that is read in time linear to the text, whatever it is and whatever the text is
 * (RE2's syntax: no lookaround and no backreferences). Anything else could stop the whole process.
 */
export const pattern = z
  .string()
  .min(1)
  .max(longest)
  .superRefine((text, { addIssue }) => {
    const problem = problemOf(text);
    if (problem !== undefined) addIssue(problem);
  });

function problemOf(text: string): string | undefined {
  try {
    const size = compile(text).programSize();
    return size > mostInstructions
      ? 'This regular expression is too large: repeat less in it, or write shorter ones.'
      : undefined;
  } catch {
    return isForeign(text)
      ? 'This regular expression uses lookaround or a backreference, which can take for ever; write it without.'
      : 'This is not a regular expression.';
  }
}

function isForeign(text: string): boolean {
  try {
    return new RegExp(text, 'iu') instanceof RegExp;
  } catch {
    return false;
  }
}

function compile(text: string): RE2JS {
  return RE2JS.compile(RE2JS.translateRegExp(text), flags);
}

/** Patterns as they are looked for. A config's own list is compiled once, and not for every turn. */
export const compiled = once((patterns: readonly string[]): readonly Pattern[] => patterns.map(patternOf));

/** One of them; it is compiled when it is first needed. */
export function patternOf(source: string): Pattern {
  let made: RE2JS | undefined;
  const own = () => {
    made ??= compile(source);
    return made;
  };
  const find = (text: string) => spansOf(own(), text);
  return {
    test: (text) => own().test(text),
    find,
    replace: (text, replacement) => replaced(text, find(text), () => replacement),
  };
}

function spansOf(compiled: RE2JS, text: string): readonly Span[] {
  const spans: Span[] = [];
  const matcher = compiled.matcher(text);
  while (matcher.find())
    if (matcher.end() > matcher.start()) spans.push({ start: matcher.start(), end: matcher.end() });
  return spans;
}

/** The text with other words in these places, which must be in their order and apart. */
export function replaced<S extends Span>(
  text: string,
  spans: readonly S[],
  words: (found: string, span: S) => string,
): string {
  let at = 0;
  const parts = spans.map((span) => {
    const before = text.slice(at, span.start);
    at = span.end;
    return before + words(text.slice(span.start, span.end), span);
  });
  return parts.join('') + text.slice(at);
}
