import type { Author, Principal } from './inbound.ts';

/** Somebody on a chat platform, as the platform tells of them. */
export interface PlatformPerson {
  readonly author: Author;
  readonly tenant: {
    readonly platform: 'slack' | 'teams';
    readonly id: string;
    /** Guests and external people are none. */
    readonly isMember: boolean;
  };
  /** Where they ask: what follows `channel:` in a grant. */
  readonly channel?: string;
  /** Names of groups, as the platform tells them. */
  readonly groups: readonly string[];
  readonly email?: string;
  /** The platform vouches for the e-mail. */
  readonly isVerified: boolean;
}

/** The people of chat platforms: the port through which adapters learn what somebody may do. */
export interface People {
  /**
   * What they may do, by name and without wildcards; `chat` to talk, `approve` to decide. Notes who they
   * are. Throws `UnavailableError` when the database cannot be asked.
   */
  permissionsOf(person: PlatformPerson): Promise<ReadonlySet<string>>;
  /**
   * Who somebody was lately, while their platform cannot tell of them: they may still talk, if they might
   * then, and nothing else. Undefined: they were not seen for a month.
   */
  lately(who: {
    readonly principal: Principal;
    readonly tenant: { readonly platform: 'slack' | 'teams'; readonly id: string };
    readonly channel?: string;
  }): Promise<{ readonly author: Author; readonly permissions: ReadonlySet<string> } | undefined>;
  /** Somebody said whether an answer was good, and perhaps why. Never throws. */
  feedback(turnId: string, by: Author, isGood: boolean, words?: string): void;
}
