import { useCallback, useEffect, useState } from 'react';
import { listThreads, type ThreadSummary } from './api.ts';

/** The person's threads, newest first, and the way to read them again. None for people who may not talk. */
export function useThreads(mayChat: boolean): readonly [readonly ThreadSummary[], () => void] {
  const [threads, setThreads] = useState<readonly ThreadSummary[]>([]);
  const refresh = useCallback(() => {
    if (!mayChat) return;
    listThreads().then(setThreads, () => undefined);
  }, [mayChat]);
  useEffect(() => {
    refresh();
    addEventListener('focus', refresh);
    return () => removeEventListener('focus', refresh);
  }, [refresh]);
  return [threads, refresh];
}
