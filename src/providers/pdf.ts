import { type ChildProcess, spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ShownFile } from '../agent/files.ts';
import { type PdfFound, pdfFound } from './pdf-words.ts';

/** Reads the text of a PDF, or says in a sentence why it cannot. Never rejects but when aborted. */
export type PdfReader = (file: Pick<ShownFile, 'id' | 'data'>, signal: AbortSignal) => Promise<string>;

export interface PdfLimits {
  readonly pages: number;
  readonly characters: number;
  readonly ms: number;
  readonly megabytes: number;
}

const usual: PdfLimits = { pages: 100, characters: 200_000, ms: 20_000, megabytes: 256 };
/** So many texts are remembered: each step of a turn asks for the same ones again. */
const remembered = 8;

/**
 * Reads PDFs one after another, each in a process of its own with limits of time and memory: a PDF is a
 * stranger's, and may be made to hurt whoever opens it; a thread that runs out of memory can take the bot
 * with it. A text is remembered by its file's id.
 */
export function pdfReader(limits: Partial<PdfLimits> = {}): PdfReader {
  const all = { ...usual, ...limits };
  const known = new Map<string, Promise<string>>();
  let last: Promise<unknown> = Promise.resolve();

  function begin({ id, data }: Pick<ShownFile, 'id' | 'data'>): Promise<string> {
    const reading = last.then(() => readApart(Buffer.from(data, 'base64'), all));
    last = reading.catch(() => undefined);
    known.set(id, reading);
    for (const oldest of known.keys()) {
      if (known.size <= remembered) break;
      known.delete(oldest);
    }
    return reading;
  }

  return async (file, signal) => {
    signal.throwIfAborted();
    return await abortable(known.get(file.id) ?? begin(file), signal);
  };
}

async function readApart(bytes: Uint8Array, limits: PdfLimits): Promise<string> {
  const parts = findParts();
  const told = [parts.program, parts.entry, `${limits.pages}`, `${limits.characters}`];
  const child = spawn(process.execPath, [...bounds(parts, limits.megabytes), ...told], {
    env: {},
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const guard = guardOver(child, limits);
  // It may end before it has read all; what it said, or did not say, tells the rest.
  child.stdin.on('error', () => undefined);
  child.stdin.end(bytes);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const output = await text(child.stdout).catch(() => '');
  await ended;
  return guard.end() ?? sentenceOf(parse(output));
}

const lookEveryMs = 100;

/** Ends a program that takes too long, or too much memory of those kinds that Node does not bound. */
function guardOver(child: ChildProcess, limits: PdfLimits) {
  let why: string | undefined;
  const stop = (sentence: string) => {
    why ??= sentence;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => stop(tooSlow(limits)), limits.ms);
  const look = async () => {
    if ((await residentMegabytes(child.pid)) > limits.megabytes * 2) stop(unreadable);
  };
  const looking = setInterval(look, lookEveryMs);
  return {
    /** Why it was ended; undefined: it ended by itself. */
    end(): string | undefined {
      clearTimeout(timer);
      clearInterval(looking);
      return why;
    },
  };
}

const bytesPerPage = 4096;

/** On Linux; elsewhere, and once it has ended, nothing is known and 0 said. */
async function residentMegabytes(pid: number | undefined): Promise<number> {
  const pages = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return (Number(pages.split(' ')[1] ?? 0) * bytesPerPage) / 1024 / 1024;
}

interface Parts {
  readonly program: string;
  /** The library's folder, and its module as a URL. */
  readonly home: string;
  readonly entry: string;
}

/** Real paths, since packages may be links: the program has no right to follow any. */
function findParts(): Parts {
  const folder = dirname(realpathSync(createRequire(import.meta.url).resolve('unpdf')));
  return {
    program: realpathSync(fileURLToPath(new URL('./pdf-program.ts', import.meta.url))),
    home: join(folder, '..'),
    entry: pathToFileURL(join(folder, 'index.mjs')).href,
  };
}

/** Bounds of memory, and no rights but to read its own code: no network, no other file, no other program. */
function bounds({ program, home }: Parts, megabytes: number): readonly string[] {
  const readable = [program, join(program, '../../../package.json'), home];
  return [
    `--max-old-space-size=${megabytes}`,
    '--permission',
    ...readable.map((path) => `--allow-fs-read=${path}`),
  ];
}

function parse(output: string): PdfFound | undefined {
  try {
    return pdfFound.safeParse(JSON.parse(output)).data;
  } catch {
    return undefined;
  }
}

/** Whether a text that a reader gave is all that the PDF says. */
export function isReadWhole(text: string): boolean {
  return !text.startsWith('(This PDF ') && !text.endsWith(' pages are given.)');
}

const unreadable = '(This PDF is broken or too complex, and cannot be read.)';
const locked = '(This PDF is protected by a password and cannot be read.)';

function tooSlow({ ms }: PdfLimits): string {
  return `(This PDF could not be read within ${ms / 1000} s.)`;
}

function sentenceOf(found: PdfFound | undefined): string {
  if (found === undefined || found.type === 'broken') return unreadable;
  if (found.type === 'encrypted') return locked;
  const { text, pages, pagesRead } = found;
  return pagesRead < pages ? `${text}\n\n(Only ${pagesRead} of its ${pages} pages are given.)` : text;
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let leave = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  return await Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', leave));
}
