import type { Author, Inbound, Principal, Received, ThreadId } from './inbound.ts';
import type { ApprovalCard, Reply } from './reply.ts';

/** How a turn stands. */
export type TurnStatus = 'queued' | 'running' | 'waiting' | 'done' | 'failed' | 'stopped';

/** A turn as people see it. */
export interface TurnView {
  readonly id: string;
  readonly threadId: ThreadId;
  readonly status: TurnStatus;
  /** Set when the turn ended; while it waits, the reply that carries the questions. */
  readonly reply?: Reply;
  readonly approvals: readonly ApprovalCard[];
  /** ISO 8601. */
  readonly createdAt: string;
  readonly endedAt?: string;
}

/** A line of a conversation as people see it. */
export type TranscriptMessage =
  | {
      readonly role: 'user';
      readonly text: string;
      readonly name: string;
      readonly turnId: string;
      readonly at: string;
    }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly turnId: string;
      readonly at: string;
      /** `answer` for words of the model; otherwise the bot itself speaks. */
      readonly kind: Reply['kind'];
      readonly footer?: string;
      readonly code?: string;
      /** With `kind: 'approval'`: the questions, as they stand now. */
      readonly approvals?: readonly ApprovalCard[];
    }
  | {
      readonly role: 'tool';
      readonly turnId: string;
      readonly at: string;
      readonly callId: string;
      readonly tool: string;
      readonly arguments: string;
      /** `waiting`: it runs only once people approve it. */
      readonly status: 'waiting' | 'running' | 'ok' | 'error';
      readonly text: string;
      readonly durationMs?: number;
    };

/** A conversation as people see it: oldest message first. */
export interface Conversation {
  readonly threadId: ThreadId;
  readonly messages: readonly TranscriptMessage[];
  /** The turns that the messages belong to, oldest first. */
  readonly turns: readonly TurnView[];
}

/** A thread in a person's list. */
export interface ThreadSummary {
  readonly threadId: ThreadId;
  /** The first words of its first message. */
  readonly title: string;
  readonly status: TurnStatus;
  readonly updatedAt: string;
}

/** What came of a decision. `decided` false: somebody else was first, or it expired; see `approval`. */
export interface Decision {
  readonly decided: boolean;
  readonly threadId: ThreadId;
  readonly turnId: string;
  readonly approval: ApprovalCard;
}

/** An approval, looked at by somebody who decides about such things. */
export interface ApprovalView {
  readonly threadId: ThreadId;
  readonly turnId: string;
  readonly approval: ApprovalCard;
  /** Whether it is open and this person may approve it. Who asked may deny it in any case. */
  readonly mayDecide: boolean;
}

/**
 * What adapters may ask of the bot. Messages go through the durable inbox; the rest is answered
 * inside the request, and what it decides is stored before it returns. Every method but `changed`
 * throws `UnavailableError` while the database cannot be reached.
 */
export interface Bot {
  /** Stores a message; resolves once it is safe to acknowledge. Throws `UnavailableError` when it cannot. */
  receive(inbound: Inbound): Promise<Received>;
  /** Undefined when there is no such approval. Throws `ForbiddenError` when this person may not decide. */
  decide(input: {
    readonly approvalId: string;
    readonly decision: 'approve' | 'deny';
    readonly by: Author;
    readonly reason?: string;
  }): Promise<Decision | undefined>;
  /** Undefined when there is no such approval. */
  approval(id: string, by: Author): Promise<ApprovalView | undefined>;
  /** The approvals of all threads that wait for a decision, newest first. */
  pendingApprovals(by: Author, limit: number): Promise<readonly ApprovalView[]>;
  /** Asks the thread's running, waiting or queued turns to stop. False: there was nothing to stop. */
  stop(threadId: ThreadId, by: Author): Promise<boolean>;
  /** Forgets the thread everywhere, and only it. False: nothing was known of it. */
  clear(threadId: ThreadId, by: Author): Promise<boolean>;
  conversation(threadId: ThreadId): Promise<Conversation | undefined>;
  /** The newest threads that this principal began, on any platform. */
  threads(principal: Principal, limit: number): Promise<readonly ThreadSummary[]>;
  /** The turn that answers a received message, which is another turn once the message steered it. */
  turnOf(received: { readonly threadId: ThreadId; readonly seq: number }): Promise<TurnView | undefined>;
  /** Resolves at the next stored change of the thread, or after `timeoutMs`, or when aborted. */
  changed(threadId: ThreadId, timeoutMs: number, signal?: AbortSignal): Promise<void>;
}
