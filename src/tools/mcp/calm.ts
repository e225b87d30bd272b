/**
 * Something that is to be done soon after it was asked for: several requests in a row are one, it is
 * never done twice at once, and however often it is asked for, not more than once in `everyMs`.
 */
export function calmly(
  work: () => Promise<void>,
  { afterMs, everyMs }: { readonly afterMs: number; readonly everyMs: number },
): { soon(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isWanted = false;
  let isStopped = false;
  let earliest = 0;

  const start = async () => {
    timer = undefined;
    isRunning = true;
    earliest = performance.now() + everyMs;
    await work().catch(() => {});
    isRunning = false;
    if (!isWanted) return;
    isWanted = false;
    soon();
  };
  const soon = () => {
    if (isStopped || timer !== undefined) return;
    if (isRunning) {
      isWanted = true;
      return;
    }
    timer = setTimeout(() => void start(), Math.max(afterMs, earliest - performance.now())).unref();
  };
  return {
    soon,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
