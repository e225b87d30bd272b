import { useCallback, useEffect, useState } from 'react';
import { listOpsThreads, type ThreadSummary } from './api.ts';

/** Nobody here causes what is posted there, so it is looked for. */
const LOOK_EVERY_MS = 20_000;

/** The threads of the ops channel, newest first, and the way to read them again. None for people who may not talk. */
export function useOpsThreads(mayChat: boolean): readonly [readonly ThreadSummary[], () => void] {
  const [threads, setThreads] = useState<readonly ThreadSummary[]>([]);
  const refresh = useCallback(() => {
    if (!mayChat) return;
    listOpsThreads().then(setThreads, () => undefined);
  }, [mayChat]);
  useEffect(() => {
    const lookIfSeen = () => {
      if (document.visibilityState === 'visible') refresh();
    };
    refresh();
    const timer = setInterval(lookIfSeen, LOOK_EVERY_MS);
    addEventListener('focus', refresh);
    return () => {
      clearInterval(timer);
      removeEventListener('focus', refresh);
    };
  }, [refresh]);
  return [threads, refresh];
}
