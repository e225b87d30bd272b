import type { Charge, Spent } from '../agent/cost.ts';
import type { FileRef } from '../agent/files.ts';
import type { TurnImages } from '../agent/images.ts';
import type { JsonObject } from '../agent/json.ts';
import type { KeptResult } from '../agent/keep.ts';
import type { Step } from '../agent/steps.ts';
import type { Effect, Need } from '../agent/tool.ts';
import type { MessageRef } from '../chat/adapter.ts';
import type { MessageKey, ThreadSummary, TurnStatus } from '../chat/bot.ts';
import type { Author, Principal, ThreadId } from '../chat/inbound.ts';
import type { ApprovalDecision, ApprovalState, Reply } from '../chat/reply.ts';
import type { LeaseKey } from '../inbox/port.ts';
import type { Trace } from '../middleware/port.ts';
import type { Checkpoint } from '../sessions/port.ts';

/** A stored question to people, or to the asker alone, about one exact tool call. */
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
  /** What the call needs of the asker. Absent: the question is whether it may run. */
  readonly need?: Need;
  /** What a form was filled in with; kept only until the turn ends. */
  readonly content?: JsonObject;
  readonly deciders: Deciders;
  /** What may be said to whether a call may run. Absent: yes and no. */
  readonly allows?: readonly ApprovalDecision[];
  /** JSON Schemas that other arguments must fit, the tool's own first; only where they may be edited. */
  readonly schemas?: readonly JsonObject[];
  readonly state: ApprovalState;
  readonly decidedBy?: Author;
  readonly reason?: string;
  /** What was approved in place of `arguments`, and its digest: this and nothing else may run. */
  readonly edited?: Edited;
  /** What somebody wrote in place of a result; the call is denied with it. */
  readonly response?: string;
  readonly spent: boolean;
  readonly expiresAt: Date;
}

/** Arguments that somebody wrote in place of those that were asked about. */
export interface Edited {
  readonly arguments: JsonObject;
  readonly digest: string;
}

/** Who may decide an approval: fixed when it is asked, checked when it is decided. */
export interface Deciders {
  /** The permission that they must hold. */
  readonly permission: string;
  /** These alone. Absent: whoever holds the permission. */
  readonly only?: readonly Principal[];
  /** Never these, who asked or stand behind who asked; they may still deny. */
  readonly never?: readonly Principal[];
}

/** What one model used in a call, to be charged to whoever asked. */
export interface UsageRecord extends Charge {
  readonly principal: Principal;
  readonly durationMs: number;
}

/** A model call that failed for good, also where another model answered in its place. */
export interface ModelFailure {
  readonly model: string;
  /** A `ProviderErrorKind`. */
  readonly kind: string;
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
  readonly charges?: readonly UsageRecord[];
  readonly audit?: readonly AuditRecord[];
  /** The whole of a result that one of `steps` holds head and tail of. */
  readonly kept?: KeptResult;
  /** The approval that a begun step spends: approved, unspent, not expired, of this digest. */
  readonly spend?: { readonly approvalId: string; readonly digest: string };
  /** The spent approval that becomes usable again, because its run ended without a result. */
  readonly restore?: string;
  /** What the turn's layers keep with it; absent: unchanged. */
  readonly state?: JsonObject;
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
  readonly charges?: readonly UsageRecord[];
  /** Model calls of this activation that failed. */
  readonly failures?: readonly ModelFailure[];
  /** What the whole turn has used so far; absent: unchanged. */
  readonly spent?: Spent;
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
  /** What the turn's layers keep with it; absent: unchanged. */
  readonly layers?: JsonObject;
  /** How they ran in this activation. */
  readonly trace?: Trace;
  /** The event is dead: it was tried too often. */
  readonly deadLetter?: string;
}

/** What became of the thread with the end of an activation. */
export interface Settled {
  /** It was let go of in the same transaction. */
  readonly released: boolean;
  /** False: the thread was cleared meanwhile, and nothing of the turn was kept. */
  readonly isKept: boolean;
  /** The message was taken back meanwhile: the checkpoint is there, and empty. */
  readonly isRetracted: boolean;
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
  /** What came with the question. */
  readonly files?: readonly FileRef[];
  readonly reply?: Reply;
  /** Absent while it runs, and where no model was called. */
  readonly spent?: Spent;
  readonly createdAt: Date;
  readonly endedAt?: Date;
  readonly steps: readonly { readonly step: Step; readonly storedAt: Date }[];
  readonly approvals: readonly Approval[];
}

/** Where people sign in to servers with accounts of their own. */
export interface SignIns {
  /**
   * A private link to sign in to a server, for the account that `asker` will use; only `opener` can open
   * it. Undefined: nobody can sign in there now.
   */
  link(
    serverId: string,
    people: { readonly asker: Principal; readonly opener: Principal },
  ): Promise<string | undefined>;
}

/** Turns as the bot writes and reads them. Every write throws `LeaseLostError` once the lease is lost. */
export interface TurnStore {
  /** What earlier activations did. */
  load(turnId: string): Promise<{
    readonly steps: readonly Step[];
    readonly approvals: readonly Approval[];
    readonly images: TurnImages;
    /** What the turn's layers keep with it. */
    readonly state: JsonObject;
  }>;
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

  /** A result of the thread's present conversation that was too long to be given whole. Undefined: there is none of this id. */
  kept(threadId: ThreadId, id: string): Promise<KeptResult | undefined>;
  /** Files of the thread's present conversation, as base64 by their ids. */
  files(threadId: ThreadId, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The turn that a received event belongs to. Undefined once the thread was cleared. */
  turnOf(event: { readonly threadId: ThreadId; readonly seq: number }): Promise<StoredTurn | undefined>;
  /** The newest turns of the conversation, oldest first, with their steps. Undefined for an unknown thread. */
  history(threadId: ThreadId, limit: number): Promise<readonly StoredTurn[] | undefined>;
  threads(principal: Principal, limit: number): Promise<readonly ThreadSummary[]>;
  approval(id: string): Promise<Approval | undefined>;
  /**
   * Pending approvals whose time is not over, newest first; what only the asker can give just where one
   * of `own` asked.
   */
  pending(
    now: Date,
    who: { readonly own: ReadonlySet<Principal>; readonly limit: number },
  ): Promise<readonly Approval[]>;
  /** Stores the decision and the event that resumes the turn. False: it was no longer pending. */
  decide(input: {
    readonly approvalId: string;
    readonly state: 'approved' | 'denied' | 'expired';
    readonly by: Author;
    readonly reason?: string;
    readonly content?: JsonObject;
    /** `changed`: the names of the arguments that are others than before. */
    readonly edited?: Edited & { readonly changed: readonly string[] };
    readonly response?: string;
    readonly now: Date;
  }): Promise<boolean>;
  /** Pending sign-ins to this server that this principal was asked for, in all threads. */
  signInsOf(serverId: string, asker: Principal): Promise<readonly Approval[]>;
  /** Pending approvals whose time is over. */
  expired(now: Date, limit: number): Promise<readonly string[]>;
  /** Marks the thread's open turns to stop and wakes those that wait. The number of them. */
  stop(threadId: ThreadId, by: Author): Promise<number>;
  /** Takes a message back, with the turn that it belongs to. False: there is none of this author. */
  retract(message: MessageKey): Promise<boolean>;
  /** Replaces a message's words, unless its turn is under way. */
  amend(message: MessageKey & { readonly text: string }): Promise<'replaced' | 'open' | 'unknown'>;
  /** Forgets the thread. False: nothing was known. */
  clear(threadId: ThreadId, by: Author): Promise<boolean>;
}
