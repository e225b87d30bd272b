import { clipped } from '../../src/chat/clipped.ts';
import { at, type Json, records, textOf } from '../../src/chat/json.ts';
import type { SlackApi } from './api.ts';
import { type Attachments, readAttachments } from './attachments.ts';
import type { Directory } from './directory.ts';
import type { Heard } from './inbound.ts';
import { channelsIn, plainText, usersIn, wordsOf } from './words.ts';

/** How much of a thread is read, and in which time it or a file is. */
const threadCharacters = 16_000;
const threadMessages = 50;
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
  /** The contents of text files, images and PDFs, the names of others. */
  files(heard: Heard): Promise<Attachments>;
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
    files: (heard) => readAttachments(api, heard, withinMs),
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
