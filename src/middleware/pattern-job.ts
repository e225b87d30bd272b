import { RE2JS } from 're2js';

/** A place in a text: `start` up to, but not with, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A line of a text that matches; lines are counted from 1. */
export interface FoundLine {
  readonly at: number;
  readonly line: string;
}

/** What is asked of regular expressions, and what they answer. */
export interface PatternJobs {
  readonly test: { readonly text: string; readonly found: boolean };
  readonly find: { readonly text: string; readonly found: readonly Span[] };
  /** Which of the texts match, by their places. */
  readonly which: { readonly texts: readonly string[]; readonly found: readonly number[] };
  readonly lines: { readonly text: string; readonly most: number; readonly found: readonly FoundLine[] };
  /** What keeps it from being used, as a sentence. */
  readonly problem: { readonly found: string | undefined };
}

/** A regular expression, and what is asked of it. */
export type PatternJob = {
  readonly [Type in keyof PatternJobs]: { readonly type: Type; readonly source: string } & Omit<
    PatternJobs[Type],
    'found'
  >;
}[keyof PatternJobs];

/** What a job answers. */
export type Found<Type extends keyof PatternJobs> = PatternJobs[Type]['found'];

/** What each character of a text may cost at most. */
const mostInstructions = 1000;
const longestLine = 300;
const flags = RE2JS.CASE_INSENSITIVE | RE2JS.MULTILINE;

/** As JavaScript writes it, looked for in any case and over lines. Throws where RE2 does not take it. */
export function compile(source: string): RE2JS {
  return RE2JS.compile(RE2JS.translateRegExp(source), flags);
}

/** What keeps a regular expression from being used, as a sentence. */
export function problemOf(source: string): string | undefined {
  try {
    return compile(source).programSize() > mostInstructions
      ? 'This regular expression is too large, so that long texts would take too long: repeat less in it, or write shorter ones.'
      : undefined;
  } catch {
    return isForeign(source)
      ? 'This regular expression uses lookaround or a backreference, which can take for ever; write it without.'
      : 'This is not a regular expression.';
  }
}

function isForeign(source: string): boolean {
  try {
    return new RegExp(source, 'iu') instanceof RegExp;
  } catch {
    return false;
  }
}

/** All places, none of them empty, in their order. Most texts have none, which is quick to see. */
export function spansOf(compiled: RE2JS, text: string): readonly Span[] {
  const spans: Span[] = [];
  if (!compiled.test(text)) return spans;
  const matcher = compiled.matcher(text);
  while (matcher.find())
    if (matcher.end() > matcher.start()) spans.push({ start: matcher.start(), end: matcher.end() });
  return spans;
}

/** Does a job. Takes as long as it takes. */
export function doJob(job: PatternJob): Found<PatternJob['type']> {
  switch (job.type) {
    case 'problem':
      return problemOf(job.source);
    case 'test':
      return compile(job.source).test(job.text);
    case 'find':
      return spansOf(compile(job.source), job.text);
    case 'which':
      return which(compile(job.source), job.texts);
    case 'lines':
      return linesOf(compile(job.source), job);
    default:
      return job satisfies never;
  }
}

function which(compiled: RE2JS, texts: readonly string[]): readonly number[] {
  return texts.flatMap((text, at) => (compiled.test(text) ? [at] : []));
}

function linesOf(
  compiled: RE2JS,
  { text, most }: { readonly text: string; readonly most: number },
): readonly FoundLine[] {
  const found: FoundLine[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (!compiled.test(line)) continue;
    found.push({ at: index + 1, line: line.trim().slice(0, longestLine).toWellFormed() });
    if (found.length >= most) break;
  }
  return found;
}
