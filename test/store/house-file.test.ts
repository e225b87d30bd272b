import { appendFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  HouseError,
  type HouseLine,
  type HousePart,
  readHouse,
  writeHouse,
} from '../../src/store/house-file.ts';
import { openFolder } from './houses.ts';

const header = {
  migrations: ['0001-foundation'],
  tables: ['threads', 'turns', 'usage'],
  database: 'embedded',
  made_at: '2026-01-01T00:00:00.000Z',
};

/** Among them what reads like the end of a line or of a row, and a number that JavaScript cannot hold. */
const threads = ['{"a": "\u2028 }\\n"}', '{"n": 12345678901234567890.123}', '{"ä": "},\\"row\\":"}'];

async function* parts(): AsyncGenerator<HousePart> {
  yield { type: 'rows', table: 'threads', rows: threads.slice(0, 2) };
  yield { type: 'rows', table: 'threads', rows: threads.slice(2) };
  yield { type: 'rows', table: 'turns', rows: [`{"text": "${'x'.repeat(300_000)}"}`] };
  yield { type: 'sequences', sequences: { 'usage.id': '9007199254740993' } };
}

async function readAll(file: string): Promise<readonly HouseLine[]> {
  const lines: HouseLine[] = [];
  for await (const line of readHouse(file)) lines.push(line);
  return lines;
}

describe('a backup file', () => {
  let folder: Awaited<ReturnType<typeof openFolder>>;
  let whole: string;
  beforeAll(async () => {
    folder = await openFolder();
    whole = join(folder.path, 'whole.jsonl.gz');
    await writeHouse(whole, header, parts());
  });
  afterAll(() => folder.drop());

  /** A file with other content. */
  async function other(content: Uint8Array | string): Promise<string> {
    const file = join(folder.path, 'other.jsonl.gz');
    await writeFile(file, content);
    return file;
  }

  /** The same file with another text, well packed. */
  async function edited(edit: (text: string) => string): Promise<string> {
    return await other(gzipSync(edit(gunzipSync(await readFile(whole)).toString())));
  }

  const refused = async (file: string, sentence: RegExp) => {
    const reading = readAll(file);
    await expect(reading).rejects.toBeInstanceOf(HouseError);
    await expect(reading).rejects.toThrow(sentence);
  };

  it('is read as it was written, each row to the letter', async () => {
    const lines = await readAll(whole);
    expect(lines[0]).toEqual({ type: 'header', header });
    expect(lines.slice(1, 4)).toEqual(threads.map((row) => ({ type: 'row', table: 'threads', row })));
    expect(lines.at(-2)).toEqual({ type: 'sequences', sequences: { 'usage.id': '9007199254740993' } });
    const counts = { threads: 3, turns: 1, usage: 0 };
    expect(lines.at(-1)).toMatchObject({ type: 'end', end: { counts } });
  });

  it('is for its owner only', async () => {
    expect((await stat(whole)).mode & 0o777).toBe(0o600);
  });

  it.each([0.1, 0.5, 0.9, 0.999])('is refused when it was cut off after %d of it', async (part) => {
    const bytes = await readFile(whole);
    await refused(await other(bytes.subarray(0, bytes.length * part)), /was cut off or altered/);
  });

  it.each([
    ['its end', (text: string) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)],
    ['a row', (text: string) => text.split('\n').toSpliced(2, 1).join('\n')],
    ['all rows', (text: string) => text.split('\n').toSpliced(1, 4).join('\n')],
  ])('is refused when it lacks %s', async (_what, edit) => {
    await refused(await edited(edit), /was cut off or altered/);
  });

  it.each([
    ['a letter', (text: string) => text.replace('12345', '12346')],
    ['the header', (text: string) => text.replace('embedded', 'postgresql')],
    ['a sequence', (text: string) => text.replace('9007199254740993', '1')],
    ['a count', (text: string) => text.replace('"threads":3', '"threads":4')],
    ['the place of a row', (text: string) => text.split('\n').toSpliced(2, 0, '{}').join('\n')],
    ['what follows its end', (text: string) => `${text}{"table":"threads","row":{}}\n`],
  ])('is refused when %s was altered', async (_what, edit) => {
    await refused(await edited(edit), /was cut off or altered/);
  });

  it('is refused when a bit of it turned over', async () => {
    const bytes = await readFile(whole);
    const middle = Math.floor(bytes.length / 2);
    await refused(await other(bytes.with(middle, (bytes[middle] ?? 0) ^ 1)), /was cut off or altered/);
  });

  it('is refused when another was appended to it', async () => {
    const file = await other(await readFile(whole));
    await appendFile(file, await readFile(whole));
    await refused(file, /there is more after its end/);
  });

  it.each([
    ['text', 'hello', /was cut off or altered/],
    ['another packed file', gzipSync('{"hello": 1}\n'), /is not a backup made by `npm run export`/],
    ['nothing', '', /was cut off or altered/],
  ])('is told from %s', async (_what, content, sentence) => {
    await refused(await other(content), sentence);
  });

  it('of a later format names the version that is needed', async () => {
    const file = await edited((text) => text.replace('"version":1', '"version":2'));
    await refused(file, /is of format 2.+Import it with the version that made it/);
  });

  it('that is not there is named', async () => {
    await refused(join(folder.path, 'none'), /none cannot be read \(ENOENT/);
  });

  it('is not there, not even in part, when writing it failed; the one before stays', async () => {
    async function* failing(): AsyncGenerator<HousePart> {
      yield* parts();
      throw new Error('the database is gone');
    }
    const before = await readFile(whole);
    await expect(writeHouse(whole, header, failing())).rejects.toThrow('the database is gone');
    expect(await readFile(whole)).toEqual(before);
    expect((await readdir(folder.path)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
