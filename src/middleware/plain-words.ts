import type { Span } from './patterns.ts';
import type { Detector } from './pii-detectors.ts';

/** A text as it is meant, and where its characters stood: of each the place where it began, and where it ended. */
interface Plain {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

const unseen = /^\p{Default_Ignorable_Code_Point}$/u;
const dash = /^[\p{Dash_Punctuation}\u2212]$/u;
const digit = /^\p{Decimal_Number}$/u;
const isPlain = /^[\0-\x7f]*$/;
/** The first half of a character whose other half has not come yet. */
const halfAtEnd = /[\ud800-\udbff]$/;

/** Letters that only look different are the ones they look like, and signs that nobody sees are left out. */
function plainly(text: string): Plain {
  const [starts, ends]: [number[], number[]] = [[], []];
  let plain = '';
  let at = 0;
  for (const character of text) {
    const meant = meantBy(character);
    for (let unit = 0; unit < meant.length; unit += 1) {
      starts.push(at);
      ends.push(at + character.length);
    }
    plain += meant;
    at += character.length;
  }
  return { text: plain, starts, ends };
}

function meantBy(character: string): string {
  if (isPlain.test(character)) return character;
  if (unseen.test(character) || halfAtEnd.test(character)) return '';
  const usual = character.normalize('NFKC');
  if (dash.test(usual)) return '-';
  return digit.test(usual) ? inEnglish(usual) : usual;
}

/** The digits of each script stand together, from nought to nine. */
function inEnglish(usual: string): string {
  const code = usual.codePointAt(0) ?? 0;
  let before = 0;
  while (digit.test(String.fromCodePoint(code - before - 1))) before += 1;
  return String(before % 10);
}

/** A detector that is not misled by how its text is written. */
export function seeingThrough(detector: Detector): Detector {
  const { find, openAt } = detector;
  return {
    ...detector,
    find: (text) => {
      if (isPlain.test(text)) return find(text);
      const plain = plainly(text);
      return find(plain.text).map((span) => spanIn(plain, span));
    },
    openAt: (text) => {
      if (isPlain.test(text)) return openAt(text);
      const plain = plainly(text);
      return plain.starts[openAt(plain.text)] ?? text.length - (halfAtEnd.test(text) ? 1 : 0);
    },
  };
}

function spanIn({ starts, ends }: Plain, { start, end }: Span): Span {
  return { start: starts[start] ?? 0, end: ends[end - 1] ?? 0 };
}
