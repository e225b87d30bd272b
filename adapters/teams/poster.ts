import { setTimeout as sleep } from 'node:timers/promises';
import { type MessageRef, type Post, PostError, type Poster } from '../../src/chat/adapter.ts';
import type { AdapterMemory } from '../../src/chat/adapter-memory.ts';
import { type Json, textOf } from '../../src/chat/json.ts';
import { withFollowing } from '../../src/chat/restate.ts';
import type { TeamsApi } from './api.ts';
import { approvalIn } from './approval-cards.ts';
import { consentMessage, filePages, keepFile } from './files.ts';
import { notifiedIn } from './mentions.ts';
import { isPersonal } from './personal.ts';
import type { PersonalChats } from './personal-chats.ts';
import { isMalformed, isTooLarge, toPostError } from './refused.ts';
import { type Rendered, type RenderOptions, renderReply } from './render.ts';
import { restate } from './restating.ts';
import { createSent, noteMessage } from './sent.ts';
import { halvesOf, hasMoreThanWords, inWords } from './smaller.ts';
import { asEnd, endStream, isOver, isStream, refOf, type Spot, type Streams } from './streams.ts';
import {
  type Conversation,
  decodeThreadId,
  encodeThreadId,
  isChannel,
  isPerson,
  rootOf,
} from './thread-id.ts';

export interface PosterOptions {
  readonly api: TeamsApi;
  readonly memory: AdapterMemory;
  readonly streams: Streams;
  /** Where people are alone with the bot; absent: nothing can be posted to a person. */
  readonly chats?: Pick<PersonalChats, 'of'>;
  /** The tools that ran for a turn in this process, by name. */
  readonly done: (turnId: string) => readonly string[];
  /** Hears of a question that stands in a conversation now: meanwhile it may be over. Never throws. */
  readonly asked?: (approvalId: string) => Promise<void>;
  /** Asked for each reply. */
  readonly render?: () => Promise<RenderOptions>;
}

interface Sending {
  readonly post: Post;
  /** Of a post that opens a thread: the channel, and the thread as soon as it is there. */
  place: Conversation;
  readonly rendered: Rendered;
  readonly signal: AbortSignal;
  /** Of its messages that stand there by now; files are none. */
  readonly ids: string[];
  /** Set when something stands there that nobody will remember. */
  isForgotten: boolean;
  /** An earlier attempt may have sent the next message, which says so. */
  isRepetition: boolean;
}

/** One message on its way, and how it gets there. */
interface Part {
  readonly name: string;
  readonly message: Json;
  readonly put: (message: Json) => Promise<string>;
}

/**
 * Brings replies into conversations. Teams cannot tell what stands there, so that each message of a reply is
 * remembered once it is sent: an attempt after a failure between two of them adds only what is missing.
 */
export function createPoster({ api, memory, streams, chats, done, asked, render }: PosterOptions): Poster {
  const sent = createSent(memory);

  async function sending(post: Post, signal: AbortSignal): Promise<Sending> {
    const place = await placeOf(post.threadId);
    // The mark stands in the first message: where that is known, only what follows may be repeated.
    const isBegun = (await sent.idOf(post.key, '0')) !== undefined;
    const { possiblyRepeated = false, ...unmarked } = post.reply;
    const reply = isBegun ? unmarked : post.reply;
    const [options, notified] = [await render?.(), await notifiedIn(api, place, reply.mentions)];
    const rendered = renderReply(reply, done(reply.turnId), { ...options, notified });
    const isRepetition = isBegun && possiblyRepeated;
    return { post, place, rendered, signal, ids: [], isForgotten: false, isRepetition };
  }

  async function placeOf(threadId: string): Promise<Conversation> {
    const named = decodeThreadId(threadId);
    if (named === undefined) throw refused(`${threadId} is no conversation of Teams.`);
    if (!isPerson(named.id)) return named;
    const chat = await chats?.of({ tenant: named.tenant, aadObjectId: named.id });
    if (chat === undefined)
      throw refused(`${threadId} has not written to the bot yet; Teams lets it write only to who has.`);
    return chat;
  }

  const optionsOf = ({ signal }: Sending) => ({ signal, patienceMs: 3000 });

  /** Sends what was not sent before. Resolves to the id of the message, or of the first of its pieces. */
  async function bring(to: Sending, { name, message, put }: Part): Promise<string> {
    const known = await sent.idOf(to.post.key, name);
    if (known !== undefined) {
      stands(to, name, known);
      return known;
    }
    try {
      const id = await put(message);
      stands(to, name, id);
      await note(to, { name, id, message });
      return id;
    } catch (error) {
      if (isTooLarge(error)) return await bringSmaller(to, { name, message, put }, error);
      if (!isMalformed(error) || !hasMoreThanWords(message)) throw error;
      return await bring(to, { name, message: inWords(message), put });
    }
  }

  async function bringSmaller(to: Sending, { name, message, put }: Part, error: unknown): Promise<string> {
    const halves = halvesOf(message);
    if (halves === undefined) throw error;
    const first = await bring(to, { name: `${name}.0`, message: halves[0], put });
    await bring(to, { name: `${name}.1`, message: halves[1], put: (more) => send(to, more) });
    return first;
  }

  async function note(
    to: Sending,
    { name, id, message }: { readonly name: string; readonly id: string; readonly message: Json },
  ): Promise<void> {
    const { key, reply } = to.post;
    const isKept = await sent.note(key, name, id);
    if (!isKept) to.isForgotten = true;
    const asking = { threadId: encodeThreadId(to.place), activityId: rootOf(id) === '' ? id : rootOf(id) };
    // Without it decisions are still taken; only the message is not drawn again.
    await noteMessage(memory, { asking, message, reply }).catch(() => undefined);
    const approvalId = approvalIn(message);
    if (approvalId !== undefined) void asked?.(approvalId);
  }

  async function send(to: Sending, message: Json): Promise<string> {
    const id = await api.send(to.place, to.isRepetition ? marked(message) : message, optionsOf(to));
    to.isRepetition = false;
    return id;
  }

  /** Ends the stream with the message where its text allows, and else changes the message afterwards. */
  async function replace(to: Sending, ref: MessageRef, message: Json): Promise<string> {
    const { id = '' } = ref;
    if (isStream(ref) && !streams.isEnded({ place: to.place, id }) && (await endedBy(to, id, message)))
      return id;
    await api.update(to.place, id, message, optionsOf(to));
    return id;
  }

  async function endedBy(to: Sending, id: string, message: Json): Promise<boolean> {
    const spot = { place: to.place, id };
    const text = textOf(message.text);
    if (text.trim() !== '' && text.startsWith(await streams.textOf(spot))) {
      await rest(to, spot);
      try {
        await api.send(to.place, asEnd(id, message), optionsOf(to));
        streams.ended(spot);
        return true;
      } catch (error) {
        if (!isOver(error) && !isTooLarge(error)) throw error;
      }
    }
    await rest(to, spot);
    await endStream({ api, streams }, spot, optionsOf(to));
    return false;
  }

  /** Until the stream takes the next request. */
  async function rest({ signal }: Sending, spot: Spot): Promise<void> {
    await sleep(streams.waitMs(spot), undefined, { signal });
    streams.touched(spot);
  }

  async function complete(to: Sending): Promise<void> {
    const { messages, files } = to.rendered;
    for (let n = 1; n < messages.length; n += 1) await bringNew(to, `${n}`, messages[n]);
    for (const [n, file] of files.entries()) {
      if (isPersonal(to.place.id)) await offer(to, `file.${n}`, file);
      else for (const [at, page] of filePages(file).entries()) await bringNew(to, `file.${n}.${at}`, page);
    }
  }

  /** Begins the thread in a channel. Resolves to the message that began it. */
  async function open(to: Sending): Promise<string> {
    const message = to.rendered.messages[0] ?? emptyMessage;
    const id = await bring(to, {
      name: '0',
      message,
      put: async (content) => {
        to.place = await api.createThread(to.place, content, optionsOf(to));
        return to.place.id;
      },
    });
    to.place = { ...to.place, id };
    return rootOf(id);
  }

  async function bringNew(to: Sending, name: string, message: Json = emptyMessage): Promise<string> {
    return await bring(to, { name, message, put: (content) => send(to, content) });
  }

  /** The person is asked whether they want it; its contents wait for that. */
  async function offer(to: Sending, name: string, file: Rendered['files'][number]): Promise<void> {
    const id = `${to.post.key}:${name}`;
    await keepFile(memory, id, { ...file, threadId: to.post.threadId });
    await bringNew(to, name, consentMessage(id, file));
  }

  async function asPostErrors<T>(
    post: Post,
    signal: AbortSignal,
    work: (to: Sending) => Promise<T>,
  ): Promise<T> {
    const to = await sending(post, signal);
    try {
      return await work(to);
    } catch (error) {
      throw toPostError(error, { mayExist: to.isForgotten });
    }
  }

  return {
    post: (post, signal) =>
      asPostErrors(post, signal, async (to) => {
        const isOpening = isChannel(to.place.id);
        const isElsewhere = isOpening || encodeThreadId(to.place) !== post.threadId;
        const id = isOpening ? await open(to) : await bringNew(to, '0', to.rendered.messages[0]);
        await complete(to);
        const { tenant, id: conversation } = to.place;
        const ref = { ...refOf('message', id), ...(isElsewhere ? { tenant, conversation } : {}) };
        return withFollowing(ref, to.ids.slice(1));
      }),
    threadOf: ({ tenant = '', conversation = '' }) => encodeThreadId({ tenant, id: conversation }),
    restate: (ref, post, signal) =>
      asPostErrors(post, signal, async ({ place, rendered }) => {
        const { tenant = place.tenant, conversation = place.id } = ref;
        const there = { tenant, id: conversation };
        await restate(api, ref, { place: there, rendered, signal });
      }),
    edit: (ref, post, signal) =>
      asPostErrors(post, signal, async (to) => {
        const message = to.rendered.messages[0] ?? emptyMessage;
        await bring(to, { name: '0', message, put: (content) => replace(to, ref, content) });
        await complete(to);
      }),
  };
}

function stands({ ids }: Sending, name: string, id: string): void {
  if (!name.startsWith('file.')) ids.push(id);
}

function refused(message: string): PostError {
  return new PostError(message, { outcome: 'refused', retryable: false });
}

/** A card alone gets words above it. */
function marked(message: Json): Json {
  const text = textOf(message.text);
  const mark = '*This may stand above already.*';
  return { ...message, textFormat: 'markdown', text: text === '' ? mark : `${mark}\n\n${text}` };
}

const emptyMessage: Json = { type: 'message', text: '…' };
