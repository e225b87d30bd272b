import { useCallback, useSyncExternalStore } from 'react';

const PREFIX = '#/t/';

/** The selected thread, kept in the address so that a reload and a bookmark find it. */
export function useSelectedThread(): readonly [string, (threadId: string) => void] {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  const select = useCallback((threadId: string) => {
    location.hash = PREFIX + encodeURIComponent(threadId);
  }, []);
  return [threadIn(hash), select];
}

/** Empty when none is selected. */
function threadIn(hash: string): string {
  if (!hash.startsWith(PREFIX)) return '';
  try {
    return decodeURIComponent(hash.slice(PREFIX.length));
  } catch {
    return '';
  }
}

function subscribe(onChange: () => void): () => void {
  addEventListener('hashchange', onChange);
  return () => removeEventListener('hashchange', onChange);
}
