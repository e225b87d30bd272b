/** What was heard of a message before the message itself came. */
export type Ahead = { readonly type: 'removed' } | { readonly type: 'edited'; readonly text: string };

/**
 * Puts right what Teams delivers in another order than it happened, within this process: messages are
 * resent after 15 s, so that an edit, a removal or a newer message may be there first. Messages go by their
 * keys, and their ids are milliseconds.
 */
export interface Arrivals {
  /** False: a newer edit or the removal was heard before. `when` in ISO 8601. */
  edited(key: string, edit: { readonly when: string; readonly text: string }): boolean;
  removed(key: string): void;
  restored(key: string): void;
  /** Undefined: the message stands as it was sent, as far as is known. */
  ahead(key: string): Ahead | undefined;
  /** Whether a message of this thread came before that was written after this one. Notes this one. */
  isLate(threadId: string, messageId: string): boolean;
}

const most = 5000;

export function createArrivals(): Arrivals {
  const edits = new Map<string, { readonly when: string; readonly text: string }>();
  const gone = new Map<string, true>();
  const newest = new Map<string, number>();
  return {
    edited(key, edit) {
      if (gone.has(key) || (edits.get(key)?.when ?? '') > edit.when) return false;
      put(edits, key, edit);
      return true;
    },
    removed: (key) => put(gone, key, true),
    restored: (key) => void gone.delete(key),
    ahead(key) {
      if (gone.has(key)) return { type: 'removed' };
      const edit = edits.get(key);
      return edit === undefined ? undefined : { type: 'edited', text: edit.text };
    },
    isLate(threadId, messageId) {
      const [last, written] = [newest.get(threadId) ?? 0, Number(messageId)];
      if (Number.isNaN(written)) return false;
      put(newest, threadId, Math.max(last, written));
      return written < last;
    },
  };
}

/** The newest stand last; the oldest are forgotten. */
function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
