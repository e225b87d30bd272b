import type { AdapterMemory } from '../../src/chat/adapter-memory.ts';
import { at, isRecord, type Json, textOf } from '../../src/chat/json.ts';
import { fenced, piecesOf } from '../../src/chat/segments.ts';
import { safeCode, safeProse } from './safe-text.ts';
import { fileNameOf } from './smaller.ts';

/** A text that is to become a file. */
export interface TextFile {
  readonly name: string;
  readonly content: string;
}

/** A file that was offered, and where. */
export interface OfferedFile extends TextFile {
  readonly threadId: string;
}

const keepMs = 24 * 3_600_000;
const pageCharacters = 12_000;
const pages = 5;

const keyOf = (id: string) => `file:${id}`;

/** Keeps what a person is asked about, for a day. Throws `UnavailableError`. */
export async function keepFile(memory: AdapterMemory, id: string, file: OfferedFile): Promise<void> {
  const { name, content, threadId } = file;
  await memory.put(keyOf(id), { name: fileNameOf(name), content, threadId }, keepMs);
}

/** Undefined: it was never offered, or is forgotten. */
export async function keptFile(memory: AdapterMemory, id: string): Promise<OfferedFile | undefined> {
  const found = await memory.get(keyOf(id));
  if (!isRecord(found)) return undefined;
  const [name = '', content = '', threadId = ''] = ['name', 'content', 'threadId'].map((part) =>
    textOf(at(found, part)),
  );
  return { name, content, threadId };
}

/** Nobody asks for it any more. */
export async function forgetFile(memory: AdapterMemory, id: string): Promise<void> {
  await memory.forget(keyOf(id));
}

export function bytesOf({ content }: TextFile): Buffer {
  return Buffer.from(content === '' ? ' ' : content);
}

/** Asks a person whether the bot may put a file into their OneDrive; personal chats only. */
export function consentMessage(id: string, file: TextFile): Json {
  const context = { fileId: id };
  const content = {
    description: 'The whole of it, as a file.',
    sizeInBytes: bytesOf(file).length,
    acceptContext: context,
    declineContext: context,
  };
  const attachment = { contentType: 'application/vnd.microsoft.teams.card.file.consent', content };
  return { type: 'message', attachments: [{ ...attachment, name: fileNameOf(file.name) }] };
}

/** A file that stands in the person's OneDrive now. */
export function fileMessage(upload: Json): Json {
  const content = { uniqueId: textOf(upload.uniqueId), fileType: textOf(upload.fileType) };
  const attachment = { contentType: 'application/vnd.microsoft.teams.card.file.info', content };
  return {
    type: 'message',
    attachments: [{ ...attachment, contentUrl: textOf(upload.contentUrl), name: textOf(upload.name) }],
  };
}

/** A file where Teams takes none of bots: as messages, and where it would be too many, only its beginning. */
export function filePages({ name, content }: TextFile): readonly Json[] {
  const title = `**${safeProse(fileNameOf(name)).replaceAll(/[*_`[\]]/g, '')}**`;
  const isText = /\.(md|markdown)$/i.test(name);
  const all = piecesOf(content, pageCharacters);
  return all.slice(0, pages).map((piece, n) => {
    const words = isText ? safeProse(piece) : fenced(safeCode(piece));
    const last = n === pages - 1 && all.length > pages ? `\n\n${leftOut(all.slice(pages))}` : '';
    const text = `${title} (${n + 1} of ${Math.min(all.length, pages)})\n\n${words}${last}`;
    return { type: 'message', textFormat: 'markdown', text };
  });
}

function leftOut(rest: readonly string[]): string {
  const characters = rest.reduce((sum, piece) => sum + piece.length, 0);
  return `_${characters.toLocaleString('en')} more characters are left out here. In a personal chat with me you get all of it as a file._`;
}
