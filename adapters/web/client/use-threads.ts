import { useCallback, useEffect, useState } from 'react';
import { listThreads, type ThreadSummary } from './api.ts';

/** The person's threads, newest first, and the way to read them again. */
export function useThreads(): readonly [readonly ThreadSummary[], () => void] {
  const [threads, setThreads] = useState<readonly ThreadSummary[]>([]);
  const refresh = useCallback(() => {
    listThreads().then(setThreads, () => undefined);
  }, []);
  useEffect(() => {
    refresh();
    addEventListener('focus', refresh);
    return () => removeEventListener('focus', refresh);
  }, [refresh]);
  return [threads, refresh];
}
