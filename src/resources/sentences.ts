import type { z } from 'zod';

/** What is wrong with a value, as sentences for people: each once, with its place within the value. */
export function sentencesOf(error: z.ZodError): readonly string[] {
  const sentences = error.issues.map((issue) => {
    const place = issue.path.map(String).join('.');
    return place === '' ? sentenceOf(issue) : `${place}: ${sentenceOf(issue)}`;
  });
  return [...new Set(sentences)];
}

/** Sentences of schemas that have none of their own are written for programmers. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  if (!/^(Too (big|small)|Invalid (input|option)|Unrecognized key)/.test(issue.message)) return issue.message;
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

function wordOf(expected: string): string {
  return words[expected] ?? `a ${expected}`;
}
