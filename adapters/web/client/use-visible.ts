import { useSyncExternalStore } from 'react';

/** Whether somebody can see the page; a hidden one holds no connection, of which a browser has only six. */
export function useVisible(): boolean {
  return useSyncExternalStore(subscribe, () => document.visibilityState === 'visible');
}

function subscribe(onChange: () => void): () => void {
  document.addEventListener('visibilitychange', onChange);
  return () => document.removeEventListener('visibilitychange', onChange);
}
