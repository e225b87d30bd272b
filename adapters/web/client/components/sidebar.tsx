import { useEffect, useState } from 'react';
import type { ApprovalViewJson, Me, ThreadSummary } from '../api.ts';
import { ApprovalList } from './approval-list.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { PlusIcon } from './icons.tsx';
import { Logo } from './logo.tsx';
import { ThreadLink } from './thread-link.tsx';

export interface SidebarProps {
  readonly me: Me;
  readonly threads: readonly ThreadSummary[];
  readonly selected: string;
  /** What waits for a decision elsewhere. */
  readonly approvals: readonly ApprovalViewJson[];
  readonly onOpenApproval: (approval: ApprovalViewJson) => void;
  readonly onSelect: (threadId: string) => void;
  readonly onNew: () => void;
  readonly onDelete: (threadId: string) => Promise<void>;
  readonly onClose: () => void;
  readonly onSignOut: () => void;
}

/** Threads to choose from, and who is signed in. On narrow screens it lies over the thread. */
export function Sidebar({
  me,
  threads,
  selected,
  approvals,
  onOpenApproval,
  onSelect,
  onNew,
  onDelete,
  onClose,
  onSignOut,
}: SidebarProps) {
  const [doomed, setDoomed] = useState<ThreadSummary>();

  useEffect(() => {
    const closeOnEscape = (event: KeyboardEvent) => {
      if (event.key === 'Escape') onClose();
    };
    addEventListener('keydown', closeOnEscape);
    return () => removeEventListener('keydown', closeOnEscape);
  }, [onClose]);

  return (
    <>
      <nav className="sidebar" aria-label="Conversations">
        <div className="brand">
          <Logo />
          <span>AI Ops Bot</span>
        </div>
        <button type="button" className="button new-thread" onClick={onNew}>
          <PlusIcon /> New conversation
        </button>
        <ApprovalList approvals={approvals} onOpen={onOpenApproval} />
        <ul className="threads">
          {threads.map((thread) => (
            <ThreadLink
              key={thread.thread_id}
              thread={thread}
              isSelected={thread.thread_id === selected}
              onSelect={() => onSelect(thread.thread_id)}
              onDelete={() => setDoomed(thread)}
            />
          ))}
        </ul>
        <div className="account">
          <span className="avatar" aria-hidden="true">
            {me.name.slice(0, 1).toUpperCase()}
          </span>
          <span className="account-name" title={me.principal}>
            {me.name}
          </span>
          <button type="button" className="button quiet" onClick={onSignOut}>
            Sign out
          </button>
        </div>
      </nav>
      <button
        type="button"
        className="scrim"
        aria-label="Close the list of conversations"
        onClick={onClose}
      />
      {doomed && (
        <ConfirmDialog
          title="Delete this conversation?"
          action="Delete"
          onCancel={() => setDoomed(undefined)}
          onConfirm={() => {
            setDoomed(undefined);
            void onDelete(doomed.thread_id);
          }}
        >
          “{doomed.title}” and all that the bot remembers of it will be gone. What its tools did stays in the
          audit log.
        </ConfirmDialog>
      )}
    </>
  );
}
