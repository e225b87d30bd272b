import { useCallback, useEffect, useState } from 'react';
import { type ApprovalJson, type ApprovalViewJson, deleteThread, type Me, signOut } from '../api.ts';
import { newId } from '../new-id.ts';
import { useApprovals } from '../use-approvals.ts';
import { useSelectedThread } from '../use-selected-thread.ts';
import { useThreads } from '../use-threads.ts';
import type { WhoDecides } from './approval-card.tsx';
import { ApprovalDialog } from './approval-dialog.tsx';
import { Sidebar } from './sidebar.tsx';
import { ThreadView } from './thread-view.tsx';

export interface ConsoleProps {
  readonly me: Me;
  readonly onSignedOut: () => void;
}

/** The list of threads beside the selected one. */
export function Console({ me, onSignedOut }: ConsoleProps) {
  const [threads, refreshThreads] = useThreads();
  const mayApprove = me.permissions.includes('approve');
  const [approvals, refreshApprovals] = useApprovals(mayApprove);
  const [threadId, selectThread] = useSelectedThread();
  const [opened, setOpened] = useState<ApprovalViewJson>();
  const [fresh] = useState(() => new Set<string>());
  const [isMenuOpen, setMenuOpen] = useState(false);
  const closeMenu = useCallback(() => setMenuOpen(false), []);

  const select = useCallback(
    (id: string) => {
      selectThread(id);
      closeMenu();
    },
    [selectThread, closeMenu],
  );
  const begin = useCallback(() => {
    const id = newId();
    fresh.add(id);
    select(id);
  }, [fresh, select]);

  useEffect(() => {
    if (threadId === '') begin();
  }, [threadId, begin]);

  const noteChange = useCallback(() => {
    fresh.delete(threadId);
    refreshThreads();
    refreshApprovals();
  }, [fresh, threadId, refreshThreads, refreshApprovals]);

  const whoDecides = useCallback(
    (card: ApprovalJson): WhoDecides => {
      if (!mayApprove) return 'permitted';
      return approvals.some(({ id, may_decide }) => id === card.id && !may_decide) ? 'another' : 'you';
    },
    [mayApprove, approvals],
  );

  function openApproval(approval: ApprovalViewJson): void {
    if (approval.thread_id !== undefined) return select(approval.thread_id);
    closeMenu();
    setOpened(approval);
  }

  async function remove(id: string): Promise<void> {
    await deleteThread(id).catch(() => undefined);
    refreshThreads();
    if (id === threadId) begin();
  }

  const title = threads.find((thread) => thread.thread_id === threadId)?.title;
  return (
    <div className={isMenuOpen ? 'console menu-open' : 'console'}>
      <Sidebar
        me={me}
        threads={threads}
        selected={threadId}
        approvals={approvals.filter(({ thread_id }) => thread_id !== threadId)}
        onOpenApproval={openApproval}
        onSelect={select}
        onNew={begin}
        onDelete={remove}
        onClose={closeMenu}
        onSignOut={() => void signOut().then(onSignedOut, onSignedOut)}
      />
      {threadId !== '' && (
        <ThreadView
          key={threadId}
          threadId={threadId}
          title={title ?? 'New conversation'}
          isFresh={title === undefined && fresh.has(threadId)}
          whoDecides={whoDecides}
          onMenu={() => setMenuOpen(true)}
          onChange={noteChange}
          onSignedOut={onSignedOut}
        />
      )}
      {opened && (
        <ApprovalDialog
          key={opened.id}
          approval={opened}
          onDecided={refreshApprovals}
          onClose={() => setOpened(undefined)}
        />
      )}
    </div>
  );
}
