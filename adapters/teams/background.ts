import { clipped } from '../../src/chat/clipped.ts';
import { fileLimits } from '../../src/chat/file-limits.ts';
import { type CheckedFile, checkFile, fittingFiles, type InboundFile } from '../../src/chat/files.ts';
import type { TeamsApi } from './api.ts';
import { TeamsCallError } from './call-error.ts';
import type { Heard, SharedFile } from './inbound.ts';

/** What belongs to a message besides its words. */
export interface Background {
  /** What the model reads before the words, as data. */
  readonly text: string;
  /** Images and PDFs. */
  readonly files: readonly InboundFile[];
}

const withinMs = 3000;
const textBytes = 200_000;
const textCharacters = 20_000;
const mostFiles = 5;

/** Reads what came with a message, all at once and within its time. Never rejects. */
export async function backgroundOf(
  api: TeamsApi,
  heard: Heard,
  { isKnown }: { readonly isKnown: boolean },
): Promise<Background> {
  const signal = AbortSignal.timeout(withinMs);
  const shared = heard.files.slice(0, mostFiles);
  const read = await Promise.all(shared.map((file) => readFile(api, heard, file, signal)));
  const fitting = fittingFiles(read.flatMap((each) => (each.type === 'file' ? [each.file] : [])));
  const more = heard.files.length - mostFiles;
  const parts = [
    isKnown ? '' : unseen(heard),
    heard.quote === undefined
      ? ''
      : `This answers a message of ${heard.quote.by}: ${clipped(heard.quote.text, 4000)}`,
    ...read.flatMap((each) => (each.type === 'text' ? [each.text] : [])),
    ...fitting.sentences,
    more > 0 ? `${more} more files are not read.` : '',
    heard.unread.length === 0
      ? ''
      : `The message also holds what the bot cannot read: ${heard.unread.join(', ')}.`,
  ];
  return { text: parts.filter((part) => part !== '').join('\n\n'), files: fitting.files };
}

/** Teams tells a bot of no message but those that it is sent. */
function unseen({ kind, isReply }: Heard): string {
  if (kind === 'group')
    return 'This is a group chat of Microsoft Teams. The bot sees only the messages that mention it: what others said is unknown, unless it is quoted here. Ask for what is missing.';
  if (kind === 'channel' && isReply)
    return 'This message stands in the middle of a thread in Microsoft Teams, whose earlier messages the bot cannot see. Ask for what is missing, or ask to quote it.';
  return '';
}

type Read =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'file'; readonly file: InboundFile };

const say = (text: string): Read => ({ type: 'text', text });

async function readFile(api: TeamsApi, heard: Heard, file: SharedFile, signal: AbortSignal): Promise<Read> {
  const kind = kindOf(file);
  if (kind === undefined) return say(`File ${file.name}: its contents are not read.`);
  try {
    const response = await api.fetch(heard.conversation, file.url, { signal });
    if (!response.ok) {
      await response.body?.cancel();
      return say(`File ${file.name}: Teams does not give it to the bot (HTTP ${response.status}).`);
    }
    const bytes = await bytesOf(response, mostBytes[kind]);
    if (bytes === undefined)
      return say(`File ${file.name}: too large to be read; ${mostBytes[kind]} bytes at most.`);
    if (kind === 'text') return say(`File ${file.name}:\n${clipped(bytes.toString('utf8'), textCharacters)}`);
    return fromChecked(checkFile({ name: file.name, bytes }));
  } catch (error) {
    return say(`File ${file.name}: ${whyNot(error)}`);
  }
}

function fromChecked(checked: CheckedFile): Read {
  return checked.ok ? { type: 'file', file: checked.file } : say(checked.sentence);
}

function whyNot(error: unknown): string {
  if (error instanceof TeamsCallError && error.code === 'foreign_address')
    return 'it is kept elsewhere than at Teams, and was not read.';
  return 'it could not be read in time.';
}

const mostBytes = { image: fileLimits.imageBytes, pdf: fileLimits.pdfBytes, text: textBytes } as const;

/** Undefined: there is more of it. Teams does not say how large a file is. */
async function bytesOf(response: Response, most: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** By its ending, or by Teams' word; the bytes are looked at once they are there. Undefined: of no use to a model. */
function kindOf({ name, type, isImage }: SharedFile): keyof typeof mostBytes | undefined {
  const ending = (isImage ? '' : type || (name.split('.').at(-1) ?? '')).toLowerCase();
  if (isImage || /^(png|jpe?g|gif|webp)$/.test(ending)) return 'image';
  if (ending === 'pdf') return 'pdf';
  return /^(txt|log|md|json|ya?ml|csv|tsv|conf|cfg|ini|toml|sh|sql|xml|properties|tf|py|js|ts|ps1)$/.test(
    ending,
  )
    ? 'text'
    : undefined;
}
