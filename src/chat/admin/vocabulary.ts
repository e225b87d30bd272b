import { type DeskAction, type DeskKind, type DeskVerb, deskVerbs } from '../desk.ts';
import type { Word } from './tokens.ts';

/** What is to be done with things of a kind. */
export type Deed =
  | { readonly type: 'verb'; readonly verb: DeskVerb }
  | { readonly type: 'action'; readonly action: DeskAction };

const synonyms: Readonly<Record<DeskVerb, readonly string[]>> = {
  list: ['list', 'ls'],
  show: ['show', 'get', 'view', 'describe', 'see', 'info'],
  add: ['add', 'create', 'new', 'make', 'register'],
  edit: ['edit', 'change', 'update', 'modify', 'set'],
  delete: ['delete', 'remove', 'rm', 'drop'],
  enable: ['enable', 'on', 'activate', 'turn on', 'switch on'],
  disable: ['disable', 'off', 'deactivate', 'turn off', 'switch off'],
};

/** Words that people put between the others. */
export const fillers: ReadonlySet<string> = new Set([
  ...[
    'the',
    'a',
    'an',
    'my',
    'me',
    'us',
    'our',
    'this',
    'that',
    'please',
    'of',
    'for',
    'called',
    'named',
    'to',
    'with',
    'all',
  ],
]);

export function isFiller({ text, isQuoted }: Word): boolean {
  return !isQuoted && fillers.has(text.toLowerCase());
}

export function withoutFillers(words: readonly Word[]): readonly Word[] {
  return words.filter((word) => !isFiller(word));
}

/** A word without its case, hyphens and plural. */
export function plain(words: string): string {
  const bare = words.toLowerCase().replaceAll(/[-_\s]/g, '');
  const stem = bare.endsWith('ies') ? `${bare.slice(0, -3)}y` : bare.replace(/([sx])es$/, '$1');
  return stem.replace(/s$/, '');
}

/** What people call a kind of things. */
export function callingsOf({ word, path, one, many }: DeskKind): readonly string[] {
  const last = path.split('-').at(-1) ?? path;
  return [word, path, one, many, last];
}

/** The kind that is called so, in any case and number. */
export function kindCalled(kinds: readonly DeskKind[], words: string): DeskKind | undefined {
  const wanted = plain(words);
  const byWord = kinds.find((kind) => [kind.word, kind.path].some((name) => plain(name) === wanted));
  return byWord ?? kinds.find((kind) => callingsOf(kind).some((name) => plain(name) === wanted));
}

/** What is to be done, by the words for it; a kind's own actions come first, and `run` is no plural of `runs`. */
export function deedCalled(kind: DeskKind | undefined, words: string): Deed | undefined {
  const wanted = plain(words);
  const now = `${words.toLowerCase()}-now`;
  const action =
    kind?.actions.find(({ name }) => name === now) ??
    kind?.actions.find(({ name, label }) => plain(name) === wanted || plain(label) === wanted);
  if (action !== undefined) return { type: 'action', action };
  const verb = deskVerbs.find((known) => synonyms[known].some((word) => plain(word) === wanted));
  return verb === undefined ? undefined : { type: 'verb', verb };
}

/** The words for what this caller may do with things of a kind, the main ones alone: nothing else is suggested. */
export function deedWords(kind: DeskKind): readonly string[] {
  return [
    ...[...kind.verbs].map((verb): Deed => ({ type: 'verb', verb })),
    ...kind.actions.map((action): Deed => ({ type: 'action', action })),
  ]
    .filter((deed) => mayDo(kind, deed))
    .map(wordOf);
}

/** How a deed is written on a command line. */
export function wordOf(deed: Deed): string {
  return deed.type === 'verb' ? deed.verb : deed.action.name;
}

/** Whether this caller may do it. */
export function mayDo(kind: DeskKind, deed: Deed): boolean {
  return deed.type === 'verb' ? kind.allowed.has(deed.verb) : deed.action.isAllowed;
}
