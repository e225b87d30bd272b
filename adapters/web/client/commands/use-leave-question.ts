import { useEffect } from 'react';

/** While it holds, the browser asks before the page is left: what was filled in would be lost. */
export function useLeaveQuestion(isHalfFilled: boolean): void {
  useEffect(() => {
    if (!isHalfFilled) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isHalfFilled]);
}
