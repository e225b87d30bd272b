/**
 * What a platform tells the bot, without any word of the platform.
 *
 * An adapter's pure `inbound` function makes these from verified payloads; `receive` stores them.
 */

import type { InboundFile } from './files.ts';

/** A place in a chat. Opaque: only the adapter that made it can read it. Begins with `<platform>:`. */
export type ThreadId = string;

/** Who somebody is: `slack:<team>:<user>`, `teams:<tenant>:<aadObjectId>`, `web:<id>`, `token:<id>`. */
export type Principal = string;

/** A person or a program that writes to the bot. */
export interface Author {
  readonly principal: Principal;
  /** The name shown to people and to the model. */
  readonly name: string;
}

/** A message that asks the bot for a turn, or steers the one that runs. */
export interface Inbound {
  readonly threadId: ThreadId;
  /**
   * Every key under which the platform may deliver this same message again (event id, channel and
   * timestamp …). Never empty. An edit's key carries its edit time, so that it is not a repetition.
   */
  readonly dedupeKeys: readonly string[];
  readonly author: Author;
  /** The words, with mentions of the bot removed. */
  readonly text: string;
  /**
   * What the message stands in: what others wrote in the thread before the bot came, the contents of files.
   * The model reads it before the words, as data; it is nothing that the author said.
   */
  readonly context?: string;
  /** Images and PDFs that the model is to see with the words, within `fileLimits`; stored with the message. */
  readonly files?: readonly InboundFile[];
  /** Nobody is there: it comes at its time. Whatever does more than read asks people first, whatever else says otherwise. */
  readonly isUnattended?: boolean;
  /** Its turn may only read: what does more, or asks people first, is not run. */
  readonly readsOnly?: true;
  /** Names or patterns (`host__*`) of the servers' tools that its turn may use. Absent: all. */
  readonly tools?: readonly string[];
  /**
   * A digest of what the caller sent, stored with the message; a repetition's `Received` returns the
   * stored one, so that an adapter can refuse a repeated key with another body. Absent: not compared.
   */
  readonly fingerprint?: string;
  /** W3C trace context of the request that brought it. */
  readonly traceparent?: string;
}

/** What became of an inbound message. */
export interface Received {
  /** True when an earlier delivery of the same message is already stored; nothing was written then. */
  readonly duplicate: boolean;
  readonly threadId: ThreadId;
  /** The message's number within its thread, counted from 1; 0 of one that was run as a command. */
  readonly seq: number;
  /** The turn that answers it: its own, until it steers a running one. Empty: it was run as a command. */
  readonly turnId: string;
  /** Of a duplicate: the fingerprint stored with its first delivery, where there was one. */
  readonly fingerprint?: string;
}
