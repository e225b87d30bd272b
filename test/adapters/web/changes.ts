import type { ThreadId } from '../../../src/chat/inbound.ts';

/** Who waits for which thread: the fake bot's LISTEN and NOTIFY. */
export interface Changes {
  touch(threadId: ThreadId): void;
  changed(threadId: ThreadId, timeoutMs: number, signal?: AbortSignal): Promise<void>;
  /** How many wait now. */
  waiting(): number;
}

export function createChanges(): Changes {
  const waiters = new Map<ThreadId, Set<() => void>>();
  return {
    touch(threadId) {
      for (const wake of [...(waiters.get(threadId) ?? [])]) wake();
    },
    waiting: () => [...waiters.values()].reduce((sum, { size }) => sum + size, 0),
    changed(threadId, timeoutMs, signal) {
      const ofThread = waiters.get(threadId) ?? new Set();
      waiters.set(threadId, ofThread);
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          ofThread.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        ofThread.add(wake);
        signal?.addEventListener('abort', wake);
        if (signal?.aborted) wake();
      });
    },
  };
}
