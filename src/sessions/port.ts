import type { Exchange } from '../agent/budget.ts';
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
   * The newest checkpoints up to `head`, oldest first, whole ones only: as many as it takes to hold
   * `maxTokens`, or all. Undefined when the store lacks a part of that chain.
   */
  load(threadId: ThreadId, head: string, maxTokens: number): Promise<readonly Checkpoint[] | undefined>;
  append(threadId: ThreadId, checkpoint: Checkpoint, ttlMs: number): Promise<void>;
  /** Forgets this thread, and only it. */
  clear(threadId: ThreadId): Promise<void>;
}

/** A copy that may be lost or fall behind, and is then written anew. */
export interface CopyStore extends SessionStore {
  /** In one step: forgets what it has of this thread and keeps these instead. */
  replace(threadId: ThreadId, checkpoints: readonly Checkpoint[], ttlMs: number): Promise<void>;
}

export interface LoadLimits {
  readonly maxTokens: number;
  /** For copies that are written anew because they were stale. */
  readonly ttlMs: number;
  /** The checkpoint that stands for the asking turn itself while it waited. */
  readonly without?: string;
}

/** What the bot remembers of threads. */
export interface Sessions {
  /**
   * The conversation up to `head`, oldest first: at least its newest `maxTokens`. A conversation that
   * no store has whole is forgotten, with a warning in the log.
   */
  load(threadId: ThreadId, head: string, limits: LoadLimits): Promise<readonly Exchange[]>;
  /** The durable copy was stored with the turn; this brings the faster copies up to date. Never throws. */
  appended(threadId: ThreadId, checkpoint: Checkpoint, ttlMs: number): Promise<void>;
  /**
   * Drops the faster copies. Throws when Redis does not answer in time: its copy is never used again
   * then, and ends with its time limit.
   */
  clear(threadId: ThreadId): Promise<void>;
  /** True while Redis answers; undefined without one. */
  fastIsUp(): boolean | undefined;
}
