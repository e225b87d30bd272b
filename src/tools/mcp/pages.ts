import { z } from 'zod';

const maxPages = 64;
const cursorSchema = z.string().optional();
const entriesSchema = z.array(z.unknown());

/**
 * All entries of a list that a server gives in pages, each under `key`. Ends at a cursor that was seen
 * before. Throws a sentence when there are too many pages, or when one is not a page.
 */
export async function allPages(
  what: string,
  key: string,
  read: (cursor: string | undefined) => Promise<Readonly<Record<string, unknown>>>,
): Promise<readonly unknown[]> {
  const entries: unknown[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await read(cursor);
    const found = entriesSchema.safeParse(answer[key]).data;
    if (found === undefined) throw new Error(`its list of ${what} is not a list`);
    entries.push(...found);
    cursor = cursorSchema.safeParse(answer.nextCursor).data;
    if (cursor === undefined || seen.has(cursor)) return entries;
    seen.add(cursor);
  }
  throw new Error(`its list of ${what} has more than ${maxPages} pages`);
}
