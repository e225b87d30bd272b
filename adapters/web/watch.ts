import type { Bot } from '../../src/chat/bot.ts';
import type { ThreadId } from '../../src/chat/inbound.ts';
import type { Hub, Stir } from './hub.ts';

/** One reader's attention to a thread. */
export interface Watch {
  /** Resolves when there may be news, or when the signal aborted. Throws what the bot throws. */
  news(): Promise<void>;
  /** True once after each stored change, and whenever `recheckMs` passed without one. */
  takeChange(): boolean;
  /** Leaves nothing behind. */
  end(): void;
}

export interface WatchOptions {
  readonly bot: Bot;
  readonly hub: Hub;
  readonly threadId: ThreadId;
  readonly signal: AbortSignal;
  /** Stored state is looked at again after this long even if nobody said that it changed. */
  readonly recheckMs: number;
  /** Live content wakes the reader at most this often; absent: it does not. */
  readonly contentEveryMs?: number;
}

/** Opened before stored state is read, so that no change between reading and waiting is lost. */
export function openWatch({ bot, hub, threadId, signal, recheckMs, contentEveryMs }: WatchOptions): Watch {
  const ending = new AbortController();
  const until = AbortSignal.any([signal, ending.signal]);
  const bell = createBell();
  let changed = false;
  let failure: { readonly error: unknown } | undefined;
  let timer: NodeJS.Timeout | undefined;

  function arm(): void {
    bot.changed(threadId, recheckMs, until).then(
      () => {
        changed = true;
        bell.ring();
      },
      (error: unknown) => {
        failure = { error };
        bell.ring();
      },
    );
  }

  function heard(stir: Stir): void {
    if (stir !== 'content') bell.ring();
    else if (contentEveryMs !== undefined) timer ??= setTimeout(ringLate, contentEveryMs);
  }

  function ringLate(): void {
    timer = undefined;
    bell.ring();
  }

  const leave = hub.listen(threadId, heard);
  until.addEventListener('abort', bell.ring, { once: true });
  arm();

  return {
    async news() {
      if (!until.aborted) await bell.heard();
      if (failure && !until.aborted) throw failure.error;
    },
    takeChange() {
      if (!changed || until.aborted) return false;
      changed = false;
      arm();
      return true;
    },
    end() {
      leave();
      clearTimeout(timer);
      ending.abort();
    },
  };
}

/** Remembers a ring that nobody waited for. */
function createBell(): { ring(): void; heard(): Promise<void> } {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async heard() {
      if (!rung) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      rung = false;
    },
  };
}
