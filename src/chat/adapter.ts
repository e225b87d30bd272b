import type { Finding } from './finding.ts';
import type { Author, Principal, ThreadId } from './inbound.ts';
import type { Preview } from './live.ts';
import type { Reply } from './reply.ts';
import type { Route } from './route.ts';

/** Names a message on a platform; opaque to all but its adapter. Stored as JSON. */
export type MessageRef = Readonly<Record<string, string>>;

/** A reply on its way to a platform. */
export interface Post {
  readonly threadId: ThreadId;
  /** `<turn>:<ordinal>`: the same for every attempt, so that a post can be looked up. */
  readonly key: string;
  readonly reply: Reply;
}

/** Where a live preview goes. */
export interface PreviewTarget {
  readonly threadId: ThreadId;
  readonly turnId: string;
  /** Who asked. */
  readonly asker?: Author;
  /** The message of an earlier activation's preview, to go on with. */
  readonly ref?: MessageRef;
  /** Stores the id of the message that will carry the preview. Await it before any text follows. */
  remember(ref: MessageRef): Promise<void>;
}

/**
 * The posts of a platform whose messages live outside the bot. Each call must end soon after `signal`
 * aborts: another process may then try the same reply.
 */
export interface Poster {
  /** Creates a message. Throws `PostError` when the platform refuses or its answer is unknown. */
  post(post: Post, signal: AbortSignal): Promise<MessageRef>;
  /** Replaces the message of a preview by the final reply. */
  edit(ref: MessageRef, post: Post, signal: AbortSignal): Promise<void>;
  /**
   * Replaces what the messages of a post say, and never posts: where they are gone, nothing is said. New words that
   * need fewer messages have those that are left over deleted; of words that need more, those that fit into the
   * messages that stand there are said, and that the rest does not fit. Files stay as they are. Absent: `edit` does it.
   */
  restate?(ref: MessageRef, post: Post, signal: AbortSignal): Promise<void>;
  /** Finds the message that an earlier attempt may have created. Absent: the platform cannot tell. */
  find?(post: Post, signal: AbortSignal): Promise<MessageRef | undefined>;
  /** The thread that a message opens which was posted to a channel's address. Absent: there are no such addresses. */
  threadOf?(ref: MessageRef): ThreadId | undefined;
}

/** Where the bot may say something by itself. */
export type Place =
  /** `only`: it is this person's, and nobody else has anything posted there. */
  | { readonly type: 'thread'; readonly threadId: ThreadId; readonly only?: Principal }
  /** A channel in which each thread gets its id from the bot. */
  | { readonly type: 'threads'; readonly startedBy: Principal; newThread(id: string): ThreadId }
  /** A channel in which a thread's first message names it: `Poster` takes the address for a thread. */
  | { readonly type: 'channel'; readonly address: ThreadId; readonly only?: Principal };

/** How an adapter stands with its platform. */
export interface AdapterCheck {
  readonly status: 'ok' | 'failed' | 'starting';
  readonly detail: string;
}

/** What a platform says of a principal: `nobody`: it knows of no such person. */
export type PlatformWho = { readonly type: 'person'; readonly name: string } | { readonly type: 'nobody' };

/** The code that speaks to one platform. */
export interface ChatAdapter {
  /** The first part of its thread ids and principals. */
  readonly platform: string;
  /** Only one person writes in each of its threads, so that the model need not be told who speaks. */
  readonly isPrivate?: boolean | ((threadId: ThreadId) => boolean);
  /**
   * What the ids of all threads of a thread's channel begin with, and of no other's; for limits and budgets
   * of channels. Undefined: it is in none. Absent: the platform has no channels.
   */
  channelOf?(threadId: ThreadId): string | undefined;
  /**
   * How people call what `channelOf` gives, where that is known or found out within a second or two. Never throws.
   * Absent: nobody knows.
   */
  channelName?(channel: string): Promise<string | undefined>;
  /**
   * The addresses of channels of this name that the bot is in, for who asks by this principal. Never throws. Absent:
   * nobody knows.
   */
  placesCalled?(name: string, principal: Principal): Promise<readonly string[]>;
  /** What is known of somebody, also of who never wrote to the bot. Never throws. Absent: nobody can tell. */
  personOf?(principal: Principal): Promise<PlatformWho | undefined>;
  /** A web address where people can read a thread. Undefined: it has none. Never throws. Absent: no thread has. */
  linkTo?(threadId: ThreadId): Promise<string | undefined>;
  /** Reads where schedules and notices are to go. Undefined: there is no such place. Absent: nowhere on this platform. */
  place?(target: string): Place | undefined;
  /** Mounted on the bot's one HTTP server. */
  readonly routes: readonly Route[];
  /** Absent: the platform reads stored replies from the bot itself (web), so storing delivers. */
  readonly poster?: Poster;
  /** Opens a preview of a turn that begins to run. Absent: the platform shows no previews. */
  preview?(target: PreviewTarget): Preview;
  /** How it stands with its platform, without asking it. Absent: nothing can go wrong that is not seen elsewhere. */
  check?(): AdapterCheck;
  /** Asks its platform how it is set up, for people who look for what is wrong. Must not throw. */
  examine?(): Promise<readonly Finding[]>;
  /** Opens sockets and the like, after the HTTP server listens. */
  start?(): Promise<void>;
  /** Ends what `start` began and all streams. */
  stop?(): Promise<void>;
}

/** A post did not succeed, as far as is known. */
export class PostError extends Error {
  override readonly name = 'PostError';
  /** `refused`: the platform certainly created nothing. `unknown`: it may have. */
  readonly outcome: 'refused' | 'unknown';
  /** False when trying again cannot help: the channel is gone, the bot was removed. */
  readonly retryable: boolean;
  /** How long the platform asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: { outcome: 'refused' | 'unknown'; retryable: boolean; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.outcome = options.outcome;
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}
