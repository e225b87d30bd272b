import { clipped } from '../../src/chat/clipped.ts';
import { at, type Json, records, textOf } from '../../src/chat/json.ts';
import type { SlackApi } from './api.ts';
import type { Directory } from './directory.ts';
import type { Heard, SharedFile } from './inbound.ts';
import { channelsIn, plainText, usersIn, wordsOf } from './words.ts';

/** How much of a thread or of a file is read, in characters, and in which time. */
const threadCharacters = 16_000;
const threadMessages = 50;
const fileBytes = 200_000;
const fileCharacters = 20_000;
const files = 5;
/** Of 200 messages each. */
const mostPages = 5;
const withinMs = 1800;

export interface BackgroundOptions {
  readonly api: SlackApi;
  readonly directory: Directory;
}

/** What belongs to a message besides its words: read before the message is stored, within its time. */
export interface Background {
  /** What was said in the thread before; empty where nothing was. */
  thread(heard: Heard): Promise<string>;
  /** The contents of text files, the names of others. */
  files(heard: Heard): Promise<string>;
}

export function createBackground({ api, directory }: BackgroundOptions): Background {
  /** Slack gives the oldest messages first: the newest of a long thread stand on its last page. */
  async function before({ team, channel, threadTs = '', ts }: Heard): Promise<readonly Json[]> {
    const signal = AbortSignal.timeout(withinMs);
    let kept: readonly Json[] = [];
    for (let cursor = '', pages = 0; pages < mostPages; pages += 1) {
      const args = { channel, ts: threadTs, latest: ts, limit: 200, ...(cursor === '' ? {} : { cursor }) };
      const page = await api.call(team, 'conversations.replies', args, { signal });
      kept = newest([...kept, ...records(page.messages).filter((message) => textOf(message.ts) < ts)]);
      cursor = textOf(at(page, 'response_metadata', 'next_cursor'));
      if (cursor === '') break;
    }
    return kept;
  }

  async function lines(team: string, messages: readonly Json[]): Promise<readonly string[]> {
    const texts = messages.map(wordsOf);
    const authors = messages.map((message) => textOf(message.user)).filter((id) => id !== '');
    const names = await directory.names(team, {
      users: [...authors, ...texts.flatMap(usersIn)],
      channels: texts.flatMap(channelsIn),
    });
    return messages.map((message, n) => {
      const user = textOf(message.user);
      const name = user === '' ? textOf(message.username) || 'an app' : names.user(user);
      return `${name}: ${clipped(plainText(texts[n] ?? '', names), 4000)}`;
    });
  }

  async function fileText(team: string, file: SharedFile): Promise<string> {
    const title = `File ${file.name} (${file.mimetype}, ${file.size} bytes)`;
    if (!isText(file)) return `${title}: its contents are not read.`;
    if (file.size > fileBytes) return `${title}: too large to be read; ${fileBytes} bytes at most.`;
    const response = await api.fetch(team, file.url, { signal: AbortSignal.timeout(withinMs) });
    // Without the scope files:read Slack answers 200 with a page to sign in.
    const isPage =
      response.headers.get('content-type')?.includes('text/html') === true && !file.mimetype.includes('html');
    if (!response.ok || isPage) return `${title}: the bot may not read it (the app needs files:read).`;
    return `${title}:\n${clipped(await response.text(), fileCharacters)}`;
  }

  return {
    async thread(heard) {
      if (heard.threadTs === undefined) return '';
      try {
        const said = await lines(heard.team, await before(heard));
        return said.length === 0 ? '' : `Said in this thread before:\n${fitting(said)}`;
      } catch {
        return 'This message stands in a thread whose earlier messages could not be read.';
      }
    },
    async files(heard) {
      const texts = await Promise.all(
        heard.files
          .slice(0, files)
          .map((file) =>
            fileText(heard.team, file).catch(() => `File ${file.name}: it could not be read in time.`),
          ),
      );
      const more = heard.files.length - files;
      return [...texts, ...(more > 0 ? [`${more} more files are not read.`] : [])].join('\n\n');
    },
  };
}

/** The first message, which began the thread, and the newest. */
function newest(messages: readonly Json[]): readonly Json[] {
  return messages.length <= threadMessages
    ? messages
    : [...messages.slice(0, 1), ...messages.slice(1 - threadMessages)];
}

/** The first line and as many of the last as fit. */
function fitting(lines: readonly string[]): string {
  const [first = '', ...rest] = lines;
  const kept: string[] = [];
  let room = threadCharacters - first.length;
  for (const line of [...rest].reverse()) {
    room -= line.length + 1;
    if (room < 0) {
      kept.unshift('…');
      break;
    }
    kept.unshift(line);
  }
  return [first, ...kept].join('\n');
}

function isText({ mimetype, name }: SharedFile): boolean {
  return (
    /^text\/|json|xml|yaml|x-sh|javascript|csv/.test(mimetype) ||
    /\.(txt|log|md|json|ya?ml|csv|conf|ini|toml|sh|sql|xml)$/i.test(name)
  );
}
