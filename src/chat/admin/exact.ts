import { type DeskKind, deskVerbs } from '../desk.ts';
import { readApprovals } from './approvals-line.ts';
import type { Line, Reading } from './command-line.ts';
import { type Token, tokensOf, type Word } from './tokens.ts';
import type { Deed } from './vocabulary.ts';

const talk: Line = { reading: { type: 'talk' }, isPublic: false };
const forAll: ReadonlySet<string> = new Set(['public', 'share']);
const rowId = /^[0-9a-f-]{36}$/i;

/**
 * Reads a message: only an exact, complete command is one. The kind's own word, then the verb or the action
 * by its name, then one name, then fields that there are; everything else is talk. Whether what it names is
 * there is not known here: if it is not, it is talk as well.
 */
export function readExact(text: string, kinds: readonly DeskKind[]): Line {
  const read = tokensOf(text);
  if (!read.ok) return talk;
  const last = read.tokens.at(-1);
  const isPublic = read.tokens.length > 1 && isBare(last) && forAll.has(last.text.toLowerCase());
  const tokens = isPublic ? read.tokens.slice(0, -1) : read.tokens;
  return { reading: readTokens(tokens, kinds), isPublic };
}

function isBare(token: Token | undefined): token is Word {
  return token?.type === 'word' && !token.isQuoted;
}

function readTokens(tokens: readonly Token[], kinds: readonly DeskKind[]): Reading {
  const [first, second, ...rest] = tokens;
  if (!isBare(first)) return talk.reading;
  const word = first.text.toLowerCase();
  const alone = tokens.length === 1;
  if (word === 'doctor' && alone) return { type: 'doctor' };
  if (word === 'usage' && alone) return { type: 'usage', words: [] };
  if (word === 'usage' && tokens.length === 2 && isBare(second) && /^(today|week|month)$/i.test(second.text))
    return { type: 'usage', words: [second.text] };
  if (word === 'undo' && tokens.length === 2 && isBare(second) && rowId.test(second.text))
    return { type: 'undo', id: second.text };
  if (word === 'trace' && tokens.length === 2 && isBare(second) && rowId.test(second.text))
    return { type: 'trace', id: second.text };
  if (word === 'approvals') return approvalsOf(tokens);
  if (word === 'help' && tokens.length === 2 && isBare(second)) {
    const about = kindNamed(kinds, second.text);
    return about === undefined ? talk.reading : { type: 'help', kind: about };
  }
  const kind = kindNamed(kinds, word);
  if (kind === undefined) return talk.reading;
  if (second === undefined) return { type: 'command', command: { kind, name: '', pairs: [] } };
  if (!isBare(second)) return talk.reading;
  if (second.text.toLowerCase() === 'help' && rest.length === 0) return { type: 'help', kind };
  const deed = deedNamed(kind, second.text);
  return deed === undefined ? talk.reading : complete(kind, deed, rest);
}

/** Alone, or with a verb and a whole id. */
function approvalsOf(tokens: readonly Token[]): Reading {
  const words = tokens.flatMap((token) => (token.type === 'word' ? [token.text] : []));
  const pairs = tokens.flatMap((token) => (token.type === 'pair' ? [token] : []));
  const [, verb, id] = words;
  const isList = words.length === 1 || (words.length === 2 && verb === 'list');
  const isOne = words.length === 3 && /^(show|approve|deny)$/.test(verb ?? '') && rowId.test(id ?? '');
  return isList || isOne ? readApprovals(words, pairs) : talk.reading;
}

function kindNamed(kinds: readonly DeskKind[], word: string): DeskKind | undefined {
  return kinds.find((kind) => kind.word === word.toLowerCase() || kind.path === word.toLowerCase());
}

function deedNamed(kind: DeskKind, word: string): Deed | undefined {
  const wanted = word.toLowerCase();
  const verb = deskVerbs.find((known) => known === wanted);
  if (verb !== undefined) return kind.verbs.has(verb) ? { type: 'verb', verb } : undefined;
  const action = kind.actions.find(({ name }) => name === wanted);
  return action === undefined ? undefined : { type: 'action', action };
}

function complete(kind: DeskKind, deed: Deed, tokens: readonly Token[]): Reading {
  const names = tokens.flatMap((token) => (token.type === 'word' ? [token.text] : []));
  const pairs = tokens.flatMap((token) =>
    token.type === 'pair' ? [{ key: token.key, text: token.text }] : [],
  );
  const isNamed = deed.type === 'action' || !['list', 'add'].includes(deed.verb);
  if (names.length !== (isNamed ? 1 : 0)) return talk.reading;
  const known = fieldNames(kind, deed);
  if (!pairs.every(({ key }) => known.has(key.split('.')[0] ?? key))) return talk.reading;
  return { type: 'command', command: { kind, deed, name: names[0] ?? '', pairs } };
}

/** The fields that may be given with a deed. */
function fieldNames(kind: DeskKind, deed: Deed): ReadonlySet<string> {
  if (deed.type === 'action') return new Set(deed.action.fields.map(({ name }) => name));
  const fields = kind.form.fields.filter(({ isReadOnly }) => !isReadOnly).map(({ name }) => name);
  if (deed.verb === 'list') return new Set([...kind.form.fields.map(({ name }) => name), 'page', 'q']);
  return new Set(deed.verb === 'add' || deed.verb === 'edit' ? fields : []);
}
