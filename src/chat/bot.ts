import type { StoredFile } from './files.ts';
import type { Form } from './form.ts';
import type { Author, Inbound, Principal, Received, ThreadId } from './inbound.ts';
import type { ApprovalCard, ApprovalDecision, ConcernCard, Reply } from './reply.ts';

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
  /** Absent while it runs, and where no model was called. */
  readonly usage?: TurnUsage;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly endedAt?: string;
}

/** Tokens of a turn's model calls and their cost. Input includes the vendor's cache, output includes reasoning. */
export interface TurnUsage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
  /** US dollars; null: unknown. */
  readonly costUsd: number | null;
  /** False: it was more than that. */
  readonly costIsWhole: boolean;
}

/** A line of a conversation as people see it. */
export type TranscriptMessage =
  | {
      readonly role: 'user';
      readonly text: string;
      readonly name: string;
      readonly turnId: string;
      readonly at: string;
      /** What came with it. */
      readonly files?: readonly Pick<StoredFile, 'name' | 'mediaType'>[];
    }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly turnId: string;
      readonly at: string;
      /** `answer` for words of the model; otherwise the bot itself speaks. */
      readonly kind: Reply['kind'];
      readonly sources?: Reply['sources'];
      readonly footer?: string;
      readonly code?: string;
      /** What of it needs attention, as it stands now. */
      readonly concern?: ConcernCard;
      readonly mentions?: Reply['mentions'];
      readonly details?: Reply['details'];
      /** With `kind: 'approval'`: the questions, as they stand now. */
      readonly approvals?: readonly ApprovalCard[];
    }
  | {
      readonly role: 'tool';
      readonly turnId: string;
      readonly at: string;
      readonly callId: string;
      readonly tool: string;
      /** As the model asked. */
      readonly arguments: string;
      /** What a person wrote in their place. */
      readonly edited?: { readonly arguments: string; readonly by: string };
      /** `waiting`: it runs only once people approve it. */
      readonly status: 'waiting' | 'running' | 'ok' | 'error';
      readonly text: string;
      /** The whole result is stored under this id; `text` is its head and tail. */
      readonly kept?: { readonly id: string; readonly characters: number };
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

/** What somebody says to an approval, or to what the asker alone can give. */
export interface DecisionInput {
  readonly approvalId: string;
  /**
   * `approve` and `answer`, `deny` and `decline` say the same; a form is answered with its values. `edit` approves
   * other arguments, given as `arguments` or as the `values` of the view's form; `respond` denies with a `message`
   * that becomes the result.
   */
  readonly decision: ApprovalDecision | 'answer' | 'decline';
  readonly by: Author;
  /** What they may do, by name. Absent: the caller answers for the permission. */
  readonly permissions?: ReadonlySet<string>;
  readonly reason?: string;
  /** Of a form, by field. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Of `edit`: all of them, as JSON. */
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** Of `respond`; at most 4,000 characters. Absent: the reason. */
  readonly message?: string;
}

/** What somebody says to something that needs attention. `minutes`: of a snooze, 1 to 43,200. */
export interface AttendInput {
  readonly concernId: string;
  readonly verb: 'acknowledge' | 'snooze' | 'reopen';
  readonly minutes?: number;
  readonly by: Author;
  /** What they may do, by name: whoever may chat may attend. Absent: the caller answers for the permission. */
  readonly permissions?: ReadonlySet<string>;
  /**
   * Whether what is told there is told where this person says it: the thread, or the address that it is posted to
   * while that has no thread yet. Absent: the caller answers for it.
   */
  readonly isHere?: (place: ThreadId) => boolean;
}

/** What came of it. */
export interface Attended {
  /** What tells of it, as it stands now. */
  readonly reply: Reply;
  /** Somebody else had acknowledged it before, which it stays. */
  readonly isOthers: boolean;
}

/** A received message, named by one of its dedupe keys. */
export interface MessageKey {
  readonly threadId: ThreadId;
  readonly dedupeKey: string;
  /** Who wrote it; nobody else's message is meant. */
  readonly by: Author;
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
  /** Whether it is open and this person may approve or answer it. Who asked may deny it in any case. */
  readonly mayDecide: boolean;
  /** Whether this person is the one who asked, whichever of their identities it was. */
  readonly isAsker?: boolean;
  /** What the asker is asked for, while it is open; nobody else gets it. Absent on approvals. */
  readonly question?: AskerQuestion;
  /** The arguments as a form, for whoever may edit them. Absent where a list is read. */
  readonly editing?: Form;
}

/** What only the asker sees, and only they answer. What it says comes from the server: text, never to be trusted. */
export type AskerQuestion =
  /** `url`: a private link; absent while none can be made. The turn goes on by itself when they have signed in. */
  | { readonly type: 'sign_in'; readonly server: string; readonly url?: string }
  | { readonly type: 'form'; readonly server: string; readonly message: string; readonly form: Form }
  /** `host` is shown in full beside the link, which is opened by a person's click and by nothing else. */
  | {
      readonly type: 'link';
      readonly server: string;
      readonly message: string;
      readonly url: string;
      readonly host: string;
    };

/**
 * What adapters may ask of the bot. Messages go through the durable inbox; the rest is answered
 * inside the request, and what it decides is stored before it returns. Every method but `changed`
 * throws `UnavailableError` while the database cannot be reached.
 */
export interface Bot {
  /** Stores a message; resolves once it is safe to acknowledge. Throws `UnavailableError` when it cannot. */
  receive(inbound: Inbound): Promise<Received>;
  /**
   * Undefined when there is no such approval. Throws `ForbiddenError` when this person may not decide,
   * and `InvalidError` when the answer does not fit the question.
   */
  decide(input: DecisionInput): Promise<Decision | undefined>;
  /** Undefined when there is no such approval. */
  approval(id: string, by: Author): Promise<ApprovalView | undefined>;
  /** What all threads wait for, newest first: approvals, and what is asked of this person alone. */
  pendingApprovals(by: Author, limit: number): Promise<readonly ApprovalView[]>;
  /**
   * Stores it, and has the reply that tells of it drawn anew wherever it was posted. The reply's state may be another
   * when somebody was first or it is resolved. Undefined: there is no such concern. Throws `ForbiddenError`, also for
   * what is told elsewhere, and `InvalidError` with a sentence for the person.
   */
  attend(input: AttendInput): Promise<Attended | undefined>;
  /** Asks the thread's running, waiting or queued turns to stop. False: there was nothing to stop. */
  stop(threadId: ThreadId, by: Author): Promise<boolean>;
  /** Forgets the thread everywhere, and only it. False: nothing was known of it. */
  clear(threadId: ThreadId, by: Author): Promise<boolean>;
  /**
   * Its author took a message back: its turn stops, and later turns know nothing of it. False: it was
   * never received, or is forgotten already.
   */
  retract(message: MessageKey): Promise<boolean>;
  /**
   * Its author changed a message. `replaced`: for turns to come, and its own if that has not begun; `open`:
   * its turn is under way and keeps the old words, so say the new ones as a message; `unknown`: as above.
   */
  amend(message: MessageKey & { readonly text: string }): Promise<'replaced' | 'open' | 'unknown'>;
  conversation(threadId: ThreadId): Promise<Conversation | undefined>;
  /** The whole text of a tool result that the conversation shows shortened. Undefined: it has none of this id. */
  keptResult(threadId: ThreadId, id: string): Promise<string | undefined>;
  /** The newest threads that this principal began, on any platform. */
  threads(principal: Principal, limit: number): Promise<readonly ThreadSummary[]>;
  /** The turn that answers a received message, which is another turn once the message steered it. */
  turnOf(received: { readonly threadId: ThreadId; readonly seq: number }): Promise<TurnView | undefined>;
  /** Resolves at the next stored change of the thread, or after `timeoutMs`, or when aborted. */
  changed(threadId: ThreadId, timeoutMs: number, signal?: AbortSignal): Promise<void>;
}
