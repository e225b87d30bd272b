/** Threads that were begun on this page and in which nothing was said yet: the server knows nothing of them. */
export interface FreshThreads {
  has(threadId: string): boolean;
  add(threadId: string): void;
  delete(threadId: string): void;
}

const KEY = 'fresh-threads';

/** A thread that is begun stands in the address, so it is known after a reload too; in this tab alone. */
export function freshThreads(): FreshThreads {
  const known = new Set(read());
  const keep = () => {
    try {
      sessionStorage.setItem(KEY, JSON.stringify([...known].slice(-20)));
    } catch {
      // Without storage the server is asked once more than needed.
    }
  };
  return {
    has: (threadId) => known.has(threadId),
    add(threadId) {
      known.add(threadId);
      keep();
    },
    delete(threadId) {
      if (known.delete(threadId)) keep();
    },
  };
}

function read(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
