import { deskVerbs } from '../../src/chat/desk.ts';
import { resources } from '../../src/resources/index.ts';

/** Always the same numbers: what fails once fails again. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** What nobody means, in the place of names and fields. */
export const oddWords: readonly string[] = [
  ...[
    '"',
    "'",
    '{',
    '[',
    '\\',
    '=',
    '==',
    'a=',
    '=b',
    '\u0000',
    '\u202e',
    '🙂',
    '%',
    '*',
    '--',
    '<@U1>',
    '../..',
  ],
  ...[
    'id',
    'null',
    'undefined',
    '__proto__',
    'constructor',
    'toString',
    '00000000-0000-4000-8000-000000000000',
  ],
  ...[
    'is_default=yes',
    'temperature=1e309',
    'model_config={"a":',
    'model_config.__proto__=1',
    'permissions=*',
  ],
  ...[
    'page=-1',
    'page=999999',
    'confirm=yes',
    'form=yes',
    'public',
    'the',
    'gpt-4o',
    'web',
    'Team',
    'x'.repeat(2500),
  ],
];

/** Lines about things that are managed, each begun by a word that the grammar knows. */
export function nonsense(count: number, seed = 11): readonly string[] {
  const next = numbers(seed);
  const pick = (from: readonly string[]) => from[Math.floor(next() * from.length)] ?? '';
  const kinds = resources.flatMap(({ word, path }) => [word, path]);
  return Array.from({ length: count }, () => {
    const words = Array.from({ length: 1 + Math.floor(next() * 4) }, () => pick(oddWords));
    return [pick(kinds), pick(deskVerbs), ...words].join(' ');
  });
}
