import type { Author } from './inbound.ts';

/** A verified caller of the web adapter. */
export interface Identity {
  readonly author: Author;
  readonly via: 'token' | 'session';
  /** What they may do; `chat` to talk, `approve` to decide. */
  readonly permissions: ReadonlySet<string>;
}

/** Who is calling: the port that the web adapter asks. */
export interface Gate {
  /** From `Authorization: Token <token>` (or `Bearer`), else from the session cookie's value. Undefined: nobody known. */
  authenticate(credentials: {
    readonly authorization?: string;
    readonly session?: string;
  }): Promise<Identity | undefined>;
  /** Spends a one-time sign-in token. Undefined: unknown, used or expired. */
  signIn(token: string): Promise<{ readonly session: string; readonly maxAgeSeconds: number } | undefined>;
  signOut(session: string): Promise<void>;
}
