import type { Author } from './inbound.ts';
import type { RouteRequest } from './route.ts';

/** A verified caller over HTTP. */
export interface Identity {
  readonly author: Author;
  readonly via: 'token' | 'session';
  /** What they may do, by name and without wildcards; `chat` to talk, `approve` to decide. */
  readonly permissions: ReadonlySet<string>;
  /** Names of the groups that the issuer says they are in. */
  readonly groups: readonly string[];
}

/** What of a request says who sends it. */
export type Credentials = Pick<RouteRequest, 'method' | 'headers' | 'cookies' | 'remoteAddress'>;

/** A console session: the value of its cookie. */
export interface SignedIn {
  readonly session: string;
  readonly maxAgeSeconds: number;
}

/** A person is sent to the organisation's issuer; `start` is kept in a cookie of this browser until they return. */
export type OrganisationStart =
  | {
      readonly type: 'go';
      readonly location: string;
      readonly start: string;
      readonly maxAgeSeconds: number;
    }
  | SignInFailure;

/** A person came back from the organisation's issuer. */
export type OrganisationReturn = ({ readonly type: 'in'; readonly next: string } & SignedIn) | SignInFailure;

/** Why somebody is not signed in; the log has the details under the reference id. */
export interface SignInFailure {
  readonly type: 'failed';
  /**
   * `stale`: not begun in this browser, too long ago, or used already. `cancelled`: by the person.
   * `refused`: the issuer, or what it said, was not in order. `unreachable`: the issuer did not answer.
   */
  readonly reason: 'stale' | 'cancelled' | 'refused' | 'unreachable';
  readonly referenceId: string;
}

/** Sign-in by the organisation's OpenID Connect issuer. */
export interface OrganisationSignIn {
  /** `next` is a path of this bot; all others lead to the console. */
  begin(start: { readonly next: string; readonly address: string }): Promise<OrganisationStart>;
  /** `query` is that of the callback as received, `start` the cookie's value. */
  finish(callback: {
    readonly query: string;
    readonly start: string | undefined;
    readonly address: string;
  }): Promise<OrganisationReturn>;
}

/**
 * Who is calling: the port that everything asks that takes HTTP requests. Each method throws
 * `UnavailableError` when the database cannot be asked.
 */
export interface Gate {
  /** The name of the cookie that carries a console session. */
  readonly sessionCookie: string;
  /**
   * From `Authorization: Token <token>` (or `Bearer`), else from the session cookie. Undefined: nobody
   * known. Throws `ForbiddenError` with the code `cross_site` when another site uses the session.
   */
  identify(request: Credentials): Promise<Identity | undefined>;
  /** Notes that somebody was refused for lack of a permission. */
  denied(denial: {
    readonly identity: Identity;
    readonly permission: string;
    readonly request: Pick<RouteRequest, 'url' | 'remoteAddress'>;
  }): void;
  /** Spends a one-time sign-in token. Undefined: unknown, used or expired. */
  signIn(token: string, address: string): Promise<SignedIn | undefined>;
  signOut(session: string, address: string): Promise<void>;
  /** Absent: not configured. */
  readonly organisation?: OrganisationSignIn;
}
