import type { JsonObject } from '../agent/json.ts';
import type { Usage } from '../agent/provider.ts';
import type { Step } from '../agent/steps.ts';
import type { Effect } from '../agent/tool.ts';
import type { MessageRef } from '../chat/adapter.ts';
import type { ThreadSummary, TurnStatus } from '../chat/bot.ts';
import type { Author, Principal, ThreadId } from '../chat/inbound.ts';
import type { ApprovalState, Reply } from '../chat/reply.ts';
import type { LeaseKey } from '../inbox/port.ts';
import type { Checkpoint } from '../sessions/port.ts';

/** A stored question to people about one exact tool call. */
export interface Approval {
  readonly id: string;
  readonly turnId: string;
  readonly threadId: ThreadId;
  readonly callId: string;
  readonly tool: string;
  readonly effect: Effect;
  readonly arguments: JsonObject;
  /** Over the tool's name and the canonical arguments. */
  readonly digest: string;
  readonly note?: string;
  readonly askedBy: Author;
  /** A digest of the tool's definition and effect when it was asked; a changed tool is asked about again. */
  readonly policyVersion: string;
  readonly state: ApprovalState;
  readonly decidedBy?: Author;
  readonly reason?: string;
  readonly spent: boolean;
  readonly expiresAt: Date;
}

/** Tokens of one model call, to be charged to whoever asked. */
export interface UsageRecord {
  readonly principal: Principal;
  readonly model: string;
  readonly usage: Usage;
  readonly durationMs: number;
}

/** One line of the audit log: who did what to what. Never message text, arguments or secrets. */
export interface AuditRecord {
  readonly actor: Principal;
  readonly action: string;
  readonly target: string;
  readonly detail?: JsonObject;
}

/** What is written when a step ends, all or nothing. */
export interface StepWrite {
  readonly turnId: string;
  /** The place of the first of `steps` in the turn, counted from 0. */
  readonly at: number;
  readonly steps: readonly Step[];
  readonly usage?: UsageRecord;
  readonly audit?: readonly AuditRecord[];
  /** The approval that a begun step spends: approved, unspent, not expired, of this digest. */
  readonly spend?: { readonly approvalId: string; readonly digest: string };
}

/** The end of an activation, all or nothing. */
export interface Settlement {
  readonly turnId: string;
  readonly platform: string;
  readonly generation: number;
  readonly state: Exclude<TurnStatus, 'queued' | 'running'>;
  readonly seq: number;
  readonly seen: number;
  readonly at: number;
  readonly steps: readonly Step[];
  readonly usage?: UsageRecord;
  readonly audit?: readonly AuditRecord[];
  /** New questions. One about the same call that is still pending is cancelled: it asked about something else. */
  readonly approvals: readonly Approval[];
  /** Absent: nothing new to say (other questions of the turn are still open). */
  readonly reply?: Reply;
  /** True when the platform must be told through the outbox; false where it reads stored replies. */
  readonly post: boolean;
  readonly ordinal: number;
  readonly edits?: MessageRef;
  readonly checkpoint?: Checkpoint;
  readonly model: string;
  readonly workMs: number;
  /** The event is dead: it was tried too often. */
  readonly deadLetter?: string;
}

/** What became of the thread with the end of an activation. */
export interface Settled {
  /** It was let go of in the same transaction. */
  readonly released: boolean;
  /** False: the thread was cleared meanwhile, and nothing of the turn was kept. */
  readonly isKept: boolean;
}

/** What the fence tells after a write. */
export interface Fenced {
  /** The newest event's number: above the last one looked at, somebody wrote in the thread. */
  readonly seen: number;
  readonly stopRequestedBy?: string;
}

/** An approval could not be spent: it was used, changed or has expired meanwhile. */
export class ApprovalSpentError extends Error {
  override readonly name = 'ApprovalSpentError';
}

/** A turn as stored, for showing it. */
export interface StoredTurn {
  readonly id: string;
  readonly threadId: ThreadId;
  readonly state: TurnStatus;
  readonly asker: Author;
  readonly question: string;
  readonly reply?: Reply;
  readonly createdAt: Date;
  readonly endedAt?: Date;
  readonly steps: readonly { readonly step: Step; readonly storedAt: Date }[];
  readonly approvals: readonly Approval[];
}

/** Turns as the bot writes and reads them. Every write throws `LeaseLostError` once the lease is lost. */
export interface TurnStore {
  /** What earlier activations did. */
  load(turnId: string): Promise<{ readonly steps: readonly Step[]; readonly approvals: readonly Approval[] }>;
  /** Throws `ApprovalSpentError` when `spend` cannot be spent; nothing is written then. */
  write(lease: LeaseKey, write: StepWrite): Promise<Fenced>;
  /** Stores the asker's pending messages as steps of the running turn. */
  steer(
    lease: LeaseKey,
    turn: {
      readonly turnId: string;
      readonly asker: Principal;
      readonly at: number;
      readonly named: boolean;
    },
  ): Promise<{ readonly steps: readonly Step[]; readonly seen: number }>;
  /** Ends the activation. */
  settle(lease: LeaseKey, settlement: Settlement): Promise<Settled>;
  /** Stores the id of the message that carries the preview. */
  remember(lease: LeaseKey, turnId: string, ref: MessageRef): Promise<void>;

  /** The turn that a received event belongs to. Undefined once the thread was cleared. */
  turnOf(event: { readonly threadId: ThreadId; readonly seq: number }): Promise<StoredTurn | undefined>;
  /** The newest turns of the conversation, oldest first, with their steps. Undefined for an unknown thread. */
  history(threadId: ThreadId, limit: number): Promise<readonly StoredTurn[] | undefined>;
  threads(principal: Principal, limit: number): Promise<readonly ThreadSummary[]>;
  approval(id: string): Promise<Approval | undefined>;
  /** Pending approvals whose time is not over, newest first. */
  pending(now: Date, limit: number): Promise<readonly Approval[]>;
  /** Stores the decision and the event that resumes the turn. False: it was no longer pending. */
  decide(input: {
    readonly approvalId: string;
    readonly state: 'approved' | 'denied' | 'expired';
    readonly by: Author;
    readonly reason?: string;
    readonly now: Date;
  }): Promise<boolean>;
  /** Pending approvals whose time is over. */
  expired(now: Date, limit: number): Promise<readonly string[]>;
  /** Marks the thread's open turns to stop and wakes those that wait. The number of them. */
  stop(threadId: ThreadId, by: Author): Promise<number>;
  /** Forgets the thread. False: nothing was known. */
  clear(threadId: ThreadId, by: Author): Promise<boolean>;
}
