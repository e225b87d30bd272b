/** A place in a text where a pattern was found. */
export interface Hit {
  /** Counted from 1. */
  readonly line: number;
  /** Characters from the text's beginning to the match. */
  readonly offset: number;
  /** The matching line with its neighbours, each cut around the match where it is long. */
  readonly text: string;
}

const neighbourCharacters = 200;
/** Of a longer line only what stands around the match is shown, and the rest of it is searched on. */
const aroundCharacters = 200;

/**
 * Where a pattern is found in a text from an offset on, in order: any part of a line, upper and lower
 * case alike, with `*` for anything within the line and `|` between alternatives. Takes time linear in
 * the text and in the alternatives, whatever they are.
 */
export function* search(text: string, pattern: string, from = 0): Generator<Hit> {
  const alternatives = alternativesOf(pattern);
  let line = 1 + newlines(text, 0, lineStart(text, from));
  for (let start = lineStart(text, from); start <= text.length; line += 1) {
    const end = lineEnd(text, start);
    yield* inLine({ text, start, end, line, from: Math.max(from, start) }, alternatives);
    start = end + 1;
  }
}

/** Each as the pieces that must follow one another in a line. */
export function alternativesOf(pattern: string): readonly (readonly string[])[] {
  return pattern
    .split('|')
    .map((part) =>
      part
        .toLowerCase()
        .split('*')
        .filter((piece) => piece !== ''),
    )
    .filter((pieces) => pieces.length > 0);
}

interface Line {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** Where the search in it begins. */
  readonly from: number;
}

function* inLine(place: Line, alternatives: readonly (readonly string[])[]): Generator<Hit> {
  const { text, end, line } = place;
  const lower = text.slice(place.from, end).toLowerCase();
  const matches = alternatives.map((pieces) => matchesOf(lower, pieces));
  for (let at = 0; ; ) {
    const match = earliest(matches.flatMap((next) => next(at) ?? []));
    if (match === undefined) return;
    const shown = Math.max(place.start, place.from + match.start - aroundCharacters);
    const until = Math.min(
      end,
      place.from + Math.min(match.end, match.start + aroundCharacters) + aroundCharacters,
    );
    const isWhole = shown === place.start && until === end;
    const around = isWhole
      ? { before: before(text, shown), after: after(text, until) }
      : { before: '', after: '' };
    yield {
      line,
      offset: place.from + match.start,
      text: `${around.before}${text.slice(shown, until)}${around.after}`,
    };
    if (until >= end) return;
    at = until - place.from;
  }
}

interface Match {
  readonly start: number;
  readonly end: number;
}

function earliest(matches: readonly Match[]): Match | undefined {
  return matches.toSorted((a, b) => a.start - b.start)[0];
}

/** Gives the first match from a place on, for places that only grow; no part is looked through twice for it. */
function matchesOf(lower: string, pieces: readonly string[]): (at: number) => Match | undefined {
  let known = matchOf(lower, pieces, 0);
  return (at) => {
    if (known !== undefined && known.start < at) known = matchOf(lower, pieces, at);
    return known;
  };
}

/** The pieces one after another, the first of each: what a pattern with `*` between them needs. */
function matchOf(lower: string, pieces: readonly string[], at: number): Match | undefined {
  let start = -1;
  let next = at;
  for (const piece of pieces) {
    const found = lower.indexOf(piece, next);
    if (found < 0) return undefined;
    if (start < 0) start = found;
    next = found + piece.length;
  }
  return { start, end: next };
}

/** The line before, with its end, where it is short. */
function before(text: string, start: number): string {
  if (start === 0) return '';
  const from = lineStart(text, start - 1);
  return start - from <= neighbourCharacters ? text.slice(from, start) : '';
}

/** The line after, with the end of the one before it, where it is short. */
function after(text: string, end: number): string {
  if (end >= text.length) return '';
  const until = lineEnd(text, end + 1);
  return until - end <= neighbourCharacters ? text.slice(end, until) : '';
}

/** Where the line begins that holds an offset. */
export function lineStart(text: string, offset: number): number {
  return offset <= 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** Where a line begins that is counted from 1; the text's end where it has fewer. */
export function offsetOfLine(text: string, line: number): number {
  let at = 0;
  for (let n = 1; n < line; n += 1) {
    const end = text.indexOf('\n', at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  return at;
}
