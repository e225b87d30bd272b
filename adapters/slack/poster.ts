import { type MessageRef, type Post, PostError, type Poster } from '../../src/chat/adapter.ts';
import { at, type Json, records, textOf } from '../../src/chat/json.ts';
import { followingOf, restateMessages, withFollowing } from '../../src/chat/restate.ts';
import type { SlackApi } from './api.ts';
import { isCode, isGoneMessage, SlackCallError, toPostError } from './call-error.ts';
import { uploadFile } from './files.ts';
import { type Message, type Rendered, renderReply, withMore } from './render.ts';
import { decodeChannel, decodeThreadId, encodeThreadId, isUser, type SlackThread } from './thread-id.ts';
import { unlessRefused } from './unless-refused.ts';

/** What the bot's own messages say of themselves, unseen by people. */
const eventType = 'ai_ops_reply';

export interface PosterOptions {
  readonly api: SlackApi;
  /** The tools that ran for a turn in this process, by name. */
  readonly done: (turnId: string) => readonly string[];
}

interface Sending {
  readonly post: Post;
  readonly place: SlackThread;
  readonly rendered: Rendered;
  readonly signal: AbortSignal;
}

/**
 * Brings replies into threads. A reply may be several messages and files: each says which it is, so that
 * an attempt after one of unknown outcome adds only what is missing.
 */
export function createPoster({ api, done }: PosterOptions): Poster {
  function sending(post: Post, signal: AbortSignal): Sending {
    const place = decodeThreadId(post.threadId) ?? decodeChannel(post.threadId);
    if (place === undefined)
      throw new PostError(`${post.threadId} is no thread of Slack.`, {
        outcome: 'refused',
        retryable: false,
      });
    const around = { done: done(post.reply.turnId), team: place.team };
    return { post, place, rendered: renderReply(post.reply, around), signal };
  }

  /** What goes to a person goes into their direct messages, which are opened where they are not there yet. */
  async function reaching(post: Post, signal: AbortSignal): Promise<Sending> {
    const to = sending(post, signal);
    const { team, channel } = to.place;
    if (!isUser(channel)) return to;
    const opened = await api.call(
      team,
      'conversations.open',
      { users: channel },
      { signal, patienceMs: 3000 },
    );
    return { ...to, place: { ...to.place, channel: textOf(at(opened, 'channel', 'id')) } };
  }

  async function send(to: Sending, n: number): Promise<MessageRef> {
    const { place, signal } = to;
    const part = partOf(to, n);
    const args = (content: Message) => ({
      channel: place.channel,
      ...(place.ts === '' ? {} : { thread_ts: place.ts }),
      ...contentOf(content),
      metadata: metadataOf(to.post, n),
      unfurl_links: false,
      unfurl_media: false,
    });
    const sent = await unlessRefused(part, to.post, (content) =>
      api.call(place.team, 'chat.postMessage', args(content), { signal, patienceMs: 3000 }),
    );
    return refOf(place, textOf(sent.ts));
  }

  async function replace(to: Sending, ref: MessageRef, part = partOf(to, 0)): Promise<void> {
    const { place, signal } = to;
    const { n } = part;
    const target = { channel: ref.channel ?? place.channel, ts: ref.ts ?? '' };
    const update = (content: Message) =>
      api.call(
        place.team,
        'chat.update',
        { ...target, ...contentOf(content), metadata: metadataOf(to.post, n) },
        { signal, patienceMs: 3000 },
      );
    try {
      await unlessRefused(part, to.post, update);
    } catch (error) {
      if (!isCode(error, 'streaming_state_conflict')) throw error;
      await api.call(place.team, 'chat.stopStream', target, { signal, patienceMs: 3000 });
      await unlessRefused(part, to.post, update);
    }
  }

  /** Adds what the thread does not have yet of a reply. Resolves to the messages that follow the first. */
  async function complete(to: Sending, have: Present): Promise<readonly string[]> {
    const { rendered, place, post, signal } = to;
    const following: string[] = [];
    for (let n = 1; n < rendered.messages.length; n += 1)
      following.push(have.parts.get(n) ?? (await send(to, n)).ts ?? '');
    for (const file of rendered.files) {
      const name = fileName(post.key, file.name);
      if (!have.files.has(name)) await uploadFile(api, place, { name, content: file.content, signal });
    }
    return following;
  }

  async function present({ place, post, signal }: Sending): Promise<Present> {
    const found: Present = { parts: new Map(), files: new Set() };
    for (let cursor = ''; ; ) {
      const page = await api.call(
        place.team,
        'conversations.replies',
        {
          channel: place.channel,
          ts: place.ts,
          limit: 200,
          include_all_metadata: true,
          ...(cursor === '' ? {} : { cursor }),
        },
        { signal, patienceMs: 3000 },
      );
      for (const message of records(page.messages)) note(found, message, post.key);
      cursor = textOf(at(page, 'response_metadata', 'next_cursor'));
      if (cursor === '') return found;
    }
  }

  /** The first message of a reply that opened a thread, if it is among the channel's newest. */
  async function opening({ place, post, signal }: Sending): Promise<string | undefined> {
    const page = await api.call(
      place.team,
      'conversations.history',
      { channel: place.channel, limit: 200, include_all_metadata: true },
      { signal, patienceMs: 3000 },
    );
    const found = nothingPresent();
    for (const message of records(page.messages)) note(found, message, post.key);
    return found.parts.get(0);
  }

  /** Once something was sent, the rest may be missing: the next attempt looks first. */
  async function rest(to: Sending, have: Present): Promise<readonly string[]> {
    return await complete(to, have).catch((error: unknown) => {
      const cause = error instanceof SlackCallError ? error : undefined;
      throw new PostError('A part of the reply could not be sent.', {
        outcome: 'unknown',
        retryable: true,
        cause: error,
        ...(cause?.retryAfterMs === undefined ? {} : { retryAfterMs: cause.retryAfterMs }),
      });
    });
  }

  async function settle({ place, post }: Sending): Promise<void> {
    const status = post.reply.kind === 'approval' ? 'suspended' : 'active';
    const session = { channel_id: place.channel, thread_ts: place.ts };
    void api.attempt(place.team, 'agents.sessions.setStatus', { ...session, status });
  }

  return {
    post: (post, signal) =>
      asPostErrors(async () => {
        const to = await reaching(post, signal);
        const ref = await send(to, 0);
        const there = within(to, ref.ts);
        const following = await rest(there, nothingPresent());
        await settle(there);
        return withFollowing(ref, following);
      }),
    edit: (ref, post, signal) =>
      asPostErrors(async () => {
        const to = sending(post, signal);
        await replace(to, ref);
        const isWhole = to.rendered.messages.length === 1 && to.rendered.files.length === 0;
        if (!isWhole) await rest(to, await present(to));
        await settle(to);
      }),
    restate: (ref, post, signal) =>
      asPostErrors(async () => {
        const to = within(await reaching(post, signal), ref.ts);
        const { team, channel } = to.place;
        await restateMessages({
          ...{ messages: to.rendered.messages, ids: [ref.ts ?? '', ...followingOf(ref)] },
          ...{ isGone: isGoneMessage, withMore },
          update: (ts, message, n) => replace(to, { ...ref, ts }, { message, n }),
          async remove(ts) {
            const target = { channel: ref.channel ?? channel, ts };
            await api.call(team, 'chat.delete', target, { signal, patienceMs: 3000 });
          },
        });
      }),
    find: (post, signal) =>
      asPostErrors(async () => {
        const sought = await reaching(post, signal);
        const to = sought.place.ts === '' ? within(sought, await opening(sought)) : sought;
        if (to.place.ts === '') return undefined;
        const have = await present(to);
        const first = have.parts.get(0);
        if (first === undefined) return undefined;
        return withFollowing(refOf(to.place, first), await rest(to, have));
      }),
    threadOf: ({ team = '', channel = '', ts = '' }) => encodeThreadId({ team, channel, ts }),
  };
}

function partOf({ rendered }: Sending, n: number) {
  return { message: rendered.messages[n] ?? { text: '…', blocks: [] }, n };
}

/** What follows a message that opened a thread goes into that thread. */
function within(to: Sending, ts: string | undefined): Sending {
  return to.place.ts === '' && ts !== undefined ? { ...to, place: { ...to.place, ts } } : to;
}

/** What a thread has of a reply: messages by their number, and files by name. */
interface Present {
  readonly parts: Map<number, string>;
  readonly files: Set<string>;
}

function nothingPresent(): Present {
  return { parts: new Map(), files: new Set() };
}

function note(found: Present, message: Json, key: string): void {
  const payload = at(message, 'metadata', 'event_payload');
  if (at(message, 'metadata', 'event_type') === eventType && at(payload, 'key') === key)
    found.parts.set(Number(at(payload, 'part')), textOf(message.ts));
  for (const file of records(message.files)) found.files.add(textOf(file.name));
}

function metadataOf({ key }: Post, part: number): Json {
  return { event_type: eventType, event_payload: { key, part } };
}

function contentOf({ text, blocks }: Message): Json {
  return { text, blocks };
}

function fileName(key: string, name: string): string {
  return `${key.replaceAll(/[^A-Za-z0-9-]/g, '-')}-${name}`;
}

function refOf({ team, channel }: SlackThread, ts: string): MessageRef {
  return { team, channel, ts };
}

async function asPostErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toPostError(error);
  }
}
