import type { Author, Principal } from '../chat/inbound.ts';

/** Who wants something, with everything that rights may have been granted to. */
export interface Subject {
  readonly principal: Principal;
  /** Names of groups, as the platform or the issuer tells them. */
  readonly groups?: readonly string[];
  /** Where they come from; guests and external people are no members. */
  readonly tenant?: {
    readonly platform: 'slack' | 'teams';
    readonly id: string;
    readonly isMember: boolean;
  };
  /** What follows `channel:` in a grant. */
  readonly channel?: string;
}

/** What grants give: permissions with wildcards. */
export interface Granted {
  readonly permissions: readonly string[];
  /** Whom they may have been given to: the principal, those of the same person, groups, channel, tenant. */
  readonly principals: readonly Principal[];
}

/** An API token that is enabled and not expired; `permissions` holds its own and those granted to it. */
export interface FoundToken extends Granted {
  readonly id: string;
  readonly name: string;
  readonly lastUsed?: Date;
}

/** A console session that is not over. */
export interface FoundSession extends Granted {
  readonly author: Author;
  readonly groups: readonly string[];
}

/** Somebody as a platform or an issuer told of them. */
export interface Seen {
  readonly author: Author;
  readonly groups: readonly string[];
  readonly email?: string;
  /** The platform or the issuer vouches for the e-mail. */
  readonly isVerified: boolean;
  /** Of full members: `<platform>:<id>`. */
  readonly tenant?: string;
}

/** Rights, tokens and people. Each lookup is one statement. */
export interface AccessStore {
  rights(subject: Subject, now: Date): Promise<Granted>;
  token(tokenHash: string, now: Date): Promise<FoundToken | undefined>;
  /** Notes when a token was used, unless that was noted within `everyMs` before. */
  used(tokenId: string, now: Date, everyMs: number): Promise<void>;
  /**
   * Notes an identity. A new one joins the person with the same verified e-mail, else becomes a new
   * person. So does one whose e-mail is verified only now, unless it shares its person with others or an
   * administrator placed it. Audited when it is new or moves.
   */
  remember(seen: Seen, now: Date): Promise<void>;
  /** How somebody was called who was seen since, and of which tenant they were a full member then. */
  known(
    principal: Principal,
    since: Date,
  ): Promise<{ readonly name: string; readonly tenant: string | null } | undefined>;
  /** All principals of the person behind one, itself among them; API tokens count as whose they are. */
  principalsOf(principal: Principal): Promise<readonly Principal[]>;
}

/** Somebody who may open a session. */
export interface SignInBy {
  readonly author: Author;
  readonly groups: readonly string[];
}

/** Console sign-ins and sessions, stored as hashes. */
export interface SignInStore {
  addSignIn(tokenHash: string, by: SignInBy, expiresAt: Date): Promise<void>;
  /** Deletes it in the same statement: it works once. */
  spendSignIn(tokenHash: string, now: Date): Promise<SignInBy | undefined>;
  /** A sign-in that begins here and goes on at the organisation's issuer; `next` is where it leads. */
  addStart(startHash: string, next: string, expiresAt: Date): Promise<void>;
  /** Deletes it in the same statement: it works once. Gives its `next`. */
  spendStart(startHash: string, now: Date): Promise<string | undefined>;
  addSession(sessionHash: string, by: SignInBy, expiresAt: Date): Promise<void>;
  session(sessionHash: string, now: Date): Promise<FoundSession | undefined>;
  /** Gives whose it was. */
  endSession(sessionHash: string): Promise<Author | undefined>;
}

/** Keeps texts secret in the database. `purpose` says what a text is for; it opens for that alone. */
export interface Cipher {
  seal(text: string, purpose: string): string;
  /** Throws when the key is another one, or the text or its purpose is not the one that was sealed. */
  open(sealed: string, purpose: string): string;
}
