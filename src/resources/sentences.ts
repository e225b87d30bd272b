import type { z } from 'zod';

/** What is wrong with a value, as sentences for people: each once, with its place within the value. */
export function sentencesOf(error: z.ZodError): readonly string[] {
  const sentences = error.issues.flatMap(innermost).map((issue) => {
    const place = issue.path.map(String).join('.');
    return place === '' ? sentenceOf(issue) : `${place}: ${sentenceOf(issue)}`;
  });
  return [...new Set(sentences)];
}

type Issue = z.core.$ZodIssue;

/** Of a value that may be one of several things: what is wrong with it as the one that it comes nearest to. */
function innermost(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union' || !isForProgrammers(issue.message)) return [issue];
  const branches = issue.errors.map((branch) => branch.flatMap(innermost));
  const [nearest] = branches.filter((branch) => !branch.some(isWrongKind)).sort(byLength);
  if (nearest === undefined) return [issue];
  return nearest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function byLength(one: readonly Issue[], other: readonly Issue[]): number {
  return one.length - other.length;
}

function isWrongKind({ code, path }: Issue): boolean {
  return path.length === 0 && ['invalid_type', 'invalid_value', 'invalid_union'].includes(code);
}

function isForProgrammers(message: string): boolean {
  return /^(Too (big|small)|Invalid (input|option)|Unrecognized key)/.test(message);
}

/** Sentences of schemas that have none of their own are written for programmers. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  if (!isForProgrammers(issue.message)) return issue.message;
  switch (issue.code) {
    case 'too_big':
      return `At most ${issue.maximum}${unitOf(issue.origin, issue.maximum)}.`;
    case 'too_small':
      return `${issue.inclusive === false ? 'More than' : 'At least'} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}.`;
    case 'invalid_type':
      return issue.input === undefined && /received undefined/.test(issue.message)
        ? 'This is required.'
        : `Must be ${wordOf(issue.expected)}.`;
    case 'invalid_value':
      return `Must be one of ${issue.values.map(String).join(', ')}.`;
    case 'unrecognized_keys':
      return `There is no option ${issue.keys.join(', ')}.`;
    case 'invalid_union':
      return `Must be ${eitherOf(kindsIn(issue))}.`;
    default:
      return issue.message;
  }
}

function unitOf(origin: string, count: number | bigint): string {
  const isOne = Number(count) === 1;
  if (origin === 'string') return isOne ? ' character' : ' characters';
  if (origin !== 'array' && origin !== 'set') return '';
  return isOne ? ' entry' : ' entries';
}

const words: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** What a value may be of which no kind is right. */
function kindsIn(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap(kindsIn);
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_type') return [];
  return issue.expected === 'boolean' ? ['true', 'false'] : [wordOf(issue.expected)];
}

function eitherOf(kinds: readonly string[]): string {
  const all = [...new Set(kinds)];
  if (all.length === 0) return 'something else';
  return all.length === 1 ? all.join() : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

function wordOf(expected: string): string {
  return words[expected] ?? `a ${expected}`;
}
