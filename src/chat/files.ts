import { type FileType, fileLimits, megabytes, tooLarge } from './file-limits.ts';

/** An image or a PDF that came with a message. Made by `checkFile`, so that its bytes are what it says. */
export interface InboundFile {
  /** As its sender called it; cleaned and at most 120 characters. */
  readonly name: string;
  readonly mediaType: FileType;
  /** Base64. */
  readonly data: string;
  /** The size of what `data` holds. */
  readonly bytes: number;
}

/** A file that is stored with its message: all but its bytes. */
export interface StoredFile extends Omit<InboundFile, 'data'> {
  readonly id: string;
}

/** A file that can be taken, or the sentence that says why not. */
export type CheckedFile =
  | { readonly ok: true; readonly file: InboundFile }
  | { readonly ok: false; readonly sentence: string };

/** Tells by a file's first bytes what it is, whatever its name or its sender say, and whether it can be taken. */
export function checkFile(given: { readonly name: string; readonly bytes: Buffer }): CheckedFile {
  const { bytes } = given;
  const name = fileName(given.name);
  const mediaType = typeOf(bytes);
  if (mediaType === undefined) return refused(name, 'it is no PNG, JPEG, GIF or WebP image and no PDF');
  const size = tooLarge(mediaType, bytes.length);
  if (size !== undefined) return refused(name, size);
  return { ok: true, file: { name, mediaType, data: bytes.toString('base64'), bytes: bytes.length } };
}

/** The sentence on a file that is too large to be fetched at all; undefined: it is not. */
export function tooLargeFile(name: string, mediaType: FileType, bytes: number): string | undefined {
  const size = tooLarge(mediaType, bytes);
  return size === undefined ? undefined : sentenceOf(fileName(name), size);
}

/** As many of the files, from the first on, as one message can bring, and a sentence on each that is left out. */
export function fittingFiles(files: readonly InboundFile[]): {
  readonly files: readonly InboundFile[];
  readonly sentences: readonly string[];
} {
  const taken: InboundFile[] = [];
  const sentences: string[] = [];
  let total = 0;
  for (const file of files) {
    const isMany = taken.length === fileLimits.files;
    if (isMany || total + file.bytes > fileLimits.totalBytes) {
      const why = isMany
        ? `a message brings ${fileLimits.files} files at most`
        : `all files of a message together may have ${megabytes(fileLimits.totalBytes)}`;
      sentences.push(sentenceOf(file.name, why));
      continue;
    }
    total += file.bytes;
    taken.push(file);
  }
  return { files: taken, sentences };
}

/** The kind of file that these bytes begin. */
function typeOf(bytes: Buffer): FileType | undefined {
  const begins = (text: string, at = 0) => bytes.subarray(at, at + text.length).toString('latin1') === text;
  if (begins('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (begins('\xff\xd8\xff')) return 'image/jpeg';
  if (begins('GIF87a') || begins('GIF89a')) return 'image/gif';
  if (begins('RIFF') && begins('WEBP', 8)) return 'image/webp';
  // Readers take a PDF whose header stands within its first 1024 bytes.
  return bytes.subarray(0, 1024).includes('%PDF-') ? 'application/pdf' : undefined;
}

/** A name in one line, which cannot be taken for a part of the text that it stands in. */
function fileName(name: string): string {
  const line = name
    .toWellFormed()
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}[\]<>]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (line === '') return 'file';
  return line.length <= longestName ? line : `${line.slice(0, longestName - 1).toWellFormed()}…`;
}

const longestName = 120;

function refused(name: string, why: string): CheckedFile {
  return { ok: false, sentence: sentenceOf(name, why) };
}

function sentenceOf(name: string, why: string): string {
  return `The file ${name} was not taken: ${why}.`;
}
