import type { Clock } from '../observe/port.ts';

export interface NowAndThenOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  /** More keys than these are forgotten together, so that strangers cannot fill the memory. */
  readonly maxKeys?: number;
}

/** True for a key at most once in a while, as this process remembers. */
export function nowAndThen({
  clock,
  everyMs,
  maxKeys = 10_000,
}: NowAndThenOptions): (key: string) => boolean {
  const last = new Map<string, number>();
  return (key) => {
    const [now, before] = [clock.now(), last.get(key)];
    if (before !== undefined && now - before < everyMs) return false;
    if (last.size >= maxKeys) last.clear();
    last.set(key, now);
    return true;
  };
}
