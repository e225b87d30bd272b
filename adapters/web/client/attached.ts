import { type FileType, fileLimits, fileTypes, megabytes, tooLarge } from '../../../src/chat/file-limits.ts';

/** An image or a PDF that goes with a message. */
export interface Attached {
  /** Unique on this page. */
  readonly id: string;
  readonly name: string;
  readonly mediaType: FileType;
  readonly bytes: number;
  /** Base64. */
  readonly data: string;
}

/** What the file picker offers. */
export const acceptedTypes = fileTypes.join(',');

export interface Attaching {
  readonly files: readonly Attached[];
  /** Why some were left out; empty: none were. */
  readonly problem: string;
}

/** These files with more of them, as far as one message can bring them. The server looks at their bytes. */
export async function attach(
  files: readonly Attached[],
  more: readonly File[],
  newId: () => string,
): Promise<Attaching> {
  const taken = [...files];
  const problems: string[] = [];
  for (const file of more) {
    const mediaType = fileTypes.find((type) => type === file.type);
    const why = mediaType === undefined ? 'it is no image and no PDF' : refusal(taken, mediaType, file.size);
    if (mediaType === undefined || why !== undefined) problems.push(`${file.name}: ${why}.`);
    else {
      const data = await base64(file);
      taken.push({ id: newId(), name: file.name, mediaType, bytes: file.size, data });
    }
  }
  return { files: taken, problem: problems.join(' ') };
}

function refusal(taken: readonly Attached[], mediaType: FileType, bytes: number): string | undefined {
  if (taken.length === fileLimits.files) return `a message brings ${fileLimits.files} files at most`;
  const total = taken.reduce((sum, file) => sum + file.bytes, bytes);
  const isMuch = total > fileLimits.totalBytes;
  const all = `all files of a message together may have ${megabytes(fileLimits.totalBytes)}`;
  return tooLarge(mediaType, bytes) ?? (isMuch ? all : undefined);
}

const bytesAtOnce = 0x8000;

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += bytesAtOnce)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + bytesAtOnce)));
  return btoa(parts.join(''));
}
