import type { Author } from '../chat/inbound.ts';

/** Console sign-ins and sessions, stored as hashes. */
export interface SignInStore {
  addSignIn(tokenHash: string, author: Author, expiresAt: Date): Promise<void>;
  /** Deletes it in the same statement: it works once. */
  spendSignIn(tokenHash: string, now: Date): Promise<Author | undefined>;
  addSession(sessionHash: string, author: Author, expiresAt: Date): Promise<void>;
  session(sessionHash: string, now: Date): Promise<Author | undefined>;
  endSession(sessionHash: string): Promise<void>;
}
