import type { TurnView } from '../chat/bot.ts';
import type { ThreadId } from '../chat/inbound.ts';

/** The turns that ended here a moment ago, so that the request which waits for one need not read it back. */
export interface Recent {
  put(event: { readonly threadId: ThreadId; readonly seq: number }, view: TurnView): void;
  get(event: { readonly threadId: ThreadId; readonly seq: number }): TurnView | undefined;
  /** The thread was cleared. */
  forget(threadId: ThreadId): void;
}

/** Keeps the last `limit` views, each for `keepMs`. */
export function createRecent({ limit = 256, keepMs = 5000 } = {}): Recent {
  const views = new Map<string, { readonly view: TurnView; readonly until: number }>();
  const keyOf = ({ threadId, seq }: { readonly threadId: ThreadId; readonly seq: number }) =>
    `${seq} ${threadId}`;
  return {
    put(event, view) {
      views.set(keyOf(event), { view, until: performance.now() + keepMs });
      for (const oldest of views.keys()) {
        if (views.size <= limit) break;
        views.delete(oldest);
      }
    },
    get(event) {
      const known = views.get(keyOf(event));
      return known !== undefined && known.until > performance.now() ? known.view : undefined;
    },
    forget(threadId) {
      for (const [key, { view }] of views) if (view.threadId === threadId) views.delete(key);
    },
  };
}
