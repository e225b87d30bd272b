import type { DeskKind } from '../desk.ts';
import type { Word } from './tokens.ts';
import { type Deed, deedCalled, withoutFillers } from './vocabulary.ts';

/** What is to be done, and what with: as the words of a line may be shared out. */
export interface Order {
  readonly deed: string;
  /** Empty: nothing is named. */
  readonly name: string;
}

/** More words than these are a sentence. */
const mostWords = 4;
const linking = /^(as|into|it)$/i;

/**
 * The ways in which a short line may say what is to be done with one thing, whatever the order: `test gpt-4o`,
 * `web health-check`, `make web the default`. Whether anything is called so is not known here.
 */
export function ordersOf(written: readonly Word[], kinds: readonly DeskKind[]): readonly Order[] {
  const words = withoutFillers(written).filter(({ text, isQuoted }) => isQuoted || !linking.test(text));
  const [first] = words;
  if (first === undefined || words.length > mostWords) return [];
  const shared = words.length === 1 ? [{ name: undefined, others: words }] : words.map(apart);
  return shared
    .filter(({ others }) => !others.some(({ isQuoted }) => isQuoted))
    .map(({ name, others }) => ({ name: name?.text ?? '', deed: others.map(({ text }) => text).join(' ') }))
    .filter((order) => kinds.some((kind) => deedIn(kind, order) !== undefined));
}

function apart(name: Word, n: number, words: readonly Word[]) {
  return { name, others: words.toSpliced(n, 1) };
}

/** What an order says of things of a kind; new ones are not found by their name. */
export function deedIn(kind: DeskKind, { deed, name }: Order): Deed | undefined {
  const known = deedCalled(kind, deed);
  const isNew = known?.type === 'verb' && known.verb === 'add' && name !== '';
  return isNew || (known?.type === 'verb' && !kind.verbs.has(known.verb)) ? undefined : known;
}
