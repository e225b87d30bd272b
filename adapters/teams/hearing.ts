import { say } from '../../src/chat/admin/answer.ts';
import { mayNeedNoModel } from '../../src/chat/bot-words.ts';
import { createCaps } from '../../src/chat/caps.ts';
import { type ChatWord, createChatWords } from '../../src/chat/chat-words.ts';
import { BusyError, UnavailableError } from '../../src/chat/errors.ts';
import type { InboundFile } from '../../src/chat/files.ts';
import { createHeardOnce, interruptedWords } from '../../src/chat/heard-once.ts';
import { at, type Json, textOf } from '../../src/chat/json.ts';
import { lineOf, notUnderstood } from '../../src/chat/line.ts';
import { createRecentKeys } from '../../src/chat/recent-keys.ts';
import { sentenceOf } from '../../src/chat/sentence.ts';
import { createArrivals } from './arrivals.ts';
import { backgroundOf } from './background.ts';
import { commandText } from './command-text.ts';
import { type Person, principalOf, type TeamsContext, talkerOf } from './context.ts';
import type { Arrived, Dispatch } from './dispatch.ts';
import { editOf, type Heard, heardOf, messageKey } from './inbound.ts';
import { notAllowed } from './not-allowed.ts';
import { address, canMute, moreHelp } from './own-words.ts';
import { isHopeless } from './refused.ts';
import { renderMarkdown } from './render.ts';
import { isAlone, tell } from './telling.ts';
import { type Conversation, encodeThreadId, roomOf } from './thread-id.ts';

/** Hears messages: decides whether the bot is meant, and stores what it is asked. */
export interface Hearing {
  /** A `message`. Resolves once it is safe to acknowledge. */
  hear(arrived: Arrived): Promise<void>;
  /** A `messageUpdate`: changed, or there again. */
  edit(arrived: Arrived): Promise<void>;
  /** A `messageDelete`. */
  remove(arrived: Arrived): Promise<void>;
  /** Somebody asks from elsewhere than a message: stores it in the conversation. */
  ask(asked: Asked): Promise<void>;
}

export interface Asked {
  readonly person: Person;
  readonly conversation: Conversation;
  readonly text: string;
  readonly context?: string;
  readonly files?: readonly InboundFile[];
  readonly keys: readonly string[];
}

/** What somebody wrote, as a command line has it. */
interface Command {
  readonly person: Person;
  /** They said themselves that it is one. */
  readonly isCommand: boolean;
  /** With principals for those whom it mentions. */
  readonly line: string;
}

const tooMuch =
  'That is more than I can take at once from you or in this channel. I left out what you just wrote; send it again in a minute.';

/** Said to the model before a message that was delivered after a newer one of its thread. */
const cameLate =
  'This came late: I wrote it before other messages of this thread that you have read already.';

const noticeMs = 5000;

/** Chat words that administration answers better. */
const administered: ReadonlySet<string> = new Set(['models', 'servers']);

const failed = 'Something went wrong; the log of the bot says more.';
/** Teams waits longer, but what takes its time must not look as if it had been lost. */
const acknowledgeWithinMs = 3000;

/** Messages of a conversation are handled in the order in which they come. */
export function createHearing(context: TeamsContext): Hearing {
  const { bot, switches, api, administration, chats, log } = context;
  const words = createChatWords({ ...context, address, canMute, moreHelp });
  const once = createHeardOnce(context.claims);
  const led = createRecentKeys();
  const told = createRecentKeys();
  const caps = createCaps(context.clock);
  const arrivals = createArrivals();

  async function notify(conversation: Conversation, markdown: string): Promise<void> {
    for (const message of renderMarkdown(markdown))
      await api.attempt((call) => call.send(conversation, message, { patienceMs: noticeMs }));
  }

  async function hear({ activity }: Arrived): Promise<void> {
    const heard = heardOf(activity);
    if (heard === undefined) return;
    const ahead = arrivals.ahead(keyOf(heard));
    if (ahead?.type === 'removed' || !(await isMeant(heard))) return;
    await (ahead === undefined ? answer(heard, activity) : answer({ ...heard, text: ahead.text }));
  }

  /**
   * In personal chats always; when mentioned; and in threads of channels that the bot is part of, unless it
   * is to be quiet, where the team let it hear all. A group chat has no threads: there it waits for mentions.
   */
  async function isMeant(heard: Heard): Promise<boolean> {
    if (isAddressed(heard)) return true;
    if (heard.kind === 'group' || !heard.isReply) return false;
    const { isKnown, isQuiet } = await switches.of(encodeThreadId(heard.conversation));
    return isKnown && !isQuiet;
  }

  /** `activity`: what it was heard from, where the words are still those. */
  async function answer(heard: Heard, activity?: Json): Promise<void> {
    const { conversation, keys } = heard;
    const person = await talkerOf(context, heard);
    if (person !== undefined && heard.kind === 'personal') await chats.note(person, conversation);
    if (person?.permissions.has('chat') !== true) {
      if (isAddressed(heard) && told.isNew([`${heard.userId} ${encodeThreadId(conversation)}`]))
        await notify(conversation, notAllowed(conversation.tenant));
      return;
    }
    const { text, isCommand } = lineOf(heard.text);
    const line = activity === undefined ? text : lineOf(await commandText(activity, heard, context)).text;
    if (await wasWord({ ...heard, text }, { person, isCommand, line })) return;
    if (!(await mayAsk({ person, conversation, keys }))) return;
    if ((await leadOn(heard, person)) && !mayNeedNoModel(text)) return;
    const threadId = encodeThreadId(conversation);
    const { isKnown } = await switches.of(threadId);
    const { text: known, files } = await backgroundOf(api, heard, { isKnown });
    const isShown = heard.files.length > 0 || heard.unread.length > 0;
    const said = text === '' ? (isShown ? 'Look at this.' : 'Hello.') : text;
    const isLate = arrivals.isLate(threadId, heard.id);
    await receive({
      ...{ person, conversation, keys, files, context: known },
      text: isLate ? `${cameLate}\n${said}` : said,
    });
  }

  /** Words that are commands are answered at once and never stored. */
  async function wasWord(
    { conversation, text, keys, files }: Heard,
    { person, isCommand, line }: Command,
  ): Promise<boolean> {
    const heard = {
      ...{ threadId: encodeThreadId(conversation), keys },
      interrupted: () => notify(conversation, interruptedWords),
    };
    const word = words.read(text);
    if (word !== undefined && !administered.has(word)) {
      await once({ ...heard, isHarmless: true, run: () => answerWord(word, { person, conversation }) });
      return true;
    }
    if (!isCommand && (files.length > 0 || !(await administration.isCommand(line, person)))) return false;
    const run = () => administer(line, { person, conversation, isCommand });
    await soon(once({ ...heard, isHarmless: false, run }));
    return true;
  }

  /** While nothing can be said, the word is not acknowledged: Teams sends it again. */
  async function answerWord(
    word: ChatWord,
    { person, conversation }: Pick<Asked, 'person' | 'conversation'>,
  ): Promise<void> {
    try {
      const markdown = await words.answer(word, person, encodeThreadId(conversation));
      const [first = {}, ...rest] = renderMarkdown(markdown);
      await api.send(conversation, first, { patienceMs: noticeMs });
      for (const message of rest)
        await api.attempt((call) => call.send(conversation, message, { patienceMs: noticeMs }));
    } catch (error) {
      if (isHopeless(error)) return;
      throw new UnavailableError('The answer could not be brought to Teams.', { cause: error });
    }
  }

  /** What was said to be a command is understood with its faults, and else an exact one alone. Never throws. */
  async function administer(
    text: string,
    {
      person,
      conversation,
      isCommand,
    }: Pick<Asked, 'person' | 'conversation'> & { readonly isCommand: boolean },
  ): Promise<void> {
    const answer = await administration[isCommand ? 'run' : 'hear'](text, person).catch((error: unknown) => {
      const sentence = sentenceOf(error);
      if (sentence === undefined) log.error('teams_administration_failed', { error });
      return say(sentence ?? failed);
    });
    await tell(context, person, { answer: answer ?? say(notUnderstood), conversation });
  }

  /** Who may add a model is led to one while there is none, instead of being told that there is none. */
  async function leadOn({ conversation }: Heard, person: Person): Promise<boolean> {
    const steps = await administration.firstSteps(person).catch(() => undefined);
    if (steps === undefined) return false;
    const isReached =
      (await isAlone(context, person, conversation)) || (await chats.of(person)) !== undefined;
    if (!isReached || !led.isNew([person.author.principal])) return false;
    await tell(context, person, { answer: steps, conversation });
    return true;
  }

  /** Whether the person and the room are within their caps; the person is told once that they are not. */
  async function mayAsk({
    person,
    conversation,
    keys,
  }: Pick<Asked, 'person' | 'conversation' | 'keys'>): Promise<boolean> {
    const { tenant, aadObjectId: user } = person;
    const verdict = caps.count({ tenant, user, channel: roomOf(conversation.id), key: keys.at(-1) ?? '' });
    if (verdict === 'refused_first') await notify(conversation, tooMuch);
    return verdict === 'taken';
  }

  async function receive({ person, conversation, text, context: known = '', files = [], keys }: Asked) {
    try {
      await bot.receive({
        threadId: encodeThreadId(conversation),
        dedupeKeys: keys,
        author: person.author,
        text,
        ...(known === '' ? {} : { context: known }),
        ...(files.length === 0 ? {} : { files }),
      });
    } catch (error) {
      if (!(error instanceof BusyError)) throw error;
      await notify(conversation, error.message);
    }
  }

  /** What the asker changed after sending steers a turn that is under way, and else replaces the old words. */
  async function edit({ activity }: Arrived): Promise<void> {
    const eventType = textOf(at(activity.channelData, 'eventType'));
    const heard = editOf(activity);
    if (heard === undefined) return;
    if (eventType === 'undeleteMessage') return await restore(heard);
    const { conversation, text, keys } = heard;
    if (!arrivals.edited(keyOf(heard), { when: textOf(activity.timestamp), text })) return;
    const by = { principal: principalOf({ ...conversation, ...heard }), name: heard.name || 'somebody' };
    const message = { threadId: encodeThreadId(conversation), dedupeKey: keyOf(heard), by };
    const amended = await bot.amend({ ...message, text });
    // The bot heard nothing of it before: now it is mentioned.
    if (amended === 'unknown' && heard.kind !== 'personal' && heard.isMention)
      return await answer(heard, activity);
    if (amended !== 'open') return;
    const person = await talkerOf(context, heard);
    if (person?.permissions.has('chat') !== true) return;
    if (!(await mayAsk({ person, conversation, keys }))) return;
    await receive({ person, conversation, keys, text: `I changed my message. It now says:\n${text}` });
  }

  /** A message that was taken back and is there again counts like a new one. */
  async function restore(heard: Heard): Promise<void> {
    arrivals.restored(keyOf(heard));
    if (await isMeant(heard)) await answer(heard);
  }

  /** A prompt that was taken back stops its turn, and later ones know nothing of it. */
  async function remove({ activity }: Arrived): Promise<void> {
    const heard = heardOf(activity);
    if (heard === undefined || heard.aadObjectId === '') return;
    arrivals.removed(keyOf(heard));
    await bot.retract({
      threadId: encodeThreadId(heard.conversation),
      dedupeKey: keyOf(heard),
      by: { principal: principalOf({ ...heard.conversation, ...heard }), name: heard.name || 'somebody' },
    });
  }

  return {
    hear,
    edit,
    remove,
    async ask(asked) {
      if (await mayAsk(asked)) await receive(asked);
    },
  };
}

/** Messages, and what becomes of them. */
export function mountHearing(dispatch: Dispatch, context: TeamsContext): Hearing {
  const hearing = createHearing(context);
  dispatch.on('message', hearing.hear);
  dispatch.on('messageUpdate', hearing.edit);
  dispatch.on('messageDelete', hearing.remove);
  return hearing;
}

/** Until it is done, or as long as Teams should wait. */
async function soon(work: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, acknowledgeWithinMs);
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** In personal chats always, and when mentioned. */
function isAddressed({ kind, isMention }: Heard): boolean {
  return kind === 'personal' || isMention;
}

function keyOf({ conversation, id }: Heard): string {
  return messageKey(conversation, id);
}
