import type { MessageRef } from '../../src/chat/adapter.ts';
import { type Json, textOf } from '../../src/chat/json.ts';
import { followingOf, moreWords, restateMessages } from '../../src/chat/restate.ts';
import type { TeamsApi } from './api.ts';
import { isGoneMessage, isMalformed, isTooLarge } from './refused.ts';
import type { Rendered } from './render.ts';
import { hasMoreThanWords, inWords } from './smaller.ts';
import type { Conversation } from './thread-id.ts';

export interface Restating {
  /** Where the messages stand. */
  readonly place: Conversation;
  readonly rendered: Rendered;
  readonly signal: AbortSignal;
}

/** Changes the messages of a reply that stand there; see `Poster.restate`. */
export async function restate(
  api: TeamsApi,
  ref: MessageRef,
  { place, rendered, signal }: Restating,
): Promise<void> {
  const options = { signal, patienceMs: 3000 };
  await restateMessages({
    ...{ messages: rendered.messages, ids: [ref.id ?? '', ...followingOf(ref)] },
    ...{ isGone: isGoneMessage, withMore },
    remove: (id) => api.remove(place, id, options),
    async update(id, message) {
      await api.update(place, id, message, options).catch(async (error: unknown) => {
        const isOverdone = (isMalformed(error) || isTooLarge(error)) && hasMoreThanWords(message);
        if (!isOverdone) throw error;
        await api.update(place, id, inWords(message), options);
      });
    },
  });
}

/** A message whose words go on nowhere. */
function withMore(message: Json): Json {
  return { ...message, text: `${textOf(message.text)}\n\n*${moreWords}*`.trim() };
}
