import { clipped } from '../../src/chat/clipped.ts';
import { type FileType, fileTypes } from '../../src/chat/file-limits.ts';
import {
  type CheckedFile,
  checkFile,
  fittingFiles,
  type InboundFile,
  tooLargeFile,
} from '../../src/chat/files.ts';
import type { SlackApi } from './api.ts';
import { SlackCallError } from './call-error.ts';
import type { SharedFile } from './inbound.ts';

/** What came with a message as files. */
export interface Attachments {
  /** The contents of text files, and a sentence on each file that could not be taken. */
  readonly text: string;
  /** Images and PDFs. */
  readonly files: readonly InboundFile[];
}

const textBytes = 200_000;
const textCharacters = 20_000;
const mostFiles = 5;

/** Reads the files of a message, all at once and each within `withinMs`. Never rejects. */
export async function readAttachments(
  api: SlackApi,
  { team, files }: { readonly team: string; readonly files: readonly SharedFile[] },
  withinMs: number,
): Promise<Attachments> {
  const more = files.length - mostFiles;
  const signal = AbortSignal.timeout(withinMs);
  const read = await Promise.all(files.slice(0, mostFiles).map((file) => readFile(api, team, file, signal)));
  const fitting = fittingFiles(read.flatMap((each) => (each.type === 'file' ? [each.file] : [])));
  const texts = read.flatMap((each) => (each.type === 'text' ? [each.text] : []));
  const left = more > 0 ? [`${more} more files are not read.`] : [];
  return { text: [...texts, ...fitting.sentences, ...left].join('\n\n'), files: fitting.files };
}

type Read =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'file'; readonly file: InboundFile };

const say = (text: string): Read => ({ type: 'text', text });

async function readFile(api: SlackApi, team: string, file: SharedFile, signal: AbortSignal): Promise<Read> {
  const title = `File ${file.name} (${file.mimetype}, ${file.size} bytes)`;
  const kind = kindOf(file);
  if (kind === undefined) return say(`${title}: its contents are not read.`);
  const isText = kind === 'text';
  const tooLarge = isText ? tooLargeText(file, title) : tooLargeFile(file.name, kind, file.size);
  if (tooLarge !== undefined) return say(tooLarge);
  try {
    const bytes = await download(api, team, file, signal);
    if (bytes === undefined) return say(`${title}: the bot may not read it (the app needs files:read).`);
    if (isText) return say(`${title}:\n${clipped(bytes.toString('utf8'), textCharacters)}`);
    return fromChecked(checkFile({ name: file.name, bytes }));
  } catch (error) {
    return say(`File ${file.name}: ${whyNot(error)}`);
  }
}

function fromChecked(checked: CheckedFile): Read {
  return checked.ok ? { type: 'file', file: checked.file } : say(checked.sentence);
}

function tooLargeText({ size }: SharedFile, title: string): string | undefined {
  return size > textBytes ? `${title}: too large to be read; ${textBytes} bytes at most.` : undefined;
}

function whyNot(error: unknown): string {
  if (error instanceof SlackCallError && error.code === 'foreign_host')
    return 'it is kept elsewhere than at Slack, and was not read.';
  return 'it could not be read in time.';
}

/** Undefined: the bot may not read it. Without the scope files:read Slack answers 200 with a page to sign in. */
async function download(
  api: SlackApi,
  team: string,
  file: SharedFile,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const response = await api.fetch(team, file.url, { signal });
  const isPage = response.headers.get('content-type')?.includes('text/html') === true;
  if (!response.ok || (isPage && !file.mimetype.includes('html'))) {
    await response.body?.cancel();
    return undefined;
  }
  // What Slack said of its size was checked against the limits.
  return await bytesOf(response, file.size > 0 ? file.size : textBytes);
}

async function bytesOf(response: Response, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > most) throw new Error(`The file has more than ${most} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** By Slack's word; the bytes are looked at once they are there. Undefined: of no use to a model. */
function kindOf({ mimetype, name }: SharedFile): FileType | 'text' | undefined {
  const type = fileTypes.find((each) => each === mimetype);
  if (type !== undefined) return type;
  if (/\.pdf$/i.test(name)) return 'application/pdf';
  const isText =
    /^text\/|json|xml|yaml|x-sh|javascript|csv/.test(mimetype) ||
    /\.(txt|log|md|json|ya?ml|csv|conf|ini|toml|sh|sql|xml)$/i.test(name);
  return isText && !mimetype.startsWith('image/') ? 'text' : undefined;
}
