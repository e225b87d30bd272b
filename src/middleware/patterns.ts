import { z } from 'zod';
import { TurnEndError } from '../agent/middleware.ts';
import { once } from '../agent/once.ts';
import { compile, problemOf, type Span, spansOf } from './pattern-job.ts';
import { openPatternThread, type PatternThread } from './pattern-thread.ts';

export type { Span } from './pattern-job.ts';

/** A regular expression of an admin, looked for in any case and over lines. */
export interface Pattern {
  test(text: string): boolean;
  /** All places, none of them empty, in their order. */
  find(text: string): readonly Span[];
  replace(text: string, replacement: string): string;
}

const longest = 2000;

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

/** Patterns as they are looked for. A config's own list is compiled once, and not for every turn. */
export const compiled = once((patterns: readonly string[]): readonly Pattern[] => patterns.map(patternOf));

/** Instructions times characters that are looked through here: a few dozen milliseconds at the very most. */
const mostHere = 300_000;
/** How long everything else waits for a longer search: in what people write, and in what is longer still. */
const mostMs = (text: string) => Math.min(2000, 400 * Math.max(1, text.length / 100_000));

/**
 * One of them; it is compiled when it is first needed. Linear time may still be long: a large pattern is
 * looked for in a long text by a thread, and not for longer than everybody can wait. `TurnEndError` says so.
 */
export function patternOf(source: string): Pattern {
  let made: ReturnType<typeof compile> | undefined;
  const own = () => {
    made ??= compile(source);
    return made;
  };
  const isQuick = (text: string) => own().programSize() * text.length <= mostHere;
  const find = (text: string) => {
    if (text.length === 0 || isQuick(text)) return spansOf(own(), text);
    return inTime(aside((thread) => thread.atOnce<'find'>({ type: 'find', source, text }, mostMs(text))));
  };
  return {
    test(text) {
      if (isQuick(text)) return own().test(text);
      return inTime(aside((thread) => thread.atOnce<'test'>({ type: 'test', source, text }, mostMs(text))));
    },
    find,
    replace: (text, replacement) => replaced(text, find(text), () => replacement),
  };
}

function inTime<T>(answer: { readonly found: T } | undefined): T {
  if (answer !== undefined) return answer.found;
  const text =
    'I stopped, because a regular expression of this model’s middleware takes too long for so long a text. Write less, or ask an administrator to write a simpler one.';
  throw new TurnEndError({ status: 'failed', code: 'pattern_too_slow', text });
}

const threads: { now?: PatternThread } = {};

/** The one thread of this process for what cannot wait; another one after it took too long. */
function aside<T>(ask: (thread: PatternThread) => T | undefined): T | undefined {
  threads.now ??= openPatternThread();
  const answer = ask(threads.now);
  if (answer === undefined) threads.now = openPatternThread();
  return answer;
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
