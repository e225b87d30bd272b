import type { ThreadSummary, TurnStatus } from '../api.ts';
import { TrashIcon } from './icons.tsx';

const STATUS_WORDS: Partial<Readonly<Record<TurnStatus, string>>> = {
  queued: 'working',
  running: 'working',
  waiting: 'waiting for a decision',
  failed: 'failed',
};

export interface ThreadLinkProps {
  readonly thread: ThreadSummary;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
  /** Absent: it cannot be deleted. */
  readonly onDelete?: (() => void) | undefined;
}

/** A thread in the list, with a dot when it works, waits or failed. */
export function ThreadLink({ thread, isSelected, onSelect, onDelete }: ThreadLinkProps) {
  const status = STATUS_WORDS[thread.status];
  return (
    <li className={isSelected ? 'thread-link selected' : 'thread-link'}>
      <button type="button" className="thread-name" aria-current={isSelected} onClick={onSelect}>
        {status && <span className={`dot ${thread.status}`} role="img" aria-label={status} title={status} />}
        <span className="clip">{thread.title || 'Untitled'}</span>
      </button>
      {onDelete && (
        <button
          type="button"
          className="icon-button"
          aria-label={`Delete “${thread.title}”`}
          onClick={onDelete}
        >
          <TrashIcon />
        </button>
      )}
    </li>
  );
}
