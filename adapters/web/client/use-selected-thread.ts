import { useCallback } from 'react';
import { useNavigation } from './navigation.tsx';

const PREFIX = '#/t/';

/** The address of a thread. */
export const threadAddress = (threadId: string) => `/${PREFIX}${encodeURIComponent(threadId)}`;

/** The selected thread, kept in the address so that a reload and a bookmark find it. */
export function useSelectedThread(): readonly [string, (threadId: string) => void] {
  const { at, go } = useNavigation();
  const select = useCallback((threadId: string) => go(threadAddress(threadId)), [go]);
  return [threadIn(new URL(at, 'http://console').hash), select];
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
