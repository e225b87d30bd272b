import { useEffect } from 'react';
import type { ApprovalJson } from '../api.ts';
import { activeTurn } from '../thread-state.ts';
import { timeline } from '../timeline.ts';
import { useThread } from '../use-thread.ts';
import { Announcer } from './announcer.tsx';
import type { WhoDecides } from './approval-card.tsx';
import { Composer } from './composer.tsx';
import { EmptyState } from './empty-state.tsx';
import { MenuIcon } from './icons.tsx';
import { MessageLog } from './message-log.tsx';

export interface ThreadViewProps {
  readonly threadId: string;
  readonly title: string;
  /** The reader's name. */
  readonly reader: string;
  /** Made on this page: the server does not know it yet. */
  readonly isFresh: boolean;
  readonly whoDecides: (card: ApprovalJson) => WhoDecides;
  readonly onMenu: () => void;
  readonly onChange: () => void;
  readonly onSignedOut: () => void;
}

/** One conversation: what was said, what happens now, and the place to write. */
export function ThreadView(props: ThreadViewProps) {
  const { threadId, title, reader, isFresh, whoDecides, onMenu, onChange, onSignedOut } = props;
  const [state, { send, stop, decide }] = useThread(threadId, isFresh, { onChange, onSignedOut });
  const activeTurnId = activeTurn(state);
  const busy = activeTurnId !== undefined;
  const entries = timeline({ ...state, activeTurnId });
  const isEmpty = state.isLoaded && entries.length === 0 && state.outgoing.length === 0;

  useEffect(() => {
    if (!busy) return;
    const stopOnEscape = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !document.querySelector('dialog[open]')) void stop();
    };
    addEventListener('keydown', stopOnEscape);
    return () => removeEventListener('keydown', stopOnEscape);
  }, [busy, stop]);

  return (
    <main className="thread">
      <header className="thread-header">
        <button type="button" className="icon-button menu-button" aria-label="Conversations" onClick={onMenu}>
          <MenuIcon />
        </button>
        <h1 className="clip">{title}</h1>
      </header>
      {state.connection === 'lost' && (
        <p className="banner" role="status">
          Connection lost. Trying to get it back; nothing that you sent is lost.
        </p>
      )}
      {isEmpty ? (
        <EmptyState onAsk={send} />
      ) : (
        <MessageLog
          threadId={threadId}
          reader={reader}
          entries={entries}
          outgoing={state.outgoing}
          isBusy={busy}
          doing={state.live?.doing}
          whoDecides={whoDecides}
          onDecide={decide}
          onResend={send}
        />
      )}
      <Composer isBusy={busy} onSend={send} onStop={stop} />
      <Announcer isBusy={busy} messages={state.messages} />
    </main>
  );
}
