import { say } from '../../src/chat/admin/answer.ts';
import { mayNeedNoModel } from '../../src/chat/bot-words.ts';
import { createCaps } from '../../src/chat/caps.ts';
import { createChatWords } from '../../src/chat/chat-words.ts';
import { clipped } from '../../src/chat/clipped.ts';
import { BusyError } from '../../src/chat/errors.ts';
import type { InboundFile } from '../../src/chat/files.ts';
import { createHeardOnce, type HeardCommand, interruptedWords } from '../../src/chat/heard-once.ts';
import { type Json, textOf } from '../../src/chat/json.ts';
import { lineOf, notUnderstood } from '../../src/chat/line.ts';
import { createRecentKeys } from '../../src/chat/recent-keys.ts';
import type { ThreadState } from '../../src/chat/thread-switches.ts';
import { createArrivals } from './arrivals.ts';
import { commandText } from './command-text.ts';
import { type Person, principalOf, type SlackContext, talkerOf } from './context.ts';
import { type Heard, heardOf, messageKey, removedOf, teamOf } from './inbound.ts';
import { notify } from './notices.ts';
import { address, canMute, moreHelp } from './own-words.ts';
import { tell } from './telling.ts';
import { encodeThreadId } from './thread-id.ts';
import { channelsIn, plainText, usersIn } from './words.ts';

/** Hears messages: decides whether the bot is meant, and stores what it is asked. */
export interface Hearing {
  /** A `message` or `app_mention` event. Resolves once it is safe to acknowledge. */
  hear(body: Json): Promise<void>;
  /** Somebody asks from elsewhere than a message: stores it in the thread. */
  ask(asked: Asked): Promise<void>;
}

export interface Asked {
  readonly person: Person;
  readonly channel: string;
  readonly threadTs: string;
  readonly text: string;
  readonly context?: string;
  readonly files?: readonly InboundFile[];
  readonly keys: readonly string[];
  /** It begins a conversation, whose session is called by it. */
  readonly isNew?: boolean;
}

/** A message, and whether the bot is part of its thread. */
type Placed = Heard & { readonly isKnown: boolean };

/** Chat words that administration answers better. */
export const administered: ReadonlySet<string> = new Set(['models', 'servers']);

const tooMuch =
  'That is more than I can take at once from you or in this channel. I left out what you just wrote; send it again in a minute.';

/** Said to the model before a message that was delivered after a newer one of its thread. */
const cameLate =
  'This came late: I wrote it before other messages of this thread that you have read already.';

/** What somebody is told who may not talk to the bot. */
export function notAllowed(team: string): string {
  return `You may not talk to me here. An administrator can let the workspace ${team} in under *Manage*, *Tenants* in the console, or grant you the role *operator*.`;
}

/**
 * Messages of a thread are handled in the order in which they come. One that comes after a newer one is
 * answered after it, and the model is told so.
 */
export function createHearing(context: SlackContext): Hearing {
  const { bot, switches, installations, background, directory, api } = context;
  const words = createChatWords({ ...context, address, canMute, moreHelp });
  const once = createHeardOnce(context.claims);
  const refused = createRecentKeys();
  /** Who was led, by which message. */
  const led = new Map<string, string>();
  const caps = createCaps(context.clock);
  const arrivals = createArrivals();

  async function hear(body: Json): Promise<void> {
    const removed = removedOf(body);
    if (removed !== undefined) return await takeBack(removed);
    const installation = await installations.of(teamOf(body));
    const own = installation ?? { botUser: '', botId: '' };
    const heard = heardOf(body, own);
    if (heard === undefined) return;
    if (heard.editedTs !== undefined) return await correct(heard, own.botUser);
    const ahead = arrivals.ahead(heard);
    if (ahead?.type === 'removed' || (!isAddressed(heard) && heard.threadTs === undefined)) return;
    const state = switches.of(threadOf(heard));
    if (!isAddressed(heard) && !isEngaged(await state)) return;
    const [person, { isKnown }] = await Promise.all([talkerOf(context, heard), state]);
    const words = ahead === undefined ? heard.text : ahead.text;
    await answer({ ...heard, text: words, isKnown }, { person, botUser: own.botUser });
  }

  async function answer(
    heard: Placed,
    { person, botUser }: { readonly person: Person; readonly botUser: string },
  ): Promise<void> {
    const to = { ...heard, threadTs: heard.threadTs ?? heard.ts };
    if (!person.permissions.has('chat')) {
      if (refused.isNew(heard.keys)) await notify(api, to, notAllowed(heard.team));
      return;
    }
    const { text } = lineOf(await textOfHeard(heard, botUser));
    const word = words.read(text);
    if (word !== undefined && !administered.has(word)) {
      const run = async () => await notify(api, to, await words.answer(word, person, threadOf(heard)));
      return await runOnce(heard, { isHarmless: true, run });
    }
    if (await administer(heard, { person, botUser })) return;
    if (!(await mayAsk({ ...to, person, keys: heard.keys }))) return;
    if ((await leadOn(heard, person)) && !mayNeedNoModel(text)) return;
    const isLate = arrivals.isLate(threadOf(heard), heard.ts);
    await store(heard, {
      person,
      text: isLate ? `${cameLate}\n${text}` : text,
      ...(await contextOf(heard)),
    });
  }

  /** Who may add a model is led to one while there is none, instead of being told that there is none. */
  async function leadOn(heard: Heard, person: Person): Promise<boolean> {
    const steps = await context.administration.firstSteps(person).catch(() => undefined);
    if (steps === undefined) return false;
    // Slack tells of a mention twice.
    const key = `${person.team} ${person.user}`;
    if (led.has(key)) return led.get(key) === heard.ts;
    led.set(key, heard.ts);
    const place = { channel: heard.channel, threadTs: heard.threadTs ?? heard.ts };
    await tell(context, person, { answer: steps, place });
    return true;
  }

  /**
   * Whether the message is a command of administration: an exact one, or what begins with `/aiops` and is
   * understood with its faults. It is answered once.
   */
  async function administer(
    heard: Heard,
    { person, botUser }: { readonly person: Person; readonly botUser: string },
  ): Promise<boolean> {
    const { administration } = context;
    const { channel, threadTs, files } = heard;
    const { text: line, isCommand } = lineOf(commandText(heard.text, { team: heard.team, botUser }));
    if (!isCommand && (files.length > 0 || !(await administration.isCommand(line, person)))) return false;
    const place = { channel, threadTs: threadTs ?? heard.ts };
    const run = async () => {
      const answer = await administration[isCommand ? 'run' : 'hear'](line, person);
      const shown = answer ?? (isCommand ? say(notUnderstood) : undefined);
      if (shown !== undefined) await tell(context, person, { answer: shown, place });
    };
    await runOnce(heard, { isHarmless: false, run });
    return true;
  }

  async function runOnce(heard: Heard, command: Pick<HeardCommand, 'isHarmless' | 'run'>): Promise<void> {
    const to = { ...heard, threadTs: heard.threadTs ?? heard.ts };
    const interrupted = () => notify(api, to, interruptedWords);
    await once({ ...command, threadId: threadOf(heard), keys: heard.keys, interrupted });
  }

  /** Whether the person and the channel are within their caps; the person is told once that they are not. */
  async function mayAsk({
    person,
    channel,
    threadTs,
    keys,
  }: Omit<Asked, 'text' | 'files'>): Promise<boolean> {
    const { team, user } = person;
    const verdict = caps.count({ tenant: team, user, channel, key: keys.at(-1) ?? '' });
    if (verdict === 'refused_first') await notify(api, { team, channel, user, threadTs }, tooMuch);
    return verdict === 'taken';
  }

  /** What the asker changed after sending steers a turn that is under way, and else replaces the old words. */
  async function correct(heard: Heard, botUser: string): Promise<void> {
    const { team, user, channel, editedTs = '' } = heard;
    if (!arrivals.edited(heard, { editedTs, text: heard.text })) return;
    const by = { principal: principalOf({ team, user }), name: user };
    const text = await textOfHeard(heard, botUser);
    const amended = await bot.amend({ threadId: threadOf(heard), dedupeKey: messageKey(heard), by, text });
    if (amended !== 'open') return;
    const person = await talkerOf(context, heard);
    const asked = { person, channel, threadTs: heard.threadTs ?? heard.ts, keys: heard.keys };
    if (!person.permissions.has('chat') || !(await mayAsk(asked))) return;
    await store(
      { ...heard, isKnown: true },
      { person, text: `I changed my message. It now says:\n${text}`, context: '' },
    );
  }

  /** A prompt that was taken back stops its turn, and later ones know nothing of it. */
  async function takeBack(removed: NonNullable<ReturnType<typeof removedOf>>): Promise<void> {
    const { team, channel, message } = removed;
    const [user, ts] = [textOf(message.user), textOf(message.ts)];
    if (team === '' || user === '' || message.bot_id !== undefined) return;
    arrivals.removed({ team, channel, ts });
    const { name } = await directory.member(team, user).catch(() => ({ name: user }));
    await bot.retract({
      threadId: encodeThreadId({ team, channel, ts: textOf(message.thread_ts) || ts }),
      dedupeKey: messageKey({ team, channel, ts }),
      by: { principal: principalOf({ team, user }), name },
    });
  }

  async function textOfHeard(heard: Heard, botUser: string): Promise<string> {
    return plainText(heard.text, await namesIn(heard.team, heard.text), botUser);
  }

  async function namesIn(team: string, text: string) {
    return await directory.names(team, { users: usersIn(text), channels: channelsIn(text) });
  }

  /** What was said before the bot came to the thread, and the files. */
  async function contextOf(heard: Placed): Promise<Pick<Asked, 'files'> & { readonly context: string }> {
    const isLate = heard.threadTs !== undefined && !heard.isKnown;
    const [said, { text, files }] = await Promise.all([
      isLate ? background.thread(heard) : '',
      background.files(heard),
    ]);
    return { context: [said, text].filter((part) => part !== '').join('\n\n'), files };
  }

  async function store(
    heard: Placed,
    asked: Pick<Asked, 'person' | 'text' | 'context' | 'files'>,
  ): Promise<void> {
    const text = asked.text === '' ? (heard.files.length > 0 ? 'Look at this.' : 'Hello.') : asked.text;
    const isNew = heard.threadTs === undefined && !heard.isKnown;
    await receive({
      ...asked,
      isNew,
      text,
      channel: heard.channel,
      threadTs: heard.threadTs ?? heard.ts,
      keys: heard.keys,
    });
  }

  async function receive({
    person,
    channel,
    threadTs,
    text,
    context: known = '',
    files = [],
    keys,
    isNew = false,
  }: Asked): Promise<void> {
    const threadId = encodeThreadId({ team: person.team, channel, ts: threadTs });
    if (isNew) name(person.team, { channel_id: channel, thread_ts: threadTs }, text);
    try {
      await bot.receive({
        threadId,
        dedupeKeys: keys,
        author: person.author,
        text,
        ...(known === '' ? {} : { context: known }),
        ...(files.length === 0 ? {} : { files }),
      });
    } catch (error) {
      if (!(error instanceof BusyError)) throw error;
      await notify(api, { team: person.team, channel, user: person.user, threadTs }, error.message);
    }
  }

  /** A new agent session is called by its first words; Slack leaves the title of a known one as it is. */
  function name(team: string, thread: Json, text: string): void {
    const title = clipped(text.replaceAll(/\s+/g, ' '), 200);
    void api.attempt(team, 'agents.sessions.setStatus', { ...thread, status: 'processing', title });
  }

  return {
    hear,
    async ask(asked) {
      if (await mayAsk(asked)) await receive(asked);
    },
  };
}

/** In direct messages always, and when mentioned. */
function isAddressed({ isDirect, isMention }: Heard): boolean {
  return isDirect || isMention;
}

/** Where the bot is part of the thread, unless it is to be quiet. */
function isEngaged({ isKnown, isQuiet }: ThreadState): boolean {
  return isKnown && !isQuiet;
}

function threadOf({ team, channel, threadTs, ts }: Heard): string {
  return encodeThreadId({ team, channel, ts: threadTs ?? ts });
}
