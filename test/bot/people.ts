import { randomUUID } from 'node:crypto';
import type { ChatAdapter } from '../../src/chat/adapter.ts';
import type { Bot } from '../../src/chat/bot.ts';
import { createPlatformAdapter } from '../fakes/chat-platform/adapter.ts';
import { type ChatPlatform, startChatPlatform } from '../fakes/chat-platform/server.ts';
import { type Stage, until } from './stage.ts';

/** A platform on which several people write in the same thread. */
export interface People {
  readonly platform: ChatPlatform;
  /** For `openStage`. */
  readonly adapters: (bot: Bot) => readonly ChatAdapter[];
  /** Resolves once the message is stored. */
  say(stage: Stage, author: string, text: string, thread?: string): Promise<void>;
  /** Everything the bot has said in the thread, once it is this many. */
  heard(count: number, thread?: string): Promise<readonly string[]>;
}

export async function openPeople(): Promise<People> {
  const platform = await startChatPlatform();
  const texts = (thread: string) =>
    platform.messages.filter((message) => message.thread === `fake:${thread}`).map(({ text }) => text);
  return {
    platform,
    adapters: (bot) => [createPlatformAdapter({ bot, url: platform.url, canFind: true, hasPreview: false })],
    async say({ bot }, author, text, thread = 't') {
      const body = JSON.stringify({ thread, id: randomUUID(), author, text });
      const response = await fetch(`${bot.url}/fake/events`, { method: 'POST', body });
      if (!response.ok) throw new Error(`not stored: ${response.status} ${await response.text()}`);
    },
    async heard(count, thread = 't') {
      await until(() => texts(thread).length >= count);
      return texts(thread);
    },
  };
}
