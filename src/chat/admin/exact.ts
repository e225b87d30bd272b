import { type DeskKind, deskVerbs } from '../desk.ts';
import type { FormField } from '../form.ts';
import { readApprovals } from './approvals-line.ts';
import type { Line, Reading } from './command-line.ts';
import { fieldCalled } from './given.ts';
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
  if (word === 'undo' && alone) return { type: 'undo' };
  if (word === 'undo' && tokens.length === 2 && isBare(second) && isUndone(second.text))
    return { type: 'undo', id: second.text.toLowerCase() };
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

function isUndone(word: string): boolean {
  return rowId.test(word) || word.toLowerCase() === 'last';
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
  if (!pairs.every(({ key }) => takes(kind, deed, key))) return talk.reading;
  return { type: 'command', command: { kind, deed, name: names[0] ?? '', pairs } };
}

/** Whether a field that is called so may be given with a deed. */
function takes(kind: DeskKind, deed: Deed, key: string): boolean {
  const [head = key] = key.split('.');
  if (deed.type === 'verb' && deed.verb === 'list' && /^(page|q)$/.test(key)) return true;
  return fieldCalled({ fields: fieldsWith(kind, deed) }, head) !== undefined;
}

function fieldsWith(kind: DeskKind, deed: Deed): readonly FormField[] {
  if (deed.type === 'action') return deed.action.fields;
  if (deed.verb === 'list') return kind.form.fields;
  const isWritten = deed.verb === 'add' || deed.verb === 'edit';
  return isWritten ? kind.form.fields.filter(({ isReadOnly }) => !isReadOnly) : [];
}
