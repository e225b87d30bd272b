import type { PreviewTarget } from '../../src/chat/adapter.ts';
import type { ThreadId } from '../../src/chat/inbound.ts';
import type { LiveEvent, Preview } from '../../src/chat/live.ts';

/** What one activation of a turn has shown so far in this process. Adjoining text is one entry, which grows. */
export interface LiveTurn {
  readonly turnId: string;
  readonly entries: readonly LiveEvent[];
}

/** What a listener hears of its thread: new content, or that a preview opened or closed. */
export type Stir = 'content' | 'open' | 'close';

/**
 * The live events of the turns that run in this process, by thread. Readers keep their own place in a
 * turn's entries, so a late one sees everything and a slow one costs nothing.
 */
export interface Hub {
  open(target: PreviewTarget): Preview;
  /** The turn that runs here now. */
  current(threadId: ThreadId): LiveTurn | undefined;
  /** Returns the way to leave. */
  listen(threadId: ThreadId, listener: (stir: Stir) => void): () => void;
}

/** Content beyond this many characters per activation is not previewed; the final reply holds it all. */
const MAX_LIVE_CHARS = 1_000_000;

export function createHub(maxChars = MAX_LIVE_CHARS): Hub {
  const turns = new Map<ThreadId, LiveTurn>();
  const listeners = new Map<ThreadId, Set<(stir: Stir) => void>>();

  function tell(threadId: ThreadId, stir: Stir): void {
    for (const listener of listeners.get(threadId) ?? []) listener(stir);
  }

  function open({ threadId, turnId }: PreviewTarget): Preview {
    const entries: LiveEvent[] = [];
    const turn: LiveTurn = { turnId, entries };
    let roomLeft = maxChars;
    turns.set(threadId, turn);
    tell(threadId, 'open');
    return {
      show(event) {
        roomLeft -= sizeOf(event);
        if (roomLeft < 0 && event.type !== 'restart') return;
        append(entries, event);
        tell(threadId, 'content');
      },
      async close() {
        if (turns.get(threadId) !== turn) return;
        turns.delete(threadId);
        tell(threadId, 'close');
      },
    };
  }

  function listen(threadId: ThreadId, listener: (stir: Stir) => void): () => void {
    const ofThread = listeners.get(threadId) ?? new Set();
    listeners.set(threadId, ofThread.add(listener));
    return () => {
      ofThread.delete(listener);
      if (ofThread.size === 0 && listeners.get(threadId) === ofThread) listeners.delete(threadId);
    };
  }

  return { open, current: (threadId) => turns.get(threadId), listen };
}

function append(entries: LiveEvent[], event: LiveEvent): void {
  const last = entries.at(-1);
  if (event.type === 'text' && last?.type === 'text') {
    entries[entries.length - 1] = { type: 'text', text: last.text + event.text };
  } else if (event.type !== 'reasoning') {
    entries.push(event);
  }
}

function sizeOf(event: LiveEvent): number {
  if (event.type === 'text') return event.text.length;
  if (event.type === 'tool_start') return event.arguments.length;
  if (event.type === 'tool_progress' || event.type === 'status') return event.text.length;
  if (event.type === 'plan') return event.steps.reduce((sum, { text }) => sum + text.length, 0);
  if (event.type === 'tool_end') return event.summary.length;
  return 0;
}
