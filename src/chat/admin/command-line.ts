import type { DeskKind } from '../desk.ts';
import { nearest } from '../nearest.ts';
import { type ApprovalsWanted, isAboutApprovals, readApprovals } from './approvals-line.ts';
import { type Topic, topicCalled } from './help.ts';
import { misspelt, misspeltTopic, switched } from './misspelt.ts';
import { deedIn, type Order, ordersOf } from './natural.ts';
import { type Token, tokensOf, type Word } from './tokens.ts';
import { type Deed, deedCalled, fillers, isFiller, kindCalled, withoutFillers } from './vocabulary.ts';

/** A `name=value` of a command line, as written. */
export interface Pair {
  readonly key: string;
  readonly text: string;
}

/** A command about things that admins manage. */
export interface Command {
  readonly kind: DeskKind;
  /** Absent: nobody said; it is shown or listed. */
  readonly deed?: Deed;
  /** Empty: none was named. */
  readonly name: string;
  readonly pairs: readonly Pair[];
  /** The name is several words that nobody put in quotes. */
  readonly isLoose?: boolean;
}

/** What a line says. */
export type Reading =
  /** Nothing about administration: words for the model. */
  | { readonly type: 'talk' }
  | { readonly type: 'help'; readonly kind?: DeskKind; readonly deed?: Deed }
  | { readonly type: 'help_on'; readonly topic: Topic }
  /** What is to be done, in another order than that of commands, or without the kind of thing. */
  | { readonly type: 'unplaced'; readonly kind?: DeskKind; readonly orders: readonly Order[] }
  /** Absent: what can be undone is listed; `last`: the newest change of one's own. */
  | { readonly type: 'undo'; readonly id?: string }
  | { readonly type: 'usage'; readonly words: readonly string[] }
  | { readonly type: 'doctor' }
  /** Of a turn, by its reference id. */
  | { readonly type: 'trace'; readonly id: string }
  | { readonly type: 'command'; readonly command: Command }
  | { readonly type: 'approvals'; readonly wanted: ApprovalsWanted }
  /** Meant for administration, but not understood. */
  | { readonly type: 'mistake'; readonly sentence: string; readonly meant?: string };

/** A line, and whether its answer is for everybody. */
export interface Line {
  readonly reading: Reading;
  readonly isPublic: boolean;
}

const talk: Reading = { type: 'talk' };
const forAll: ReadonlySet<string> = new Set(['public', 'share']);
/** Words of the chat that are about something else, when they stand alone or begin a line. */
const taken = /^(ask|run|status|health|tools|stop|clear|mute|unmute)$/i;

/**
 * Reads a line of a slash command, a command list, a button or the console: case, number and order of the
 * words do not matter much.
 */
export function readLine(text: string, kinds: readonly DeskKind[]): Line {
  const read = tokensOf(text);
  const [first] = text.trim().split(/\s+/, 1);
  if (!read.ok) {
    const isMeant = kindCalled(kinds, first ?? '') !== undefined;
    return { reading: isMeant ? { type: 'mistake', sentence: read.problem } : talk, isPublic: false };
  }
  const { tokens, isPublic } = withoutShare(read.tokens);
  return { reading: readTokens(tokens, kinds), isPublic };
}

function withoutShare(tokens: readonly Token[]): { tokens: readonly Token[]; isPublic: boolean } {
  const last = tokens.at(-1);
  const isPublic =
    tokens.length > 1 && last?.type === 'word' && !last.isQuoted && forAll.has(last.text.toLowerCase());
  return { tokens: isPublic ? tokens.slice(0, -1) : tokens, isPublic };
}

function readTokens(tokens: readonly Token[], kinds: readonly DeskKind[]): Reading {
  const words = tokens.flatMap((token) => (token.type === 'word' ? [token] : []));
  const pairs = tokens.flatMap((token) => (token.type === 'pair' ? [token] : []));
  const [first, ...rest] = words.map(({ text }) => text);
  if (first === undefined) return talk;
  if (words.length === 1 && taken.test(first)) return talk;
  if (isAboutApprovals(first, rest[0])) return readApprovals([first, ...rest], pairs);
  if (/^help$/i.test(first)) return readHelp(rest, kinds);
  if (/^undo$/i.test(first)) return readUndo(withoutFillers(words.slice(1)));
  if (/^usage$/i.test(first) && pairs.length === 0) return { type: 'usage', words: rest };
  if (/^doctor$/i.test(first) && words.length === 1) return { type: 'doctor' };
  if (/^trace$/i.test(first) && rest.length === 1) return { type: 'trace', id: rest[0] ?? '' };
  if (/^trace$/i.test(first) && words.length === 1) return { type: 'help_on', topic: 'trace' };
  return (
    switched({ words, pairs, kinds }) ??
    readCommand(words, pairs, kinds) ??
    misspelt({ words, pairs, kinds }) ??
    unplaced(words, pairs, kinds) ??
    misspeltTopic({ words, pairs, kinds }) ??
    talk
  );
}

/** `undo`, `undo last`, `undo my last change`, `undo <id>`. */
function readUndo(words: readonly Word[]): Reading {
  const [first, second] = words.map(({ text }) => text);
  if (first === undefined) return { type: 'undo' };
  if (/^(last|newest)$/i.test(first) && /^(change)?$/i.test(second ?? ''))
    return { type: 'undo', id: 'last' };
  return second === undefined ? { type: 'undo', id: first } : talk;
}

/** `add`, `delete gpt-4o`, `gpt-4o set-default`: too short to be talk. */
function unplaced(
  words: readonly Word[],
  pairs: readonly Pair[],
  kinds: readonly DeskKind[],
): Reading | undefined {
  const orders = pairs.length > 0 ? [] : ordersOf(words, kinds);
  return orders.length === 0 ? undefined : { type: 'unplaced', orders };
}

function readHelp(given: readonly string[], kinds: readonly DeskKind[]): Reading {
  const words = given.filter((word) => !fillers.has(word.toLowerCase()));
  const topic = words.length === 1 ? topicCalled(words[0] ?? '') : undefined;
  return topic === undefined ? readHelpOn(words, kinds) : { type: 'help_on', topic };
}

function readHelpOn(words: readonly string[], kinds: readonly DeskKind[]): Reading {
  if (words.length === 0) return { type: 'help' };
  const found = kindAt(words.map(bareWord), 0, kinds) ?? kindAt(words.map(bareWord), 1, kinds);
  if (found === undefined) {
    const meant = nearest(
      words[0] ?? '',
      kinds.map(({ word }) => word),
    );
    return {
      type: 'mistake',
      sentence: `There is no help on “${words[0] ?? ''}”.`,
      ...(meant === undefined ? {} : { meant: `help ${meant}` }),
    };
  }
  const others = words.filter((_word, n) => n < found.from || n >= found.to).join(' ');
  const deed = others === '' ? undefined : deedCalled(found.kind, others);
  return { type: 'help', kind: found.kind, ...(deed === undefined ? {} : { deed }) };
}

const bareWord = (text: string): Word => ({ type: 'word', text, isQuoted: false });

interface FoundKind {
  readonly kind: DeskKind;
  readonly from: number;
  readonly to: number;
}

/** The kind that is named there, by as many words as possible. */
function kindAt(words: readonly Word[], from: number, kinds: readonly DeskKind[]): FoundKind | undefined {
  for (let to = Math.min(words.length, from + 3); to > from; to -= 1) {
    const named = words.slice(from, to);
    if (named.some(({ isQuoted }) => isQuoted)) continue;
    const kind = kindCalled(kinds, named.map(({ text }) => text).join(' '));
    if (kind !== undefined) return { kind, from, to };
  }
  return undefined;
}

/** How many words may stand before the kind. */
const mostBefore = 7;

function readCommand(
  words: readonly Word[],
  pairs: readonly Pair[],
  kinds: readonly DeskKind[],
): Reading | undefined {
  for (let from = 0; from < Math.min(words.length, mostBefore); from += 1) {
    const found = kindAt(words, from, kinds);
    if (found === undefined) continue;
    const before = withoutFillers(words.slice(0, from));
    const after = words.slice(found.to);
    if (before.length === 0) return kindFirst(found.kind, after, pairs);
    const deed = deedOf(found.kind, before);
    const orders = pairs.length > 0 ? [] : around(found.kind, before, after);
    if (orders.length > 0) return { type: 'unplaced', kind: found.kind, orders };
    if (deed !== undefined) return commandOf({ kind: found.kind, deed, words: after, pairs });
  }
  return undefined;
}

/** `make gpt-4o the default model`, `make model gpt-4o the default`: the name stands within what is to be done. */
function around(kind: DeskKind, before: readonly Word[], after: readonly Word[]): readonly Order[] {
  const rest = withoutFillers(after);
  if (before.length + rest.length < 2 || rest.length === 1) return [];
  const orders = ordersOf([...before, ...rest], [kind]);
  if (rest.length === 0) return deedOf(kind, before) === undefined ? orders : [];
  return orders.filter((order) => deedIn(kind, order)?.type === 'action');
}

function kindFirst(kind: DeskKind, words: readonly Word[], pairs: readonly Pair[]): Reading {
  const rest = trimmed(words);
  if (rest.length === 1 && isHelp(rest[0])) return { type: 'help', kind };
  const [head, ...tail] = rest;
  if (isHelp(head)) {
    const deed = deedOf(kind, tail);
    return { type: 'help', kind, ...(deed === undefined ? {} : { deed }) };
  }
  for (let to = Math.min(rest.length, 3); to > 0; to -= 1) {
    const deed = deedOf(kind, rest.slice(0, to));
    if (deed !== undefined && isHelp(rest[to])) return { type: 'help', kind, deed };
    if (deed !== undefined) return commandOf({ kind, deed, words: rest.slice(to), pairs });
  }
  for (let from = Math.max(1, rest.length - 3); from < rest.length; from += 1) {
    const deed = deedOf(kind, rest.slice(from));
    if (deed !== undefined) return commandOf({ kind, deed, words: rest.slice(0, from), pairs });
  }
  return commandOf({ kind, words: rest, pairs });
}

function isHelp(word: Word | undefined): boolean {
  return word !== undefined && !word.isQuoted && /^(help|\?)$/i.test(word.text);
}

/** What these words say that is to be done, if they are nothing else. */
function deedOf(kind: DeskKind, words: readonly Word[]): Deed | undefined {
  if (words.length === 0 || words.some(({ isQuoted }) => isQuoted)) return undefined;
  return deedCalled(kind, words.map(({ text }) => text).join(' '));
}

function commandOf({
  kind,
  deed,
  words,
  pairs,
}: {
  readonly kind: DeskKind;
  readonly deed?: Deed;
  readonly words: readonly Word[];
  readonly pairs: readonly Pair[];
}): Reading {
  const named = trimmed(words);
  const name = named.map(({ text }) => text).join(' ');
  const plainPairs = pairs.map(({ key, text }) => ({ key, text }));
  const command = {
    ...{ kind, name, pairs: plainPairs },
    ...(deed === undefined ? {} : { deed }),
    ...(named.length > 1 ? { isLoose: true } : {}),
  };
  return { type: 'command', command };
}

/** Fillers before what is named; a name of fillers alone stays. */
function trimmed(words: readonly Word[]): readonly Word[] {
  const from = words.findIndex((word) => !isFiller(word));
  return from < 0 ? words : words.slice(from);
}
