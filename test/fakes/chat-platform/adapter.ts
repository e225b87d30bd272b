import { z } from 'zod';
import {
  type ChatAdapter,
  type MessageRef,
  type Post,
  PostError,
  type PreviewTarget,
} from '../../../src/chat/adapter.ts';
import type { Bot } from '../../../src/chat/bot.ts';
import type { LiveEvent, Preview } from '../../../src/chat/live.ts';

const eventSchema = z.object({ thread: z.string(), id: z.string(), author: z.string(), text: z.string() });
const idSchema = z.object({ id: z.string().nullable() });

export interface PlatformOptions {
  readonly bot: Bot;
  readonly url: string;
  /** Whether posts can be looked up by their key. */
  readonly canFind: boolean;
  /** Whether turns show a message while they run, which the reply then replaces. */
  readonly hasPreview: boolean;
}

/** Speaks to the small chat platform, as the Slack and Teams adapters speak to theirs. */
export function createPlatformAdapter({ bot, url, canFind, hasPreview }: PlatformOptions): ChatAdapter {
  const call = (path: string, init?: RequestInit) => callPlatform(`${url}${path}`, init);
  const create = (thread: string, key: string, text: string) =>
    call('/messages', { method: 'POST', body: JSON.stringify({ thread, key, text }) });
  const edit = async (ref: MessageRef, text: string) => {
    await call(`/messages/${ref.id}`, { method: 'PUT', body: JSON.stringify({ text }) });
  };
  const poster = {
    async post({ threadId, key, reply }: Post) {
      return { id: (await create(threadId, key, shown(reply))) ?? '', thread: threadId };
    },
    edit: (ref: MessageRef, { reply }: Post) => edit(ref, shown(reply)),
    // As in Slack: a thread is named by its channel and its first message.
    threadOf: ({ id, thread }: MessageRef) => `${thread}/${id}`,
  };
  const lookUp = (key: string) => call(`/messages?key=${encodeURIComponent(key)}`);
  async function find({ key, threadId }: Post) {
    const id = await lookUp(key);
    return id === null ? undefined : { id, thread: threadId };
  }
  const previewCalls = canFind ? { create, edit, find: lookUp } : { create, edit };
  return {
    platform: 'fake',
    place: (target) =>
      /^fake:channel-\w+$/.test(target)
        ? { type: 'channel', address: target }
        : { type: 'thread', threadId: target },
    routes: [
      {
        method: 'POST',
        path: '/fake/events',
        async handle({ body }) {
          const event = eventSchema.parse(JSON.parse(body.toString()));
          await bot.receive({
            threadId: `fake:${event.thread}`,
            dedupeKeys: [`fake:${event.id}`],
            author: { principal: `fake:${event.author}`, name: event.author },
            text: event.text,
          });
          return { status: 200 };
        },
      },
    ],
    poster: canFind ? { ...poster, find } : poster,
    ...(hasPreview ? { preview: (target: PreviewTarget) => openPreview(target, previewCalls) } : {}),
  };
}

function shown(reply: Post['reply']): string {
  return reply.possiblyRepeated === true ? `(possibly repeated) ${reply.text}` : reply.text;
}

async function callPlatform(url: string, init?: RequestInit): Promise<string | null> {
  const response = await fetch(url, init).catch((error: unknown) => {
    throw new PostError('the platform cannot be reached', {
      outcome: 'unknown',
      retryable: true,
      cause: error,
    });
  });
  if (response.ok) return idSchema.parse(await response.json()).id;
  throw new PostError(`the platform answered ${response.status}`, {
    outcome: 'refused',
    retryable: response.status !== 404,
  });
}

interface PreviewCalls {
  readonly create: (thread: string, key: string, text: string) => Promise<string | null>;
  readonly edit: (ref: MessageRef, text: string) => Promise<void>;
  /** Absent where the platform cannot tell. */
  readonly find?: (key: string) => Promise<string | null>;
}

/**
 * A message that says what the turn does; made at the first word, and stored before more follows.
 * After a kill it goes on with the stored message, or with one that was made and not yet stored.
 */
function openPreview(target: PreviewTarget, { create, edit, find }: PreviewCalls): Preview {
  const key = `preview:${target.turnId}`;
  let work: Promise<unknown> = Promise.resolve();
  let { ref } = target;
  let text = '';
  let isFirstTry = true;
  const write = async () => {
    if (ref !== undefined) return await edit(ref, `… ${text}`);
    const found = isFirstTry ? null : ((await find?.(key)) ?? null);
    const made = { id: found ?? (await create(target.threadId, key, '…')) ?? '' };
    await target.remember(made);
    ref = made;
  };
  const show = (event: LiveEvent) => {
    if (event.type === 'started') isFirstTry = event.activation === 'start';
    if (event.type === 'text') text += event.text;
    if (event.type === 'restart') text = '';
    if (event.type === 'text' || event.type === 'tool_start') work = work.then(write).catch(() => undefined);
  };
  const settled = async () => void (await work);
  return { show, drain: settled, close: settled };
}
