import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AlertLink, RefusedAlert } from './port.ts';

/** A delivery that cannot be understood: one sentence that says what is wrong with it. */
export class AlertFormatError extends Error {
  override readonly name = 'AlertFormatError';
}

/** Texts by name, whatever they were sent as; what holds more than a value is left out. */
export const texts = z
  .record(z.string(), z.unknown(), { error: 'must be names with their values' })
  .nullable()
  .default(null)
  .transform((found) =>
    Object.fromEntries(
      Object.entries(found ?? {}).flatMap(([name, value]) =>
        ['string', 'number', 'boolean'].includes(typeof value) ? [[name, String(value)] as const] : [],
      ),
    ),
  );

/** A text, or nothing. */
export const words = z
  .unknown()
  .default(null)
  .transform((value) => (typeof value === 'string' ? value : ''));

/** A time as ISO 8601, or nothing: senders write the year 1 for none. */
export const moment = z
  .unknown()
  .default(null)
  .transform((value) => {
    const time = typeof value === 'string' || typeof value === 'number' ? new Date(value) : undefined;
    const isTime = time !== undefined && time.getTime() > 0 && time.getUTCFullYear() < 10_000;
    return isTime ? time.toISOString() : undefined;
  });

/** Reads what was sent. Throws `AlertFormatError` with the first few things that are wrong. */
export function readAs<T>(schema: z.ZodType<T>, body: unknown, sender: string): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw notOf(sender, wrongIn(read.error, 'the body'));
}

/** The first few things that are wrong, each with where it is. */
function wrongIn({ issues }: z.ZodError, whole: string): readonly string[] {
  return issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.length === 0 ? whole : path.join('.')}: ${message}`);
}

function notOf(sender: string, wrong: readonly string[]): AlertFormatError {
  return new AlertFormatError(`This is not what ${sender} sends: ${wrong.join('; ')}.`);
}

/** A list of alerts, whatever its elements are. */
export const listed = z.array(z.unknown(), { error: 'must be a list' });

interface ReadList<T> {
  readonly read: readonly T[];
  readonly refused: readonly RefusedAlert[];
}

/**
 * Reads each element of a list: one that cannot be understood costs no other. Throws `AlertFormatError` where none
 * can; `at` says where the list stands, with a dot after it.
 */
export function readList<T>(
  schema: z.ZodType<T>,
  list: readonly unknown[],
  { sender, at }: { readonly sender: string; readonly at: string },
): ReadList<T> {
  const read: T[] = [];
  const refused: RefusedAlert[] = [];
  for (const [index, element] of list.entries()) {
    const one = schema.safeParse(element);
    if (one.success) read.push(one.data);
    else refused.push({ index, detail: `${wrongIn(one.error, 'it').join('; ')}.` });
  }
  if (read.length > 0 || refused.length === 0) return { read, refused };
  throw notOf(
    sender,
    refused.slice(0, 3).map(({ index, detail }) => `${at}${index}: ${detail.replace(/\.$/, '')}`),
  );
}

/** Only pages that people can open; each once. */
export function linksOf(candidates: Readonly<Record<string, string | undefined>>): readonly AlertLink[] {
  const seen = new Set<string>();
  return Object.entries(candidates).flatMap(([title, url = '']) => {
    const isPage = /^https?:\/\//i.test(url) && URL.canParse(url) && url.length <= 2000;
    if (!isPage || seen.has(url)) return [];
    seen.add(url);
    return [{ title, url: new URL(url).href }];
  });
}

/** A fingerprint for what has none. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

export function sorted(labels: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** An entry of an object, where there is a value. */
export function given<K extends string, V>(name: K, value: V | undefined | null) {
  const entry: { [P in K]?: V } = {};
  if (value !== undefined && value !== null) entry[name] = value;
  return entry;
}
