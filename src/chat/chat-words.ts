import { helpOnAll } from './admin/help.ts';
import { shortcuts } from './admin/shortcuts.ts';
import type { Bot } from './bot.ts';
import type { Desk, DeskCaller } from './desk.ts';
import { listText } from './list-text.ts';
import { sentenceOf } from './sentence.ts';
import type { ThreadSwitches } from './thread-switches.ts';

/** A word that is a command wherever it is said. */
export const chatWords = ['help', 'models', 'servers', 'status', 'stop', 'clear', 'mute', 'unmute'] as const;
export type ChatWord = (typeof chatWords)[number];

export interface ChatWords {
  /** In a message only a word that stands alone is a command. */
  read(text: string): ChatWord | undefined;
  /** Markdown for who said it; never throws for what people can do something about. */
  answer(word: ChatWord, by: DeskCaller, threadId: string | undefined): Promise<string>;
}

export interface ChatWordsOptions {
  readonly bot: Bot;
  readonly desk: Desk;
  readonly switches: ThreadSwitches;
  /** Markdown about the state of the bot. */
  readonly status: () => Promise<string>;
  /** Stands below the help: what the platform offers besides. */
  readonly moreHelp: string;
  /** How people address the bot on the platform. */
  readonly address: string;
  /** Whether the bot can be made to wait for mentions in a thread, and to hear all. */
  readonly canMute: (threadId: string) => boolean;
}

const outsideThread = 'That works in a thread: mention me there and write the word.';
const notHere =
  'That works in threads of channels. In direct messages I always answer, and elsewhere when I am mentioned.';

export function createChatWords({
  bot,
  desk,
  switches,
  status,
  moreHelp,
  address,
  canMute,
}: ChatWordsOptions): ChatWords {
  async function say(word: ChatWord, by: DeskCaller, threadId: string | undefined): Promise<string> {
    switch (word) {
      case 'help':
        return [address, helpText, moreHelp, managingHelp(by)].filter((part) => part !== '').join('\n\n');
      case 'models':
        return await listText(desk, 'llm-models', by);
      case 'servers':
        return await listText(desk, 'mcp-servers', by);
      case 'status':
        return await status();
      case 'stop':
        if (threadId === undefined) return outsideThread;
        return (await bot.stop(threadId, by.author)) ? 'I stop.' : 'There is nothing to stop here.';
      case 'clear':
        if (threadId === undefined) return outsideThread;
        return (await bot.clear(threadId, by.author))
          ? 'I forgot this conversation.'
          : 'There was nothing to forget here.';
      case 'mute':
      case 'unmute':
        return await mute(word === 'mute', threadId);
      default:
        return word satisfies never;
    }
  }

  /** What can be managed, for who manages something. */
  function managingHelp(by: DeskCaller): string {
    if (shortcuts(desk, by).length === 0) return '';
    const all = helpOnAll(desk.kinds(by));
    return all.type === 'text' ? `**What you can manage.** ${all.text}` : '';
  }

  async function mute(isQuiet: boolean, threadId: string | undefined): Promise<string> {
    if (threadId === undefined) return outsideThread;
    if (!canMute(threadId)) return notHere;
    if (!(await switches.setQuiet(threadId, isQuiet))) return 'I am not part of this thread yet.';
    return isQuiet
      ? 'From now on I answer here only when I am mentioned. `unmute` ends that.'
      : 'I answer everything in this thread again.';
  }

  return {
    read(text) {
      const word = text.trim().toLowerCase();
      return chatWords.find((known) => known === word);
    },
    async answer(word, by, threadId) {
      try {
        return await say(word, by, threadId);
      } catch (error) {
        const sentence = sentenceOf(error);
        if (sentence === undefined) throw error;
        return sentence;
      }
    },
  };
}

/** What the words do, as a table. */
export const helpText = `| word | what it does |
|---|---|
| \`help\` | shows this |
| \`models\`, \`servers\`, \`tools\` | lists what is set up |
| \`status\` | shows how I stand |
| \`approvals\` | lists what waits for a decision |
| \`stop\`, \`clear\` | in a thread: stops the answer, forgets the conversation |
| \`mute\`, \`unmute\` | in a thread: whether I wait for mentions |
| \`acknowledge\`, \`snooze 4h\`, \`reopen\` | under an alert or a report: you are at it, not now, not done yet |
| \`run <tool> name=value …\` | runs one tool, without a model |`;
