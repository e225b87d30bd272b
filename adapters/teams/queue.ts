/** Things that must happen one after another, per name, in the order in which they were asked for. */
export interface Queue {
  /** Runs when all earlier ones of this name have ended, well or not; not at all once `signal` aborts. */
  run<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export function createQueue(): Queue {
  const last = new Map<string, Promise<unknown>>();
  return {
    async run(name, work, signal) {
      const before = last.get(name);
      const { promise, resolve: done } = Promise.withResolvers<void>();
      const mine = (before ?? Promise.resolve()).then(() => promise);
      last.set(name, mine);
      try {
        await waited(before, signal);
        return await work();
      } finally {
        done();
        if (last.get(name) === mine) last.delete(name);
      }
    },
  };
}

/** Whoever gives up waiting leaves at once; those behind still wait for the one before. */
async function waited(before: Promise<unknown> | undefined, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (before === undefined) return;
  if (signal === undefined) return void (await before);
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  await Promise.race([before, promise]).finally(() => signal.removeEventListener('abort', leave));
}
