/** A message of a workspace. */
export interface MessagePlace {
  readonly team: string;
  readonly channel: string;
  readonly ts: string;
}

/** What was heard of a message before the message itself came. */
export type Ahead = { readonly type: 'removed' } | { readonly type: 'edited'; readonly text: string };

/**
 * Puts right what Slack delivers in another order than it happened, within this process: an edit or a
 * removal may come before the message, an older edit after a newer one, an older message after a newer.
 */
export interface Arrivals {
  /** False: a newer edit or the removal was heard before. */
  edited(message: MessagePlace, edit: { readonly editedTs: string; readonly text: string }): boolean;
  removed(message: MessagePlace): void;
  /** Undefined: the message stands as it was sent, as far as is known. */
  ahead(message: MessagePlace): Ahead | undefined;
  /** Whether a message of this thread came before that was written after this one. Notes this one. */
  isLate(threadId: string, ts: string): boolean;
}

const most = 5000;

export function createArrivals(): Arrivals {
  const edits = new Map<string, { readonly editedTs: string; readonly text: string }>();
  const gone = new Map<string, true>();
  const newest = new Map<string, string>();
  return {
    edited(message, edit) {
      const key = keyOf(message);
      if (gone.has(key) || isAfter(edits.get(key)?.editedTs ?? '0.0', edit.editedTs)) return false;
      put(edits, key, edit);
      return true;
    },
    removed: (message) => put(gone, keyOf(message), true),
    ahead(message) {
      const key = keyOf(message);
      if (gone.has(key)) return { type: 'removed' };
      const edit = edits.get(key);
      return edit === undefined ? undefined : { type: 'edited', text: edit.text };
    },
    isLate(threadId, ts) {
      const last = newest.get(threadId) ?? '0.0';
      const isLate = isAfter(last, ts);
      put(newest, threadId, isLate ? last : ts);
      return isLate;
    },
  };
}

function keyOf({ team, channel, ts }: MessagePlace): string {
  return `${team} ${channel} ${ts}`;
}

/** The newest stand last; the oldest are forgotten. */
function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}

/** Slack's timestamps are seconds and a number of six digits. */
function isAfter(a: string, b: string): boolean {
  const [secondsA = '', restA = ''] = a.split('.');
  const [secondsB = '', restB = ''] = b.split('.');
  return Number(secondsA) === Number(secondsB) ? restA > restB : Number(secondsA) > Number(secondsB);
}
