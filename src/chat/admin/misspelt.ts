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

/** Words for how things stand, and what the switch says of them. */
const standing: Readonly<Record<string, 'yes' | 'no'>> = {
  enabled: 'yes',
  active: 'yes',
  disabled: 'no',
  inactive: 'no',
};

/** `disabled models`, `list the enabled servers`: those that stand so are meant, and nothing is to be done. */
export function switched({ words, pairs, kinds }: Written): Reading | undefined {
  const plainWords = withoutFillers(words).map(({ text }) => text);
  const rest = /^(list|ls|show)$/i.test(plainWords[0] ?? '') ? plainWords.slice(1) : plainWords;
  const how = rest.find((word) => Object.hasOwn(standing, word.toLowerCase()));
  const kind = kindCalled(kinds, rest.find((word) => word !== how) ?? '');
  if (how === undefined || kind === undefined || rest.length !== 2 || pairs.length > 0) return undefined;
  const field = kind.form.fields.find(({ name }) => name === 'is_enabled' || name === 'is_active');
  if (field === undefined || !kind.allowed.has('list')) return undefined;
  const meant = `${kind.word} list ${field.name.replace('is_', '')}=${standing[how.toLowerCase()]}`;
  return { type: 'mistake', sentence: `“${how}” says how things stand.`, meant };
}

const id = '[0-9a-f][0-9a-f-]{5,35}';
/** What may stand after each word that is about no kind, where a line is a command. */
const afterTopic: Readonly<Record<string, RegExp>> = {
  usage: /^((this )?(today|week|month)s?)?$/i,
  doctor: /^$/,
  undo: new RegExp(`^(last|${id})?$`, 'i'),
  trace: new RegExp(`^(${id})?$`, 'i'),
  approvals: new RegExp(`^((list|show|approve|deny)( ${id}.*)?)?$`, 'i'),
  help: /^(\S+( \S+)?)?$/,
};

/** `docter`, `usge week`: nearly a word that is about no kind, and what belongs to it. */
export function misspeltTopic({ words, pairs, kinds }: Written): Reading | undefined {
  const [first, ...others] = words;
  if (first === undefined || first.isQuoted || pairs.length > 0 || question.test(first.text))
    return undefined;
  const topic = nearest(first.text, likeBegun(first.text, Object.keys(afterTopic)));
  const rest = withoutFillers(others).map(({ text }) => text);
  if (topic === undefined || !afterTopic[topic]?.test(rest.join(' '))) return undefined;
  if (topic === 'help' && rest[0] !== undefined && kindCalled(kinds, rest[0]) === undefined) return undefined;
  const sentence = `There is no command “${first.text}”; with \`ask\` before it, it is a question.`;
  return { type: 'mistake', sentence, meant: [topic, ...rest].join(' ') };
}

/** Those that begin like the word: few mistake the first letter, and other words are others. */
function likeBegun(word: string, candidates: readonly string[]): readonly string[] {
  const begun = word.slice(0, 2).toLowerCase();
  return candidates.filter(
    (one) =>
      begun.includes(one.charAt(0).toLowerCase()) || one.slice(0, 2).toLowerCase().includes(begun.charAt(0)),
  );
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
  const meant = nearest(wanted, likeBegun(wanted, kinds.flatMap(called)));
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
