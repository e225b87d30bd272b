import { useState } from 'react';
import type { ApprovalViewJson, ThreadSummary } from '../api.ts';
import { ApprovalList } from './approval-list.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { PlusIcon } from './icons.tsx';
import { OpsChannel } from './ops-channel.tsx';
import { ThreadLink } from './thread-link.tsx';

export interface ConversationNavProps {
  readonly threads: readonly ThreadSummary[];
  /** Those of the ops channel. */
  readonly opsThreads: readonly ThreadSummary[];
  readonly mayDeleteOps: boolean;
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
  opsThreads,
  mayDeleteOps,
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
      <OpsChannel
        threads={opsThreads}
        selected={selected}
        onSelect={onSelect}
        onDelete={mayDeleteOps ? setDoomed : undefined}
      />
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
