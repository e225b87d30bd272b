import type { Message, UserMessage } from './messages.ts';
import type { Image } from './tool.ts';

/** An image or a PDF that came with a person's message; its bytes are stored beside the turn. */
export interface FileRef {
  /** Unique in the thread. */
  readonly id: string;
  readonly name: string;
  readonly mediaType: Image['mimeType'] | 'application/pdf';
  readonly bytes: number;
}

/** A file as the model sees it. `data`: base64. */
export interface ShownFile extends FileRef {
  readonly data: string;
}

/** Gives the bytes of files by their ids, as base64; those that are no longer stored are missing. */
export type LoadFiles = (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** Files of a request together, newest first, in number and in bytes: what one message can bring, and some more. */
const mostFiles = 10;
const mostBytes = 15 * 1024 * 1024;
/** What vendors charge for an image of the size that they scale to, roughly. */
const imageTokens = 1600;
/** A page is text and picture; nobody knows the pages of a PDF without reading it. */
const pdfTokens = { least: 1500, most: 60_000, bytesPerToken: 40 };
/** Of the room that a request has, files get no more than this. */
const filesShare = 0.5;

/** The files that a request shows, and what they cost. */
export interface Chosen {
  readonly ids: ReadonlySet<string>;
  readonly tokens: number;
}

/** The newest files that `room` tokens have place for; a single one is shown however large it may be. */
export function chooseFiles(messages: readonly Message[], room: number): Chosen {
  const most = Math.max(0, Math.floor(room * filesShare));
  const ids = new Set<string>();
  let [tokens, bytes] = [0, 0];
  for (const file of messages.flatMap(filesOf).reverse()) {
    const cost = Math.min(tokensOf(file), most);
    if (ids.size === mostFiles || tokens + cost > most || bytes + file.bytes > mostBytes) continue;
    ids.add(file.id);
    tokens += cost;
    bytes += file.bytes;
  }
  return { ids, tokens };
}

/** The messages with the chosen files; in place of all others stands a line that names them. */
export async function withFiles(
  messages: readonly Message[],
  { ids }: Chosen,
  load: LoadFiles | undefined,
): Promise<readonly Message[]> {
  const loaded = ids.size === 0 ? undefined : await load?.([...ids]);
  const dataOf = ({ id }: FileRef) => (ids.has(id) ? loaded?.get(id) : undefined);
  return messages.map((message) =>
    filesOf(message).length > 0 && message.role === 'user' ? withShown(message, dataOf) : message,
  );
}

function withShown(message: UserMessage, dataOf: (file: FileRef) => string | undefined): UserMessage {
  const { files = [], ...rest } = message;
  const shown = files.flatMap((file) => {
    const data = dataOf(file);
    return data === undefined ? [] : [{ ...file, data }];
  });
  const notes = files.map((file) => noteOf(file, dataOf(file) !== undefined));
  const text = [message.text, notes.join('\n')].filter((part) => part !== '').join('\n\n');
  return shown.length === 0 ? { ...rest, text } : { ...rest, text, shown };
}

/** What kind of file it is, in a word for people and models. */
export function kindOf({ mediaType }: Pick<FileRef, 'mediaType'>): 'PDF' | 'image' {
  return mediaType === 'application/pdf' ? 'PDF' : 'image';
}

function noteOf(file: FileRef, isShown: boolean): string {
  return `[${kindOf(file)} ${file.name}${isShown ? '' : ', no longer shown'}]`;
}

function filesOf(message: Message): readonly FileRef[] {
  return message.role === 'user' ? (message.files ?? []) : [];
}

function tokensOf(file: FileRef): number {
  if (kindOf(file) === 'image') return imageTokens;
  const { least, most, bytesPerToken } = pdfTokens;
  return Math.min(most, Math.max(least, Math.ceil(file.bytes / bytesPerToken)));
}
