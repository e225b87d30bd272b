import type { MessageRef, Post } from '../../src/chat/adapter.ts';
import type { Json } from '../../src/chat/json.ts';
import type { TeamsApi } from './api.ts';
import { isMalformed, isTooLarge } from './refused.ts';
import type { Rendered } from './render.ts';
import type { Sent } from './sent.ts';
import { hasMoreThanWords, inWords } from './smaller.ts';
import type { Conversation } from './thread-id.ts';

export interface Restating {
  readonly post: Post;
  /** Where the message stands. */
  readonly place: Conversation;
  readonly rendered: Rendered;
  readonly signal: AbortSignal;
}

/** Changes the messages of a reply that stand there, as far as they are known; adds none. */
export async function restate(
  { api, sent }: { readonly api: TeamsApi; readonly sent: Sent },
  { id = '' }: MessageRef,
  { post, place, rendered, signal }: Restating,
): Promise<void> {
  const update = async (messageId: string, message: Json): Promise<void> => {
    const options = { signal, patienceMs: 3000 };
    await api.update(place, messageId, message, options).catch(async (error: unknown) => {
      const isOverdone = (isMalformed(error) || isTooLarge(error)) && hasMoreThanWords(message);
      if (!isOverdone) throw error;
      await api.update(place, messageId, inWords(message), options);
    });
  };
  for (const [n, message] of rendered.messages.entries()) {
    const known = n === 0 ? id : await sent.idOf(post.key, `${n}`);
    if (known !== undefined) await update(known, message);
  }
}
