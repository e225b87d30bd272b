import { nearest } from '../nearest.ts';
import type { Pair, Reading } from './command-line.ts';

/** What somebody wants of approvals. */
export type ApprovalsWanted =
  | { readonly verb: 'list'; readonly page: number }
  | {
      readonly verb: 'show' | 'approve' | 'deny';
      /** Or the beginning of one. */
      readonly id: string;
      readonly reason: string;
      readonly isSure: boolean;
    };

const verbs = ['list', 'show', 'approve', 'deny'] as const;
const others: Readonly<Record<string, (typeof verbs)[number]>> = {
  ls: 'list',
  view: 'show',
  see: 'show',
  accept: 'approve',
  allow: 'approve',
  reject: 'deny',
  refuse: 'deny',
  decline: 'deny',
};
const anId = /^[0-9a-f][0-9a-f-]{5,35}$/i;

/** Whether this word begins with what an approval is called. */
export function isAboutApprovals(first: string, second: string | undefined): boolean {
  if (/^approvals?$/i.test(first)) return true;
  return /^(approve|deny)$/i.test(first) && (second === undefined || anId.test(second));
}

/** Reads the words of a line about approvals, which were told by `isAboutApprovals`. */
export function readApprovals(words: readonly string[], pairs: readonly Pair[]): Reading {
  const rest = /^approvals?$/i.test(words[0] ?? '') ? words.slice(1) : words;
  const [word = 'list', id = '', ...more] = rest;
  const lower = word.toLowerCase();
  if (lower === 'help' || lower === '?') return { type: 'help_on', topic: 'approvals' };
  const given = (key: string) => pairs.find((pair) => pair.key === key)?.text ?? '';
  if (anId.test(word) && id === '') return wantedOf('show', word);
  const verb = verbs.find((known) => known === lower) ?? others[lower];
  if (verb === undefined) {
    const meant = nearest(lower, verbs);
    const line = meant === undefined ? undefined : ['approvals', meant, id, ...more].join(' ').trim();
    return {
      type: 'mistake',
      sentence: 'I know `approvals`, and `approvals show`, `approve` and `deny` with an id.',
      ...(line === undefined ? {} : { meant: line }),
    };
  }
  if (verb === 'list') {
    const page = Math.max(1, Math.floor(Number(given('page') || 1)) || 1);
    return { type: 'approvals', wanted: { verb, page } };
  }
  if (!anId.test(id))
    return { type: 'mistake', sentence: `Which one? \`approvals\` lists them.`, meant: 'approvals' };
  return wantedOf(verb, id, {
    reason: given('reason') || more.join(' '),
    isSure: /^(yes|true|1)$/i.test(given('confirm')),
  });
}

function wantedOf(
  verb: 'show' | 'approve' | 'deny',
  id: string,
  { reason = '', isSure = false }: { readonly reason?: string; readonly isSure?: boolean } = {},
): Reading {
  return { type: 'approvals', wanted: { verb, id, reason: reason.slice(0, 500), isSure } };
}
