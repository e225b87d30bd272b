/** A signal that follows another one and ends by itself; it must be released when the work is done. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True once the time was up before the other signal aborted. */
  expired(): boolean;
  release(): void;
}

/** Aborts after `ms`, or with `parent`. Nothing stays hooked to `parent` after `release`. */
export function deadline(ms: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  let isExpired = false;
  const follow = () => controller.abort(parent?.reason);
  const timer = setTimeout(() => {
    isExpired = !controller.signal.aborted;
    controller.abort(new Error(`it did not answer within ${ms / 1000} s`));
  }, ms);
  if (parent?.aborted === true) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    expired: () => isExpired,
    release: () => {
      clearTimeout(timer);
      parent?.removeEventListener('abort', follow);
    },
  };
}

/** The promise's outcome, or the signal's reason if that comes first. */
export async function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** True if the promise settled within `ms`. */
export async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(late.resolve, ms, false);
  try {
    return await Promise.race([
      promise.then(
        () => true,
        () => true,
      ),
      late.promise,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
