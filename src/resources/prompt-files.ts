import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { PromptText } from './prompt-template.ts';

/** Prompts that are files. */
export interface PromptFiles {
  /** The names of all files that can be prompts, sorted. */
  names(): Promise<readonly string[]>;
  /** The file's text. Throws `PromptFileError`. */
  read(name: string): Promise<string>;
}

/** A prompt file cannot be used; the sentence says why. */
export class PromptFileError extends Error {
  override readonly name = 'PromptFileError';
}

/** Bytes that a prompt file may have at most. */
export const largestPromptFile = 100_000;

/**
 * Prompts in these folders; a file in an earlier folder hides those of its name in later ones. A folder
 * that does not exist is empty. Links are followed within their folder only, as Kubernetes lays out
 * mounted files. Read afresh each time.
 */
export function promptFiles(folders: readonly string[]): PromptFiles {
  async function names(): Promise<readonly string[]> {
    const lists = await Promise.all(folders.map(namesIn));
    return [...new Set(lists.flat())].toSorted();
  }

  return {
    names,
    async read(name) {
      if (!isPromptFileName(name)) throw new PromptFileError(nameSentence(name));
      const path = await locateFirst(folders, name);
      if (path !== undefined) return await readText(path, name);
      throw new PromptFileError(
        `There is no prompt file ${name}. There are ${(await names()).join(', ') || 'none'}.`,
      );
    },
  };
}

/** Where a prompt comes from: it is written down, or in a file. */
export type PromptSource = { readonly text: string } | { readonly file: string };

/** The prompt of a source; a `.j2` file is in the `jinja` format. Throws `PromptFileError`. */
export async function loadPrompt(
  source: PromptSource,
  files: Pick<PromptFiles, 'read'>,
): Promise<PromptText> {
  if ('text' in source) return { text: source.text, format: 'braces' };
  const text = await files.read(source.file);
  return { text, format: source.file.endsWith('.j2') ? 'jinja' : 'braces' };
}

const plainName = /^[A-Za-z0-9_][A-Za-z0-9._-]*\.(?:md|j2)$/;

function isPromptFileName(name: string): boolean {
  return name.length <= 100 && plainName.test(name);
}

/** The name is not repeated: it may be anything, of any length. */
function nameSentence(name: string): string {
  return /\.(?:md|j2)$/.test(name)
    ? 'The name of a prompt file is plain: at most 100 letters, digits, dots, - and _, and no folder.'
    : 'The name of a prompt file ends with .md or .j2.';
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const checked = names.filter(isPromptFileName).map(async (name) => {
    const path = await locate(folder, name).catch(() => undefined);
    const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
    return found?.isFile() === true ? [name] : [];
  });
  return (await Promise.all(checked)).flat();
}

async function locateFirst(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    const path = await locate(folder, name);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** Where the file really is; undefined when the folder has none of this name. */
async function locate(folder: string, name: string): Promise<string | undefined> {
  const inside = await orMissing(realpath(folder), name);
  const path = await orMissing(realpath(join(folder, name)), name);
  if (inside === undefined || path === undefined) return undefined;
  if (path.startsWith(inside.endsWith(sep) ? inside : `${inside}${sep}`)) return path;
  throw new PromptFileError(`The prompt file ${name} is a link that leads out of its folder.`);
}

async function readText(path: string, name: string): Promise<string> {
  const found = await stat(path).catch(unreadable(name));
  if (!found.isFile()) throw new PromptFileError(`The prompt file ${name} is not a file.`);
  const bytes = await readStart(path).catch(unreadable(name));
  if (bytes.length > largestPromptFile)
    throw new PromptFileError(
      `The prompt file ${name} has more than ${largestPromptFile / 1000} kB; shorten it.`,
    );
  return decode(bytes, name);
}

function unreadable(name: string): (cause: unknown) => never {
  return (cause) => {
    throw new PromptFileError(`The prompt file ${name} cannot be read; let the bot read it.`, { cause });
  };
}

/** One byte more than is allowed, however large the file is or grows. */
async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(largestPromptFile + 1);
    let size = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, size, buffer.length - size);
      size += bytesRead;
      if (bytesRead === 0 || size === buffer.length) return buffer.subarray(0, size);
    }
  } finally {
    await file.close();
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (text.trim() !== '') return text;
  } catch (cause) {
    throw new PromptFileError(`The prompt file ${name} is not UTF-8 text.`, { cause });
  }
  throw new PromptFileError(`The prompt file ${name} is empty.`);
}

const missing: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

async function orMissing<T>(found: Promise<T>, name: string): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Error && 'code' in error && missing.has(String(error.code))) return undefined;
    return unreadable(name)(error);
  }
}
