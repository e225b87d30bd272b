import type { MessageRef, Post } from '../chat/adapter.ts';
import type { StoredFile } from '../chat/files.ts';
import type { Author, Inbound, Principal, Received, ThreadId } from '../chat/inbound.ts';
import type { ConcernState, Reply } from '../chat/reply.ts';

/** A claim on a thread's inbox. Every write of the turn is fenced by `owner` and `epoch`. */
export interface LeaseKey {
  readonly threadId: ThreadId;
  /** The process that holds it. */
  readonly owner: string;
  /** Grows with every claim of the thread. */
  readonly epoch: number;
}

/** The turn of a claimed event, as stored. */
export interface TurnRow {
  readonly id: string;
  readonly generation: number;
  readonly asker: Author;
  readonly question: string;
  /** What the question stands in; nothing that the asker said. */
  readonly context?: string;
  /** What came with the question. */
  readonly files?: readonly StoredFile[];
  /** See `Inbound`. */
  readonly isUnattended?: boolean;
  readonly readsOnly?: true;
  readonly tools?: readonly string[];
  /** How often it has been activated, this time included. */
  readonly activations: number;
  /** Work of earlier activations, waits for people not counted. */
  readonly workMs: number;
  readonly stopRequestedBy?: string;
  readonly previewRef?: MessageRef;
  /** Replies stored so far; the next one's ordinal. */
  readonly replies: number;
  /** The checkpoint that stands for this turn while it waits. */
  readonly checkpointId?: string;
  readonly createdAt: Date;
}

/** One event of a claimed thread, ready to be handled. */
export interface Work {
  readonly lease: LeaseKey;
  readonly platform: string;
  readonly seq: number;
  readonly type: 'message' | 'resume';
  /** Counts this attempt. */
  readonly attempts: number;
  /** Absent when the turn has ended or is gone: there is nothing left to do for the event. */
  readonly turn?: TurnRow;
  /** The newest event's number when the inbox was looked at. */
  readonly seen: number;
  /** More events of the thread were waiting then. */
  readonly othersWait: boolean;
  readonly head?: string;
  readonly headAt?: Date;
  readonly configVersion: number;
  readonly traceparent?: string;
}

/** A claimed thread. `work` is absent when there was nothing to do in it. */
export interface Claimed {
  readonly lease: LeaseKey;
  readonly seen: number;
  readonly work?: Work;
}

/** A lease that is still held after a heartbeat. */
export interface Renewed {
  readonly threadId: ThreadId;
  readonly epoch: number;
  /** The thread's running turn, where somebody asked it to stop. */
  readonly stop?: { readonly turnId: string; readonly by: string };
}

/** What became of an inbound message, and the thread if it was taken with it. */
export interface Stored extends Received {
  readonly claimed?: Claimed;
}

/** The durable inbox, as the worker uses it. All times are the database's own. */
export interface InboxStore {
  /**
   * One transaction: stores the event under its dedupe keys with a queued turn, and wakes the thread.
   * Throws `BusyError` when more than `maxPending` events of the thread wait.
   */
  receive(
    inbound: Inbound,
    turnId: string,
    options: {
      readonly maxPending: number;
      /** Takes the thread in the same transaction if it is idle. Absent: the other processes are woken. */
      readonly claim?: { readonly owner: string; readonly leaseMs: number };
    },
  ): Promise<Stored>;
  /** Takes a thread that is ready (that one, or the one waiting longest) and its first event. */
  claim(
    owner: string,
    options: { readonly leaseMs: number; readonly threadId?: ThreadId },
  ): Promise<Claimed | undefined>;
  /** The next pending event of a thread already held. `lost` when it is no longer held. */
  next(lease: LeaseKey): Promise<Claimed | 'lost'>;
  /** Extends all given leases; those missing from the answer are lost. */
  renew(owner: string, leases: readonly LeaseKey[], leaseMs: number): Promise<readonly Renewed[]>;
  /** Lets go of a thread unless an event came after `seen`. False: something came, look again. */
  release(lease: LeaseKey, seen: number): Promise<boolean>;
  /** Lets go of a thread whose first event is to be tried again, at once or after a delay. */
  handOver(lease: LeaseKey, options: { readonly delayMs: number; readonly error?: string }): Promise<void>;
  /** The event needs no turn any more. */
  drop(lease: LeaseKey, seq: number): Promise<void>;
  /** How many events wait, and for how long the oldest has. */
  depth(): Promise<{ readonly pending: number; readonly oldestMs: number }>;
  /** Clears every lease. Only where this process is known to be the only one. */
  clearLeases(): Promise<void>;
}

/** A reply claimed for sending. */
export interface Outgoing {
  readonly id: string;
  readonly platform: string;
  readonly post: Post;
  /** The preview's message, to be replaced by the reply. */
  readonly edits?: MessageRef;
  /** Counts this attempt; what an attempt reports counts only while no later one was begun. */
  readonly attempts: number;
  /** Since it was stored. */
  readonly ageMs: number;
  /** An earlier attempt may have created the message: nobody has seen its outcome. */
  readonly unsure: boolean;
  /** It is the first message of a thread that has no id before it is posted; `post.threadId` names its channel. */
  readonly opensThread: boolean;
  /** It replaces what a message says, and is nothing where that message is gone: it is never posted. */
  readonly restates: boolean;
}

/** The outbox: per thread in order, each reply under its own lease. */
export interface OutboxStore {
  /** The oldest unsent reply of a thread on one of these platforms; from now on its outcome is unsure. */
  claim(
    owner: string,
    options: { readonly leaseMs: number; readonly platforms: readonly string[] },
  ): Promise<Outgoing | undefined>;
  sent(
    owner: string,
    outgoing: Outgoing,
    outcome: {
      readonly ref?: MessageRef;
      readonly repeated: boolean;
      /** The thread that it has opened: what was to begin there is stored with this. */
      readonly threadId?: ThreadId;
    },
  ): Promise<void>;
  retry(
    owner: string,
    outgoing: Outgoing,
    options: { readonly delayMs: number; readonly error: string; readonly unsure: boolean },
  ): Promise<void>;
  dead(owner: string, outgoing: Outgoing, error: string): Promise<void>;
  clearLeases(): Promise<void>;
}

/** What the processes of one database tell each other. */
export interface Signals {
  /** Tells the other processes soon, together with what else there is to tell. Never throws; may be lost. */
  tell(signal: Signal): void;
  /**
   * `ready`: a thread has work. `watch`: another process waits for its changes. `changed`: its turn
   * changed. `stop`: its turn should stop. `relist`: all lists of tools are to be asked for again; of no
   * thread. `signed_in`: an identity has signed in to a server or out of it; `<server id> <identity>`
   * stands for the thread. `forget`: its conversation was changed in the database, copies of it are stale.
   */
  on(listener: (signal: Signal) => void): () => void;
}

export interface Signal {
  readonly type: 'ready' | 'changed' | 'watch' | 'stop' | 'relist' | 'signed_in' | 'forget';
  readonly threadId: ThreadId;
}

/** A held thread. Whoever works on it looks at `signal`, and calls `check` before each call and post. */
export interface Lease extends LeaseKey {
  /** Aborted with a `LeaseLostError`, a `StopRequestedError` or a `HandOverError`. */
  readonly signal: AbortSignal;
  /** Throws the signal's reason, or `LeaseLostError` when the lease may have run out unnoticed. */
  check(): void;
}

/** The lease was lost: another process handles the thread. Nothing more may be written or said. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';

  constructor(threadId: ThreadId) {
    super(`The lease on ${threadId} is no longer held; another process goes on with its turn.`);
  }
}

/** A person asked the running turn to stop. */
export class StopRequestedError extends Error {
  override readonly name = 'StopRequestedError';
  readonly by: string;

  constructor(by: string) {
    super(`Stopped by ${by}.`);
    this.by = by;
  }
}

/** This process shuts down; another one, or the next start, goes on with the turn. */
export class HandOverError extends Error {
  override readonly name = 'HandOverError';

  constructor() {
    super('The process shuts down; the turn goes on elsewhere.');
  }
}

/** Where something that the bot says by itself goes. */
export type NoticePlace =
  /** A thread that is there, or whose id is known already. */
  | { readonly type: 'thread'; readonly threadId: ThreadId }
  /** A channel whose platform names the thread once its first message is posted. */
  | { readonly type: 'channel'; readonly address: ThreadId };

/** Something that the bot says by itself. It is a turn without a question. */
export interface Notice {
  /** Of its turn: a UUID. Stored twice, it is said once. */
  readonly id: string;
  readonly platform: string;
  readonly place: NoticePlace;
  /** What the thread is called in lists, when it begins with this. */
  readonly title: string;
  readonly author: Author;
  /** Whose the thread is, when it begins with this; the author's by default. */
  readonly startedBy?: Principal;
  readonly reply: Reply;
  /** Posted through the outbox; false where the platform reads what is stored. */
  readonly isPosted: boolean;
  /** What the model remembers of it, beyond its words. */
  readonly evidence?: string;
  /** What of it needs attention: it is stored as a concern of the notice's id, and the reply carries its card. */
  readonly concern?: NewConcern;
  /** The message that begins a turn in its thread. */
  readonly first?: { readonly turnId: string; readonly inbound: Omit<Inbound, 'threadId'> };
}

/** Something that needs attention, begun by a notice. */
export interface NewConcern {
  /** Whose it is: `schedule:<id>` or `alert:<route id>`. */
  readonly subject: string;
  /** What it is about, each by a key that is the same next time, with how bad it was. */
  readonly items: readonly { readonly key: string; readonly verdict: string }[];
}

/** A concern as its subject sees it. */
export interface Concern {
  /** The id of the notice that told of it. */
  readonly id: string;
  readonly subject: string;
  readonly items: NewConcern['items'];
  readonly state: ConcernState;
  readonly by?: Author;
  /** When that was said. */
  readonly at?: Date;
  /** Until when it is snoozed; a snooze that is over is `open`. */
  readonly until?: Date;
  /** The thread that the notice opened or stands in, once it is there. */
  readonly threadId?: ThreadId;
}

/** Concerns, and the words that told of them. Subjects write through the functions of `store/concerns.ts`. */
export interface ConcernStore {
  /** Those of a subject that are not resolved, and those attended within `sinceMs`, the newest first. */
  ofSubject(subject: string, sinceMs: number): Promise<readonly Concern[]>;
  find(id: string): Promise<Concern | undefined>;
  /** The newest that a thread tells of and that is not resolved. */
  newestIn(threadId: ThreadId): Promise<Concern | undefined>;
  /**
   * Stores what somebody said and restates the notice. Undefined: there is none; a resolved one stays as it is.
   * `isOthers`: somebody else had acknowledged it before.
   */
  attend(
    id: string,
    change: {
      readonly state: 'open' | 'acknowledged' | 'snoozed';
      readonly minutes?: number;
      readonly by: Author;
    },
  ): Promise<{ readonly concern: Concern; readonly reply: Reply; readonly isOthers: boolean } | undefined>;
  /** The thread that tells of it; the address it is posted to, while that has no thread yet. Undefined: none does. */
  placeOf(id: string): Promise<ThreadId | undefined>;
  /** Opens those whose snooze is over, at most `limit`, and restates their notices; how many. */
  wake(limit: number): Promise<number>;
}
