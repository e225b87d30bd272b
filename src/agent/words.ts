/**
 * The words of a text, lower case and singular: split at everything that is no letter or digit, and
 * where a name in camelCase or PascalCase changes case.
 */
export function wordsOf(text: string): readonly string[] {
  return text
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== '')
    .map(singular);
}

function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(?:ss|sh|ch|x|z|us)es$/.test(word)) return word.slice(0, -2);
  return word.length > 3 && /[^sui]s$/.test(word) ? word.slice(0, -1) : word;
}

const leastPrefix = 3;
const leastTypo = 5;

/**
 * How far a word of a question stands for a known word: 1 the same, less for a beginning of it, least
 * for one letter amiss; 0 not at all.
 */
export function likeness(asked: string, known: string): number {
  if (asked === known) return 1;
  const shorter = Math.min(asked.length, known.length);
  if (shorter >= leastPrefix && (known.startsWith(asked) || asked.startsWith(known))) return 0.6;
  return shorter >= leastTypo && isOneAmiss(asked, known) ? 0.4 : 0;
}

/** One letter too many, too few, another one, or two exchanged. */
function isOneAmiss(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
