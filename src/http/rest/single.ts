import { InvalidError, NotFoundError } from '../../chat/errors.ts';
import type { Resource, Row } from '../../resources/definition.ts';
import { Refusal } from '../refusal.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text can be a row's id. */
export function isId(text: string): boolean {
  return uuid.test(text);
}

/** The id in a path. Throws `NotFoundError` for what can be none. */
export function idIn(resource: Resource, params: Readonly<Record<string, string>>): string {
  const id = params.id ?? '';
  if (!isId(id)) throw new NotFoundError(`There is no ${resource.one} with the id ${id.slice(0, 64)}.`);
  return id.toLowerCase();
}

/** Of what was sent alone, what is wrong is said without a list around it. */
export async function alone<T>(doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    throw new InvalidError(
      Object.fromEntries([error.fields, ...(error.items ?? [])].flatMap(Object.entries)),
    );
  }
}

/** The tag of a row's state, for `If-Match`. */
export function etagOf(row: Row): string {
  return `"${String(row.revision)}"`;
}

/** The revision that a caller has seen, from `If-Match`. Throws `Refusal` for more than one. */
export function revisionIn(ifMatch: string | undefined): { readonly revision?: string } {
  if (ifMatch === undefined || ifMatch.trim() === '*') return {};
  // Proxies that compress make a tag weak; it still names this revision.
  const revision = /^(?:W\/)?"([^"]*)"$/.exec(ifMatch.trim())?.[1];
  if (revision === undefined)
    throw new Refusal({ status: 400, code: 'bad_if_match' }, 'Send in If-Match the one ETag that you read.');
  return { revision };
}
