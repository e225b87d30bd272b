import type { ThreadId } from './inbound.ts';

/** How the bot stands to a thread. */
export interface ThreadState {
  /** It has answered there before. */
  readonly isKnown: boolean;
  /** It speaks only when it is mentioned. */
  readonly isQuiet: boolean;
}

/** Per thread: whether the bot is engaged, and whether it waits for mentions. */
export interface ThreadSwitches {
  of(threadId: ThreadId): Promise<ThreadState>;
  /** False: the thread is not known. */
  setQuiet(threadId: ThreadId, isQuiet: boolean): Promise<boolean>;
}
