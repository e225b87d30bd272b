import type { ThreadSummary } from '../api.ts';
import { ThreadLink } from './thread-link.tsx';

export interface OpsChannelProps {
  readonly threads: readonly ThreadSummary[];
  readonly selected: string;
  readonly onSelect: (threadId: string) => void;
  /** Absent: this person may not delete what is everybody's. */
  readonly onDelete?: ((thread: ThreadSummary) => void) | undefined;
}

const SHOWN = 5;

/** What the bot posts by itself: reports and notices, for everybody. The older ones are folded. */
export function OpsChannel({ threads, selected, onSelect, onDelete }: OpsChannelProps) {
  if (threads.length === 0) return null;
  const isSelected = (thread: ThreadSummary) => thread.thread_id === selected;
  const older = threads.slice(SHOWN);
  const link = (thread: ThreadSummary) => (
    <ThreadLink
      key={thread.thread_id}
      thread={thread}
      isSelected={isSelected(thread)}
      onSelect={() => onSelect(thread.thread_id)}
      onDelete={onDelete && (() => onDelete(thread))}
    />
  );
  return (
    <section className="ops-channel" aria-label="Ops channel">
      <h2 className="ops-channel-name"># ops</h2>
      <ul>{threads.slice(0, SHOWN).map(link)}</ul>
      {older.length > 0 && (
        <details open={older.some(isSelected)}>
          <summary>{older.length} older</summary>
          <ul>{older.map(link)}</ul>
        </details>
      )}
    </section>
  );
}
