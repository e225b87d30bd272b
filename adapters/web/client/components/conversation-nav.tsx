import { useState } from 'react';
import type { ApprovalViewJson, ThreadSummary } from '../api.ts';
import { ApprovalList } from './approval-list.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { PlusIcon } from './icons.tsx';
import { ThreadLink } from './thread-link.tsx';

export interface ConversationNavProps {
  readonly threads: readonly ThreadSummary[];
  readonly selected: string;
  /** What waits for a decision elsewhere. */
  readonly approvals: readonly ApprovalViewJson[];
  readonly onOpenApproval: (approval: ApprovalViewJson) => void;
  readonly onSelect: (threadId: string) => void;
  readonly onNew: () => void;
  readonly onDelete: (threadId: string) => Promise<void>;
}

/** Threads to choose from, and what waits for a decision in others. */
export function ConversationNav({
  threads,
  selected,
  approvals,
  onOpenApproval,
  onSelect,
  onNew,
  onDelete,
}: ConversationNavProps) {
  const [doomed, setDoomed] = useState<ThreadSummary>();
  return (
    <nav className="conversation-nav" aria-label="Conversations">
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
    </nav>
  );
}
