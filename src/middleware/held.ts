import { setTimeout as sleep } from 'node:timers/promises';
import { asHost } from '../agent/operator-module.ts';

/** What foreign code may still do once the turn has been stopped. */
const graceMs = 200;
/** What it may still do once all that lies inside has ended. */
const afterwardsMs = 30_000;

/** What foreign code is waited for with. */
export interface Hold {
  readonly signal: AbortSignal;
  /** Resolves when nothing that lies inside runs. Absent: nothing does. */
  readonly settled?: () => Promise<unknown>;
  /** Rejects when it should have ended long ago. */
  readonly late?: Promise<never>;
}

/**
 * Waits for foreign code. Once the signal aborts, only for what lies inside, which ends by itself; then it
 * rejects with the signal's reason, and what the code still does is nobody's.
 */
export async function held<T>(work: Promise<T>, { signal, settled, late }: Hold): Promise<T> {
  const over = Promise.withResolvers<never>();
  for (const promise of [work, over.promise]) promise.catch(() => undefined);
  const onAbort = async () => {
    await settled?.();
    await sleep(graceMs, undefined, { ref: false });
    over.reject(signal.reason);
  };
  if (signal.aborted) void onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, over.promise, ...(late === undefined ? [] : [late])]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** What lies inside a part of foreign code, and what is known of how it runs. */
export function watched<Args extends readonly unknown[], Result>(inner: (...args: Args) => Promise<Result>) {
  const running = new Set<Promise<Result>>();
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  return {
    late: late.promise,
    settled: () => Promise.allSettled(running),
    /** Its promise is the module's, and what it runs the bot's. */
    async next(...args: Args): Promise<Result> {
      clearTimeout(timer);
      const going = asHost(() => inner(...args));
      running.add(going);
      try {
        return await going;
      } finally {
        running.delete(going);
        if (running.size === 0) timer = setTimeout(tooLate, afterwardsMs).unref();
      }
    },
  };

  function tooLate(): void {
    late.reject(new Error(`It took longer than ${afterwardsMs / 1000} s after what lies inside had ended.`));
  }
}
