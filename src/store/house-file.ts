import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline as pipe } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';

const format = 'ai-ops-bot-house';
const version = 1;

const headerSchema = z.object({
  format: z.literal(format),
  version: z.number(),
  migrations: z.array(z.string()).readonly(),
  tables: z.array(z.string()).readonly(),
  database: z.string(),
  made_at: z.string(),
});
const sequencesSchema = z.object({ sequences: z.record(z.string(), z.string().regex(/^\d+$/)) });
const endSchema = z.object({ counts: z.record(z.string(), z.number()).readonly(), sha256: z.string() });

/** What a backup says of itself in its first line. `tables` stand in the order of their rows. */
export type HouseHeader = Readonly<Omit<z.infer<typeof headerSchema>, 'format' | 'version'>>;

/** Its last line: how many rows of each table there are, and the SHA-256 of everything before it. */
export type HouseEnd = Readonly<z.infer<typeof endSchema>>;

/** The next number of each sequence, by `table.column`. */
export type Sequences = Readonly<Record<string, string>>;

/** One line of a backup. A row stays the JSON text that PostgreSQL wrote, so that no number loses a digit. */
export type HouseLine =
  | { readonly type: 'header'; readonly header: HouseHeader }
  | { readonly type: 'row'; readonly table: string; readonly row: string }
  | { readonly type: 'sequences'; readonly sequences: Sequences }
  | { readonly type: 'end'; readonly end: HouseEnd };

/** What comes after the header: rows of one table as JSON text, and once, at last, the sequences. */
export type HousePart =
  | { readonly type: 'rows'; readonly table: string; readonly rows: readonly string[] }
  | { readonly type: 'sequences'; readonly sequences: Sequences };

/** A backup could not be made or brought in. The message is sentences that say what to do. */
export class HouseError extends Error {
  override readonly name = 'HouseError';
}

/**
 * Writes a backup: JSON lines in gzip, readable by its owner only. It is called `<file>.part` until it is whole.
 */
export async function writeHouse(
  file: string,
  header: HouseHeader,
  parts: AsyncIterable<HousePart>,
): Promise<HouseEnd> {
  const part = `${file}.part`;
  const counts = Object.fromEntries(header.tables.map((table) => [table, 0]));
  const hash = createHash('sha256');
  const end = () => ({ counts, sha256: hash.copy().digest('hex') });
  async function* text(): AsyncGenerator<string> {
    for await (const lines of textOf(header, parts, counts)) {
      hash.update(lines);
      yield lines;
    }
    yield `${JSON.stringify(end())}\n`;
  }
  try {
    await pipeline(text, createGzip(), createWriteStream(part, { mode: 0o600, flush: true }));
    await rename(part, file);
    return end();
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function* textOf(
  header: HouseHeader,
  parts: AsyncIterable<HousePart>,
  counts: Record<string, number>,
): AsyncGenerator<string> {
  yield `${JSON.stringify({ format, version, ...header })}\n`;
  for await (const part of parts) {
    if (part.type === 'sequences') {
      yield `${JSON.stringify({ sequences: part.sequences })}\n`;
      continue;
    }
    const opening = `{"table":${JSON.stringify(part.table)},"row":`;
    counts[part.table] = (counts[part.table] ?? 0) + part.rows.length;
    yield part.rows.map((row) => `${opening}${row}}\n`).join('');
  }
}

/**
 * Reads a backup line by line, the end last. Throws `HouseError` where it is not one, was cut off or was
 * altered; so whoever writes down what it says reads it to its end once before.
 */
export async function* readHouse(file: string): AsyncGenerator<HouseLine> {
  const hash = createHash('sha256');
  const counts = new Map<string, number>();
  let state: 'beginning' | 'rows' | 'ended' = 'beginning';
  for await (const text of linesOf(file)) {
    if (state === 'ended') throw damaged(file, 'there is more after its end');
    const line: HouseLine = state === 'beginning' ? readHeader(file, text) : readLine(file, text);
    state = line.type === 'end' ? 'ended' : 'rows';
    if (line.type === 'row') counts.set(line.table, (counts.get(line.table) ?? 0) + 1);
    if (line.type === 'end') requireRight(file, line.end, { counts, sha256: hash.digest('hex') });
    else hash.update(text).update('\n');
    yield line;
  }
  if (state !== 'ended') throw damaged(file, 'its end is missing');
}

async function* linesOf(file: string): AsyncGenerator<string> {
  try {
    yield* split(pipe(createReadStream(file), createGunzip(), () => undefined));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const code = String(error.code);
    if (code === 'Z_BUF_ERROR') throw damaged(file, 'its end is missing');
    if (code.startsWith('Z_')) throw damaged(file, error.message);
    throw new HouseError(`The file ${file} cannot be read (${error.message}).`, { cause: error });
  }
}

const lineFeed = 10;

/** JSON text of PostgreSQL holds no line feed, but may hold whatever else counts as the end of a line. */
async function* split(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, from)) {
      yield Buffer.concat([...begun, chunk.subarray(from, at)]).toString('utf8');
      begun = [];
      from = at + 1;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
  if (begun.length > 0) yield Buffer.concat(begun).toString('utf8');
}

function readHeader(file: string, text: string): HouseLine {
  const parsed = headerSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new HouseError(`The file ${file} is not a backup made by \`npm run export\`.`);
  const { format: _format, version: made, ...header } = parsed.data;
  if (made === version) return { type: 'header', header };
  throw new HouseError(
    `The backup ${file} is of format ${made}, and this version of the bot reads format ${version}. Import it with the version that made it.`,
  );
}

const rowOpening = /^\{"table":("(?:[^"\\]|\\.)*"),"row":/;

function readLine(file: string, text: string): HouseLine {
  const opening = rowOpening.exec(text);
  if (opening !== null) {
    const table = z.string().parse(parseJson(opening[1] ?? ''));
    return { type: 'row', table, row: text.slice(opening[0].length, -1) };
  }
  const value = parseJson(text);
  const sequences = sequencesSchema.safeParse(value);
  if (sequences.success) return { type: 'sequences', ...sequences.data };
  const end = endSchema.safeParse(value);
  if (end.success) return { type: 'end', end: end.data };
  throw damaged(file, 'it has a line that cannot be read');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function requireRight(
  file: string,
  end: HouseEnd,
  found: { readonly counts: ReadonlyMap<string, number>; readonly sha256: string },
): void {
  if (end.sha256 !== found.sha256) throw damaged(file, 'its content does not match its hash');
  const tables = new Set([...Object.keys(end.counts), ...found.counts.keys()]);
  const wrong = [...tables].find((table) => (end.counts[table] ?? 0) !== (found.counts.get(table) ?? 0));
  if (wrong !== undefined) throw damaged(file, `its rows of ${wrong} are not as many as it says`);
}

function damaged(file: string, reason: string): HouseError {
  return new HouseError(
    `The backup ${file} was cut off or altered: ${reason}. Nothing of it can be trusted; use another backup or export again.`,
  );
}
