import { useCallback, useEffect, useMemo, useReducer, useRef } from 'react';
import {
  type Answer,
  ApiError,
  type ApprovalJson,
  followThread,
  readThread,
  sendMessage,
  stopThread,
} from './api.ts';
import type { Attached } from './attached.ts';
import { coalesce } from './coalesce.ts';
import { type Decided, tryToDecide } from './decide.ts';
import { newId } from './new-id.ts';
import { EMPTY_THREAD, type ThreadState, threadReducer } from './thread-state.ts';
import { useVisible } from './use-visible.ts';

export interface ThreadActions {
  readonly send: (text: string, files?: readonly Attached[], key?: string) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Says what somebody decided or answered; never throws. */
  readonly decide: (card: ApprovalJson, answer: Answer) => Promise<Decided>;
}

export interface ThreadCallbacks {
  /** Something happened that the list of threads shows too. */
  readonly onChange: () => void;
  readonly onSignedOut: () => void;
}

const SEND_TRIES = 4;

/**
 * Reads a thread and follows it while the page is visible, through lost connections and reloads. One
 * that is `isFresh`, made on this page, is not asked for before something was said in it.
 */
export function useThread(
  threadId: string,
  isFresh: boolean,
  callbacks: ThreadCallbacks,
): readonly [ThreadState, ThreadActions] {
  const [state, dispatch] = useReducer(threadReducer, EMPTY_THREAD);
  const isVisible = useVisible();
  const skipsRead = useRef(isFresh);
  const latest = useRef(callbacks);
  useEffect(() => {
    latest.current = callbacks;
  });

  const refresh = useMemo(
    () =>
      coalesce(async () => {
        if (skipsRead.current) {
          skipsRead.current = false;
          return dispatch({ type: 'read', conversation: null });
        }
        dispatch({ type: 'read', conversation: await readThread(threadId) });
        latest.current.onChange();
      }),
    [threadId],
  );

  useEffect(() => {
    if (!isVisible) return;
    const leaving = new AbortController();
    void stayConnected(leaving.signal);
    return () => leaving.abort();

    async function stayConnected(signal: AbortSignal): Promise<void> {
      for (let tries = 0; !signal.aborted; tries++) {
        try {
          await follow(signal, () => {
            tries = 0;
          });
        } catch (error) {
          if (error instanceof ApiError && error.status === 401) return latest.current.onSignedOut();
        }
        if (signal.aborted) return;
        dispatch({ type: 'lost' });
        await pause(Math.min(500 * 2 ** tries, 8_000), signal);
      }
    }

    async function follow(signal: AbortSignal, onOpen: () => void): Promise<void> {
      const opened = () => {
        onOpen();
        dispatch({ type: 'opened' });
        void refresh().catch(() => undefined);
      };
      for await (const event of followThread(threadId, signal, opened)) {
        dispatch({ type: 'event', event });
        const isStored = ['turn', 'approval', 'restated', 'final'].includes(event.event);
        if (isStored) void refresh().catch(() => undefined);
      }
    }
  }, [threadId, isVisible, refresh]);

  const send = useCallback(
    async (text: string, files: readonly Attached[] = [], key: string = newId()) => {
      dispatch({ type: 'sending', key, text, files });
      try {
        skipsRead.current = false;
        // From now on the server may know of it, whatever becomes of this page.
        if (isFresh) latest.current.onChange();
        await sendPatiently({ threadId, message: text, files, key });
        await refresh().catch(() => undefined);
        dispatch({ type: 'sent', key });
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) latest.current.onSignedOut();
        const sentence = error instanceof ApiError ? error.message : 'The bot cannot be reached.';
        dispatch({ type: 'unsent', key, error: sentence });
      }
    },
    [threadId, isFresh, refresh],
  );

  const stop = useCallback(async () => {
    await stopThread(threadId).catch(() => undefined);
  }, [threadId]);

  const answer = useCallback<ThreadActions['decide']>(async (card, said) => {
    const decided = await tryToDecide(card.id, said);
    if (decided.approval) dispatch({ type: 'decided', approval: decided.approval });
    return decided;
  }, []);

  return [state, { send, stop, decide: answer }];
}

/** Tries again with the same key when the connection or the server fails; the message is stored once. */
async function sendPatiently(input: Parameters<typeof sendMessage>[0]): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await sendMessage(input);
    } catch (error) {
      const mayPass = !(error instanceof ApiError) || error.status === 503;
      if (!mayPass || tries === SEND_TRIES) throw error;
      await pause(400 * 2 ** tries);
    }
  }
}

/** Ends early when the signal aborts or the network comes back. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener('online', end);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener('online', end);
    signal?.addEventListener('abort', end);
  });
}
