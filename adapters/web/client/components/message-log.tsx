import { useEffect } from 'react';
import type { ApprovalJson } from '../api.ts';
import type { Outgoing } from '../thread-state.ts';
import type { Entry } from '../timeline.ts';
import { useStickyEnd } from '../use-sticky-end.ts';
import type { ThreadActions } from '../use-thread.ts';
import type { WhoDecides } from './approval-card.tsx';
import { AssistantMessage } from './assistant-message.tsx';
import { DownIcon } from './icons.tsx';
import { Markdown } from './markdown.tsx';
import { PlanView } from './plan-view.tsx';
import { ToolRow } from './tool-row.tsx';
import { OutgoingMessage, UserMessage } from './user-message.tsx';
import { WorkingDots } from './working-dots.tsx';

export interface MessageLogProps {
  readonly threadId: string;
  /** The reader's name. */
  readonly reader: string;
  readonly entries: readonly Entry[];
  readonly outgoing: readonly Outgoing[];
  readonly isBusy: boolean;
  /** What the bot is busy with, where it says so. */
  readonly doing: string | undefined;
  readonly whoDecides: (card: ApprovalJson) => WhoDecides;
  readonly onDecide: ThreadActions['decide'];
  readonly onResend: ThreadActions['send'];
}

/** The conversation, which stays at its end while the reader is there. */
export function MessageLog(props: MessageLogProps) {
  const { threadId, reader, entries, outgoing, isBusy, doing, whoDecides, onDecide, onResend } = props;
  const { frame, content, isAtEnd, noteScroll, goToEnd } = useStickyEnd(isToBeRead(entries, reader));
  useEffect(() => {
    if (outgoing.length > 0) goToEnd();
  }, [outgoing.length, goToEnd]);

  const last = entries.at(-1);
  const isStreaming = last?.kind === 'streaming' || (last?.kind === 'tool' && last.tool.status === 'running');

  return (
    <div className="log-frame">
      <section
        ref={frame}
        className="log"
        aria-label="Conversation"
        aria-busy={isBusy}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        onScroll={noteScroll}
      >
        <div ref={content} className="log-column">
          {entries.map((entry) => (
            <LogEntry
              key={entry.key}
              entry={entry}
              threadId={threadId}
              reader={reader}
              whoDecides={whoDecides}
              onDecide={onDecide}
            />
          ))}
          {outgoing.map((message) => (
            <OutgoingMessage key={message.key} message={message} onResend={onResend} />
          ))}
          {isBusy && !isStreaming && <WorkingDots doing={doing} />}
        </div>
      </section>
      {!isAtEnd && (
        <button
          type="button"
          className="button round to-end"
          aria-label="Go to the newest message"
          onClick={goToEnd}
        >
          <DownIcon />
        </button>
      )}
    </div>
  );
}

/** A report or an alert to which the reader has said nothing is read from its beginning. */
function isToBeRead(entries: readonly Entry[], reader: string): boolean {
  return (
    entries[0]?.kind === 'assistant' &&
    entries.every((entry) => entry.kind !== 'user' || entry.name !== reader)
  );
}

type LogEntryProps = Pick<MessageLogProps, 'threadId' | 'reader' | 'whoDecides' | 'onDecide'> & {
  readonly entry: Entry;
};

function LogEntry({ entry, threadId, reader, whoDecides, onDecide }: LogEntryProps) {
  switch (entry.kind) {
    case 'user': {
      const by = entry.name === reader ? undefined : entry.name;
      return <UserMessage text={entry.text} files={entry.files} by={by} />;
    }
    case 'assistant':
      return <AssistantMessage message={entry.message} whoDecides={whoDecides} onDecide={onDecide} />;
    case 'tool':
      return <ToolRow tool={entry.tool} threadId={threadId} />;
    case 'plan':
      return <PlanView steps={entry.steps} isOver={entry.isOver} />;
    case 'streaming':
      return (
        <article className="assistant streaming">
          <Markdown text={entry.text} />
        </article>
      );
    default:
      return entry satisfies never;
  }
}
