import { inSentence } from './in-sentence.ts';
import type { ResourceForm } from './rest.ts';

const FATES: Readonly<Record<string, string>> = {
  cascade: 'deleted with it',
  clear: 'no longer refer to it',
  protect: 'kept it',
};

/** What a deletion did to other rows, in one line for each kind; nothing where it is not told. */
export function alsoIn(also: unknown, resources: readonly ResourceForm[]): readonly string[] {
  if (!Array.isArray(also)) return [];
  return also.map((one: unknown) => lineOf(one, resources));
}

function lineOf(one: unknown, resources: readonly ResourceForm[]): string {
  const { resource, onDelete, count, names } = fieldsOf(one);
  const known = resources.find(({ path }) => path === resource);
  const many = known ? inSentence(known.many) : String(resource);
  const word = count === 1 && known ? known.one : many;
  const listed = Array.isArray(names) && names.length > 0 ? `: ${names.join(', ')}` : '';
  return `${String(count)} ${word} ${FATES[String(onDelete)] ?? 'pointed to it'}${listed}`;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : { resource: value };
}
