import type { MessageRef } from './adapter.ts';

/** What a restatement does to one message of a post. */
export interface Restating<M> {
  readonly messages: readonly M[];
  /** Those that were posted, the first of them first. */
  readonly ids: readonly string[];
  /** Changes one. */
  update(id: string, message: M, n: number): Promise<void>;
  /** Deletes one that is left over. */
  remove(id: string): Promise<void>;
  /** Whether an error says that the message is not there any more. */
  isGone(error: unknown): boolean;
  /** The message with the word that there is more, which does not fit. */
  withMore(message: M): M;
}

/** What the last message says of words that have no message to stand in. */
export const moreWords = '… the rest does not fit here.';

/** See `Poster.restate`. Throws when the first message cannot be changed, and what goes wrong for a moment. */
export async function restateMessages<M>(restating: Restating<M>): Promise<void> {
  const { messages, ids, update, remove, isGone, withMore } = restating;
  for (const [n, id] of ids.entries()) {
    const message = messages[n];
    const isCut = n === ids.length - 1 && messages.length > ids.length;
    try {
      if (message === undefined) await remove(id);
      else await update(id, isCut ? withMore(message) : message, n);
    } catch (error) {
      if (n === 0 || !isGone(error)) throw error;
      // The words move on into what is left.
      if (message !== undefined)
        return await restateMessages({ ...restating, ids: ids.filter((other) => other !== id) });
    }
  }
}

/** A post's first message, with the ids of those that follow it. */
export function withFollowing(ref: MessageRef, ids: readonly string[]): MessageRef {
  return ids.length === 0 ? ref : { ...ref, following: ids.join(' ') };
}

/** The ids of the messages that follow the first. */
export function followingOf({ following = '' }: MessageRef): readonly string[] {
  return following === '' ? [] : following.split(' ');
}
