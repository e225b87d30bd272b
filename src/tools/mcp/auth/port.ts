import type { JsonObject } from '../../../agent/json.ts';

/** Whose tokens: those of a server for the bot itself (`bot`), or for a person by their principal. */
export interface IdentityKey {
  readonly serverId: string;
  readonly identity: string;
}

/** The identity of the bot itself. */
export const botIdentity = 'bot';

/** Something kept in secret; `version` changes with each write of it. */
export interface Kept {
  readonly value: JsonObject;
  readonly version: number;
}

/** The tokens of one identity. */
export interface KeptTokens {
  /** Absent: it is not signed in. */
  readonly tokens?: Kept;
  /** A scope that a server asked for in vain, for the next sign-in. */
  readonly wantedScope: string;
}

/**
 * Where tokens and clients of authorization servers are kept, encrypted. What cannot be opened any more
 * counts as not there.
 */
export interface OAuthStore {
  tokens(key: IdentityKey): Promise<KeptTokens>;
  /**
   * Without a version: of a sign-in, by which what the identity wanted before is fulfilled. With one: of
   * a renewal, only if the tokens are still of this version. Whether it did.
   */
  saveTokens(key: IdentityKey, value: JsonObject, version?: number): Promise<boolean>;
  /** Deletes tokens only if they are still of this version; without one, whatever there is. Whether it did. */
  forgetTokens(key: IdentityKey, version?: number): Promise<boolean>;
  want(key: IdentityKey, scope: string): Promise<void>;
  /** True: nobody else renews the tokens of this identity before `leaseMs` are over. */
  claim(key: IdentityKey, owner: string, leaseMs: number): Promise<boolean>;
  release(key: IdentityKey, owner: string): Promise<void>;
  /** Who is signed in, the latest first. */
  identities(serverId: string): Promise<readonly string[]>;
  client(serverId: string): Promise<Kept | undefined>;
  saveClient(serverId: string, value: JsonObject): Promise<void>;
  forgetClient(serverId: string, version: number): Promise<void>;
  /** Something that ends with a secret being shown once, until a time. */
  addSignIn(secretHash: string, value: JsonObject, expiresAt: Date): Promise<void>;
  /** Deletes it in the same statement: it works once. */
  spendSignIn(secretHash: string, now: Date): Promise<JsonObject | undefined>;
  /** The same without spending it. */
  signIn(secretHash: string, now: Date): Promise<JsonObject | undefined>;
}

/** What is told, in mid-sentence, of a server that nobody is signed in to; it gives nothing away. */
export const nobodySignedIn = 'nobody is signed in to it; an administrator connects it by its action Connect';

/** Nothing can go on before somebody has signed in; the message begins in mid-sentence. */
export class SignInNeededError extends Error {
  override readonly name = 'SignInNeededError';
}

/** A server could not be told who we are; the message begins in mid-sentence. */
export class AuthFailedError extends Error {
  override readonly name = 'AuthFailedError';
}

/** Where a person signs in: a link for them alone, which works once. */
export interface SignInLink {
  readonly url: string;
  readonly expiresAt: Date;
}

/** Sign-in to MCP servers as the rest of the bot asks for it. */
export interface SignIns {
  /**
   * Throws `SignInError` when nobody can sign in to the server. `principal`: who will open the link;
   * `identity`: whose tokens it is for, by default the person's, or the bot's where it has one account.
   */
  signInLink(serverId: string, principal: string, identity?: string): Promise<SignInLink>;
  isConnected(serverId: string, identity: string): Promise<boolean>;
  /** Whether there was anything to forget. */
  disconnect(serverId: string, identity: string): Promise<boolean>;
}

/** A sign-in did not come to its end; the message is a sentence for the person, without secrets. */
export class SignInError extends Error {
  override readonly name = 'SignInError';
  readonly reason: 'stale' | 'cancelled' | 'refused';

  constructor(reason: SignInError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Whom a link is for, and where it leads. */
export interface LinkFor {
  /** The server's name. */
  readonly server: string;
  /** Who may open it. */
  readonly principal: string;
  /** The account is for the bot, on behalf of everybody. */
  readonly isForBot: boolean;
}

/** The steps of a sign-in as browsers take them. `begin` and `finish` throw `SignInError`. */
export interface SignInFlow {
  /** Without spending it; undefined: unknown, used or expired. */
  look(link: string): Promise<LinkFor | undefined>;
  /** Spends the link. `browser`: to be kept in a cookie of this browser until the person returns. */
  begin(
    link: string,
  ): Promise<{ readonly location: string; readonly browser: string; readonly maxAgeSeconds: number }>;
  /** `query`: of the callback as received. */
  finish(returned: {
    readonly query: string;
    readonly browser: string | undefined;
  }): Promise<LinkFor & IdentityKey>;
  /** The bot's client id metadata document; undefined where there is none. */
  document(): Readonly<Record<string, unknown>> | undefined;
}
