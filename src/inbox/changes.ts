import type { ThreadId } from '../chat/inbound.ts';
import type { Signals } from './port.ts';

/** Lets requests wait for what is stored about a thread. */
export interface Changes {
  /** This process has stored something. */
  tell(threadId: ThreadId): void;
  /** Resolves at the next change by any process, after `timeoutMs`, or when aborted. */
  wait(threadId: ThreadId, timeoutMs: number, signal?: AbortSignal): Promise<void>;
}

/** Signals between processes can be lost, so waits are short and their callers look again. */
export function createChanges(signals: Signals): Changes {
  const waiting = new Map<ThreadId, Set<() => void>>();
  const wakeHere = (threadId: ThreadId) => {
    for (const wake of waiting.get(threadId) ?? []) wake();
  };
  signals.on((signal) => {
    if (signal.type === 'changed') wakeHere(signal.threadId);
  });
  return {
    tell(threadId) {
      wakeHere(threadId);
      signals.tell({ type: 'changed', threadId });
    },
    wait: (threadId, timeoutMs, signal) =>
      new Promise((resolve) => {
        const wakes = waiting.get(threadId) ?? new Set();
        const wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          wakes.delete(wake);
          if (wakes.size === 0) waiting.delete(threadId);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        signal?.addEventListener('abort', wake, { once: true });
        wakes.add(wake);
        waiting.set(threadId, wakes);
        if (signal?.aborted === true) wake();
      }),
  };
}
