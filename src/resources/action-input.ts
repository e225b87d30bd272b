import { z } from 'zod';
import { InvalidError } from '../chat/errors.ts';
import type { Action } from './definition.ts';
import { sentencesOf } from './sentences.ts';

/** What a caller sent with an action, as its schema has it. Throws `InvalidError` with sentences by field. */
export function readActionInput({ input: about }: Pick<Action, 'input'>, given: unknown): unknown {
  if (about === undefined) return given;
  const parsed = about.schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const byField = Object.groupBy(parsed.error.issues.flatMap(perField), ({ field }) => field);
  throw new InvalidError(
    Object.fromEntries(
      Object.entries(byField).map(([field, found = []]) => [
        field,
        sentencesOf(new z.ZodError(found.map(({ issue }) => issue))),
      ]),
    ),
  );
}

function perField(issue: z.core.$ZodIssue) {
  const [field, ...path] = issue.path;
  if (field !== undefined) return [{ field: String(field), issue: { ...issue, path } }];
  if (issue.code !== 'unrecognized_keys') return [{ field: 'non_field_errors', issue }];
  return issue.keys.map((key) => ({ field: key, issue: { ...issue, keys: [key] } }));
}
