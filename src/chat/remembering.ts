/** Asks once for the same thing, and again when the answer is old or there was none. */
export interface Remembering<T> {
  of(key: string, ask: () => Promise<T>): Promise<T>;
  forget(key: string): void;
}

/** As long as a name or a right that was changed may look as it was. */
const keepMs = 10 * 60_000;
const mostKept = 5000;

/** Each answer is kept for ten minutes, and no more than 5,000 of them. A question that fails is asked again. */
export function remembering<T>(clock: { now(): number }): Remembering<T> {
  const known = new Map<string, { readonly value: Promise<T>; readonly until: number }>();
  return {
    of(key, ask) {
      const found = known.get(key);
      if (found !== undefined && found.until > clock.now()) return found.value;
      const value = ask();
      known.set(key, { value, until: clock.now() + keepMs });
      value.catch(() => known.delete(key));
      const [oldest] = known.keys();
      if (known.size > mostKept && oldest !== undefined) known.delete(oldest);
      return value;
    },
    forget: (key) => void known.delete(key),
  };
}
