import { useCallback, useEffect, useState } from 'react';
import { type ApprovalViewJson, listApprovals } from './api.ts';
import { useVisible } from './use-visible.ts';

const POLL_EVERY_MS = 10_000;

/** What waits for a decision in all threads, and the way to read it again. Nothing for people who may not approve. */
export function useApprovals(mayApprove: boolean): readonly [readonly ApprovalViewJson[], () => void] {
  const [approvals, setApprovals] = useState<readonly ApprovalViewJson[]>([]);
  const isVisible = useVisible();

  const refresh = useCallback(() => {
    if (!mayApprove) return;
    listApprovals().then(
      (now) => setApprovals((before) => (isSame(before, now) ? before : now)),
      () => undefined,
    );
  }, [mayApprove]);

  useEffect(() => {
    if (!isVisible) return;
    refresh();
    const timer = setInterval(refresh, POLL_EVERY_MS);
    return () => clearInterval(timer);
  }, [isVisible, refresh]);

  return [approvals, refresh];
}

/** An approval never changes while it waits. */
function isSame(before: readonly ApprovalViewJson[], now: readonly ApprovalViewJson[]): boolean {
  return before.length === now.length && before.every(({ id }, at) => id === now[at]?.id);
}
