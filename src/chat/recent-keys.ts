/** What this process did a moment ago and need not do again for a repeated delivery. */
export interface RecentKeys {
  /** False when any of these keys was seen before; notes them all. */
  isNew(keys: readonly string[]): boolean;
  /** It was not done after all: a repeated delivery does it. */
  forget(keys: readonly string[]): void;
}

const most = 5000;

export function createRecentKeys(): RecentKeys {
  const seen = new Set<string>();
  return {
    isNew(keys) {
      const isNew = !keys.some((key) => seen.has(key));
      for (const key of keys) seen.add(key);
      for (const key of seen) {
        if (seen.size <= most) break;
        seen.delete(key);
      }
      return isNew;
    },
    forget(keys) {
      for (const key of keys) seen.delete(key);
    },
  };
}
