/** Watches one stream: its signal ends the stream when the caller aborts or when it is silent too long. */
export interface Watch {
  /** For the stream; aborted with what `within` rejects with. */
  readonly signal: AbortSignal;
  /**
   * Passes the promise on. Rejects at once, and aborts `signal`, when it takes longer than `limitMs`
   * or the caller aborts. One call at a time.
   */
  within<T>(limitMs: number, promise: Promise<T>): Promise<T>;
  /** Forgets the caller; ends the stream unless it ended by itself. */
  close(ended: boolean): void;
}

/** The errors of a watch, so that it knows no vendor. */
export interface WatchErrors {
  timedOut(limitMs: number): Error;
  aborted(reason: unknown): Error;
}

/**
 * Watches under the caller's signal. Close it when the stream ended. Streams have thousands of
 * events: one timer is wound up again for each, which costs a fifth of a new one.
 */
export function watch(caller: AbortSignal, errors: WatchErrors): Watch {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let timerMs = 0;
  /** Rejects the promise that is waited for; undefined while nobody waits. */
  let reject: ((error: Error) => void) | undefined;

  function interrupt(error: Error): void {
    clearTimeout(timer);
    reject?.(error);
    controller.abort(error);
  }

  function onSilence(): void {
    if (reject !== undefined) interrupt(errors.timedOut(timerMs));
  }

  function windUp(limitMs: number): void {
    if (timer !== undefined && timerMs === limitMs) return void timer.refresh();
    clearTimeout(timer);
    timerMs = limitMs;
    timer = setTimeout(onSilence, limitMs);
  }

  function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
    return new Promise((resolve, fail) => {
      promise.then((value) => {
        reject = undefined;
        resolve(value);
      }, fail);
      if (controller.signal.aborted) return fail(controller.signal.reason);
      reject = fail;
      windUp(limitMs);
    });
  }

  function close(ended: boolean): void {
    caller.removeEventListener('abort', onAbort);
    clearTimeout(timer);
    if (!ended) controller.abort();
  }

  const onAbort = () => interrupt(errors.aborted(caller.reason));
  if (caller.aborted) onAbort();
  else caller.addEventListener('abort', onAbort, { once: true });
  return { signal: controller.signal, within, close };
}
