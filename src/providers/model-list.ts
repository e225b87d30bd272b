import { z } from 'zod';
import { failure } from './failures.ts';

/** Whether a URL leads to this host: what its vendor runs there is known, what others run elsewhere is not. */
export function isAt(url: string, host: string): boolean {
  return new URL(url).hostname === host;
}

/** Whether a list has one of these names. `isWhole`: what it leaves out is not there. */
export function listed(
  names: readonly string[],
  wanted: readonly string[],
  isWhole: boolean,
): boolean | undefined {
  return names.some((name) => wanted.includes(name)) || (isWhole ? false : undefined);
}

const pageSchema = z.object({ data: z.array(z.looseObject({ id: z.string() })) });

/**
 * The names in a list of OpenAI's or Anthropic's format. Throws `ProviderError` `protocol` for anything else, and
 * for an empty one: the SDKs make that of whatever they were sent.
 */
export function namesIn(who: string, page: unknown): readonly string[] {
  const read = pageSchema.safeParse(page);
  const names = read.data?.data.map(({ id }) => id) ?? [];
  if (names.length === 0) throw failure(who, 'protocol', 'It answers with no list of models.');
  return names;
}
