import { isIPv6 } from 'node:net';
import { patternOf, type Span } from './patterns.ts';

/** Finds one kind of personal data. */
export interface Detector {
  find(text: string): readonly Span[];
  /** Where, at the end of a text that goes on, something may have begun that is not whole yet. */
  openAt(text: string): number;
  /** What is too long to be held back goes on as long as its characters are these. Absent: none is so long. */
  readonly goesOn?: RegExp;
}

/** The kinds that need no detector of one's own, as LangChain names them. */
export const detectors = {
  email: {
    find: (text) => all(text, email),
    openAt: (text) => runStart(text, /[\p{L}\p{N}._%+@-]/u, 400),
  },
  credit_card: {
    find: (text) => all(text, digits).flatMap((span) => cardsIn(text, span)),
    openAt: (text) => runStart(text, /[\d -]/, 96),
  },
  ip: {
    find: (text) => [...all(text, ipV4), ...all(text, ipV6).flatMap((span) => addressIn(text, span))],
    openAt: (text) => runStart(text, /[\da-f:.]/i, 64),
  },
  mac_address: {
    find: (text) => all(text, mac),
    openAt: (text) => runStart(text, /[\da-f:.-]/i, 32),
  },
  url: {
    find: (text) => all(text, url).map((span) => withoutPunctuation(text, span)),
    openAt: urlStart,
    goesOn: /[^\s<>"'`|]/,
  },
} as const satisfies Readonly<Record<string, Detector>>;

export type Kind = keyof typeof detectors;

/** How much of what a model says is held back at most while it may hold something of an own detector. */
const ownWindow = 512;

/** Finds what a pattern matches; in an answer, up to as many characters as are held back. */
export function ownDetector(source: string): Detector {
  const { find } = patternOf(source);
  return { find, openAt: (text) => Math.max(0, text.length - ownWindow) };
}

const email = /[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,16}\p{L}{2,24}/gu;
const digits = /(?<!\d)\d(?:[ -]{0,3}\d){12,}/g;
const octet = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const ipV4 = new RegExp(`(?<![\\d.])(?:${octet}\\.){3}${octet}(?!\\d|\\.\\d)`, 'g');
const ipV6 = /(?<![\p{L}\p{N}:.])[\da-f]{0,4}:[\da-f:.]{1,45}(?![\p{L}\p{N}:])/giu;
const mac =
  /(?<![\p{L}\p{N}:-])(?:[\da-f]{2}(?::[\da-f]{2}){5}|[\da-f]{2}(?:-[\da-f]{2}){5}|[\da-f]{4}\.[\da-f]{4}\.[\da-f]{4})(?![\p{L}\p{N}]|[:-][\da-f])/giu;
const url = /(?:https?:\/\/|(?<![\p{L}\p{N}.])www\.)[^\s<>"'`|]+/giu;

function all(text: string, pattern: RegExp): readonly Span[] {
  return [...text.matchAll(pattern)].map(({ index, 0: found }) => ({
    start: index,
    end: index + found.length,
  }));
}

/** Digits as cards are numbered: what begins with 1, as times in milliseconds do, is none. */
const cardDigits =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|35\d{14}|6\d{15,18}|5[06-8]\d{10,17})$/;
const longestCard = 19;

/** The cards in a run of digits, which may stand among other numbers: each begins and ends where a group does. */
function cardsIn(text: string, { start, end }: Span): readonly Span[] {
  const groups = all(text.slice(start, end), /\d+/g);
  const found: Span[] = [];
  for (let at = 0; at < groups.length; at += 1) {
    const card = cardFrom(text.slice(start, end), groups.slice(at));
    if (card === undefined) continue;
    found.push({ start: start + card.start, end: start + card.end });
    while (groups[at + 1] !== undefined && (groups[at + 1]?.start ?? 0) < card.end) at += 1;
  }
  return found;
}

function cardFrom(text: string, groups: readonly Span[]): Span | undefined {
  const start = groups[0]?.start ?? 0;
  let number = '';
  for (const { start: from, end } of groups) {
    number += text.slice(from, end);
    if (number.length > longestCard) return undefined;
    if (cardDigits.test(number) && passesLuhn(number)) return { start, end };
  }
  return undefined;
}

function passesLuhn(number: string): boolean {
  const sum = [...number].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** A run of what addresses are made of, without the full stop of its sentence. */
function addressIn(text: string, { start, end }: Span): readonly Span[] {
  const run = text.slice(start, end).replace(/[.:]$/, (last) => (last === '.' ? '' : last));
  return /[\da-f]/i.test(run) && isIPv6(run) ? [{ start, end: start + run.length }] : [];
}

function withoutPunctuation(text: string, { start, end }: Span): Span {
  let last = end;
  while (last > start && '.,;:!?)]}*_'.includes(text[last - 1] ?? ' ')) last -= 1;
  return { start, end: last };
}

function runStart(text: string, part: RegExp, most: number): number {
  const least = Math.max(0, text.length - most);
  let at = text.length;
  while (at > least && part.test(text[at - 1] ?? '')) at -= 1;
  return at;
}

const heads = ['https://', 'http://', 'www.'];

/** Of an address that has begun in the last word, or of what may become one. */
function urlStart(text: string): number {
  const word = runStart(text, detectors.url.goesOn, text.length);
  const begun = text.slice(word).search(/https?:\/\/|www\./i);
  if (begun >= 0) return word + begun;
  const end = text.slice(-8).toLowerCase();
  const open = Math.max(
    ...heads.flatMap((head) =>
      Array.from({ length: head.length }, (_, length) => (end.endsWith(head.slice(0, length)) ? length : 0)),
    ),
  );
  return text.length - open;
}
