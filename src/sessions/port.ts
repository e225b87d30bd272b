import type { Message } from '../agent/messages.ts';
import type { ThreadId } from '../chat/inbound.ts';

/** What one turn added to a conversation. Checkpoints of a thread form a chain by `prev`; its end is the thread's head. */
export interface Checkpoint {
  readonly id: string;
  /** The checkpoint before it; absent for the first of a conversation. */
  readonly prev?: string;
  /** An earlier checkpoint of the same turn, written while it waited for people; this one takes its place. */
  readonly replaces?: string;
  /** Estimated tokens of `messages`. */
  readonly tokens: number;
  readonly messages: readonly Message[];
}

/** Where conversations are kept. PostgreSQL has everything; Redis has a copy that may be stale. */
export interface SessionStore {
  /**
   * The newest checkpoints up to `head`, oldest first, at most `maxTokens` of them. Undefined when the
   * store does not have the whole chain from `head` down to the first one or to the limit.
   */
  load(threadId: ThreadId, head: string, maxTokens: number): Promise<readonly Checkpoint[] | undefined>;
  append(threadId: ThreadId, checkpoint: Checkpoint, ttlMs: number): Promise<void>;
  /** Forgets this thread, and only it. */
  clear(threadId: ThreadId): Promise<void>;
}
