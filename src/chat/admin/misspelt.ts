import type { DeskKind } from '../desk.ts';
import { nearest } from '../nearest.ts';
import type { Pair, Reading } from './command-line.ts';
import { quoted, type Word } from './tokens.ts';
import {
  callingsOf,
  deedCalled,
  deedWords,
  kindCalled,
  plain,
  withoutFillers,
  wordOf,
} from './vocabulary.ts';

/** A short line in which the kind, or what is to be done, is nearly a word that there is. */
export function misspelt(line: Written): Reading | undefined {
  const [first, second] = line.words;
  if (first === undefined || first.isQuoted || question.test(first.text)) return undefined;
  return misspeltKind(line, first, second) ?? misspeltDeed(line, first);
}

/** Nobody means a command who begins so. */
const question =
  /^(how|what|what's|why|when|who|which|where|is|are|was|were|can|could|do|does|did|should|would|will|tell|explain|if)$/i;

interface Written {
  readonly words: readonly Word[];
  readonly pairs: readonly Pair[];
  readonly kinds: readonly DeskKind[];
}

/** `modles ad x`: the kind first. */
function misspeltKind({ words, pairs, kinds }: Written, first: Word, second: Word | undefined) {
  const kind = first.text.length < 4 ? undefined : nearestKind(first.text, kinds);
  if (kind === undefined) return undefined;
  const deed = second === undefined || second.isQuoted ? undefined : deedNear(kind, second.text);
  if (words.length > 1 && pairs.length === 0 && deed === undefined) return undefined;
  const rest = deed === undefined ? words.slice(1) : words.slice(2);
  return mistaken(first.text, lineOf([kind.word, ...(deed === undefined ? [] : [deed])], rest, pairs));
}

/** `dissable server web`, `delete modles x`: what is to be done first. */
function misspeltDeed({ words, pairs, kinds }: Written, first: Word): Reading | undefined {
  const others = withoutFillers(words.slice(1));
  const [second, ...rest] = others;
  if (second === undefined || second.isQuoted || rest.length > 2) return undefined;
  const exact = kindCalled(kinds, second.text);
  const kind = exact ?? (second.text.length < 4 ? undefined : nearestKind(second.text, kinds));
  const deed = kind === undefined ? undefined : deedNear(kind, first.text);
  if (kind === undefined || deed === undefined) return undefined;
  const line = lineOf([kind.word, deed], rest, pairs);
  if (exact === undefined) return mistaken(second.text, line);
  return { type: 'mistake', sentence: `I cannot “${first.text}” ${kind.many}.`, meant: line };
}

/** A verb or an action of a kind by its word, or by nearly that. */
function deedNear(kind: DeskKind, text: string): string | undefined {
  const exact = deedCalled(kind, text);
  return exact === undefined ? nearest(text, deedWords(kind)) : wordOf(exact);
}

function lineOf(head: readonly string[], words: readonly Word[], pairs: readonly Pair[]): string {
  return [
    ...head,
    ...words.map(({ text }) => quoted(text)),
    ...pairs.map(({ key, text }) => `${key}=${quoted(text)}`),
  ].join(' ');
}

function nearestKind(word: string, kinds: readonly DeskKind[]): DeskKind | undefined {
  const called = (kind: DeskKind) => callingsOf(kind).map(plain);
  const wanted = plain(word);
  const begun = kinds.filter(
    (kind) => wanted.length > 3 && called(kind).some((one) => one.startsWith(wanted)),
  );
  if (begun.length === 1) return begun[0];
  const meant = nearest(wanted, kinds.flatMap(called));
  return kinds.find((kind) => meant !== undefined && called(kind).includes(meant));
}

function mistaken(word: string, meant: string): Reading {
  return { type: 'mistake', sentence: `I manage nothing called “${word}”.`, meant };
}

/** What was probably meant where the second word is no deed and names nothing. */
export function deedMeant(kind: DeskKind, name: string): string | undefined {
  const words = name.split(' ');
  const [first = '', ...rest] = words;
  const deed = question.test(first) ? undefined : nearest(first, deedWords(kind));
  if (deed !== undefined) return `${kind.word} ${[deed, ...rest].join(' ')}`;
  const last = words.length === 2 ? nearest(words[1] ?? '', deedWords(kind)) : undefined;
  return last === undefined ? undefined : `${kind.word} ${last} ${first}`;
}
