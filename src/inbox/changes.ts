import type { ThreadId } from '../chat/inbound.ts';
import type { Signals } from './port.ts';

/** Lets requests wait for what is stored about a thread. */
export interface Changes {
  /** This process has stored something. */
  tell(threadId: ThreadId): void;
  /** Resolves at the next change by any process, after `timeoutMs`, or when aborted. */
  wait(threadId: ThreadId, timeoutMs: number, signal?: AbortSignal): Promise<void>;
}

/** How long another process's interest in a thread is remembered, and how often it is told. */
const interestMs = 90_000;
const tellInterestEveryMs = 30_000;
/** The first wait is short: the other process may have stored something before it heard of the interest. */
const firstLookMs = 1000;

/**
 * Processes tell each other only of threads in which another one has said to be interested: a signal
 * for every turn would cost every turn. Signals can be lost, so waits end and their callers look again.
 */
export function createChanges(signals: Signals, isHere: (threadId: ThreadId) => boolean): Changes {
  const waiting = new Map<ThreadId, Set<() => void>>();
  const interested = createTimes(interestMs);
  const told = createTimes(tellInterestEveryMs);
  const wakeHere = (threadId: ThreadId) => {
    for (const wake of waiting.get(threadId) ?? []) wake();
  };
  signals.on((signal) => {
    if (signal.type === 'changed') wakeHere(signal.threadId);
    if (signal.type === 'watch') interested.mark(signal.threadId);
  });

  /** Tells the others of our interest, if the thread is handled elsewhere; how long to wait at most. */
  function watchElsewhere(threadId: ThreadId, timeoutMs: number): number {
    if (isHere(threadId) || told.isFresh(threadId)) return timeoutMs;
    told.mark(threadId);
    signals.tell({ type: 'watch', threadId });
    return Math.min(timeoutMs, firstLookMs);
  }

  return {
    tell(threadId) {
      wakeHere(threadId);
      if (interested.isFresh(threadId)) signals.tell({ type: 'changed', threadId });
    },
    wait(threadId, timeoutMs, signal) {
      const atMostMs = watchElsewhere(threadId, timeoutMs);
      return new Promise((resolve) => {
        const wakes = waiting.get(threadId) ?? new Set();
        const wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          wakes.delete(wake);
          if (wakes.size === 0) waiting.delete(threadId);
          resolve();
        };
        const timer = setTimeout(wake, atMostMs);
        signal?.addEventListener('abort', wake, { once: true });
        wakes.add(wake);
        waiting.set(threadId, wakes);
        if (signal?.aborted === true) wake();
      });
    },
  };
}

/** When each thread was last marked; forgets what is older than `freshMs`. */
function createTimes(freshMs: number) {
  const times = new Map<ThreadId, number>();
  const isFresh = (threadId: ThreadId) =>
    (times.get(threadId) ?? Number.NEGATIVE_INFINITY) > performance.now() - freshMs;
  return {
    isFresh,
    mark(threadId: ThreadId): void {
      times.delete(threadId);
      times.set(threadId, performance.now());
      for (const oldest of times.keys()) {
        if (isFresh(oldest)) break;
        times.delete(oldest);
      }
    },
  };
}
