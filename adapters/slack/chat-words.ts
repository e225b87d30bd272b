import type { Person, SlackContext } from './context.ts';
import { sentenceOf } from './errors.ts';
import { listText } from './lists.ts';

/** A word that is a command wherever it is said. */
export const chatWords = [
  'help',
  'models',
  'servers',
  'status',
  'approvals',
  'stop',
  'clear',
  'mute',
  'unmute',
] as const;
export type ChatWord = (typeof chatWords)[number];

export interface ChatWords {
  /** In a message only a word that stands alone is a command. */
  read(text: string): ChatWord | undefined;
  /** Markdown for who said it; never throws for what people can do something about. */
  answer(word: ChatWord, person: Person, threadId: string | undefined): Promise<string>;
}

const outsideThread = 'That works in a thread: mention me there and write the word.';
const approvalsShown = 10;

export function createChatWords(context: SlackContext): ChatWords {
  const { bot, switches } = context;

  async function say(word: ChatWord, person: Person, threadId: string | undefined): Promise<string> {
    switch (word) {
      case 'help':
        return helpText;
      case 'models':
        return await listText(context, 'llm-models', person);
      case 'servers':
        return await listText(context, 'mcp-servers', person);
      case 'status':
        return await context.status();
      case 'approvals':
        return await approvalsText(person);
      case 'stop':
        if (threadId === undefined) return outsideThread;
        return (await bot.stop(threadId, person.author)) ? 'I stop.' : 'There is nothing to stop here.';
      case 'clear':
        if (threadId === undefined) return outsideThread;
        return (await bot.clear(threadId, person.author))
          ? 'I forgot this conversation.'
          : 'There was nothing to forget here.';
      case 'mute':
      case 'unmute':
        return await mute(word === 'mute', threadId);
      default:
        return word satisfies never;
    }
  }

  async function mute(isQuiet: boolean, threadId: string | undefined): Promise<string> {
    if (threadId === undefined) return outsideThread;
    if (!(await switches.setQuiet(threadId, isQuiet))) return 'I am not part of this thread yet.';
    return isQuiet
      ? 'From now on I answer here only when I am mentioned. `unmute` ends that.'
      : 'I answer everything in this thread again.';
  }

  async function approvalsText(person: Person): Promise<string> {
    if (!person.permissions.has('approve')) return 'You may not decide about approvals.';
    const pending = await bot.pendingApprovals(person.author, approvalsShown);
    if (pending.length === 0) return 'Nothing waits for a decision.';
    return pending
      .map(
        ({ approval }) => `- \`${approval.tool}\` asked by ${approval.askedBy}, until ${approval.expiresAt}`,
      )
      .join('\n');
  }

  return {
    read(text) {
      const word = text.trim().toLowerCase();
      return chatWords.find((known) => known === word);
    },
    async answer(word, person, threadId) {
      try {
        return await say(word, person, threadId);
      } catch (error) {
        const sentence = sentenceOf(error);
        if (sentence === undefined) throw error;
        return sentence;
      }
    },
  };
}

export const helpText = `Mention me, or write me a direct message, and simply ask. In a thread that I am part of I need no mention.

| word | what it does |
|---|---|
| \`help\` | shows this |
| \`models\`, \`servers\`, \`tools\` | lists what is set up |
| \`status\` | shows how I stand |
| \`approvals\` | lists what waits for a decision |
| \`stop\`, \`clear\` | in a thread: stops the answer, forgets the conversation |
| \`mute\`, \`unmute\` | in a thread: whether I wait for mentions |
| \`run <tool> name=value …\` | runs one tool, without a model |

The same words follow \`/aiops\`, where \`ask <question>\` begins a thread, and \`model add\` and \`model edit <name>\` open a form.`;
