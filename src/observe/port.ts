/**
 * The log that every room writes to. An entry is an event name and flat fields: ids, counts and
 * durations; never message text, tool arguments, tool results or secrets.
 */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A log whose entries all carry these fields. */
  with(fields: LogFields): Log;
}

/** Snake-case names. `error` takes the thrown value and is written as its class, message and cause. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Time, so that tests can move it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Tokens of a request. Input includes what went through the vendor's cache, output includes reasoning. */
export interface UsedTokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
}

/** What is counted. Labels are few and bounded: never ids. */
export interface Metrics {
  received(platform: string, duplicate: boolean): void;
  turnEnded(platform: string, state: string, durationMs: number): void;
  /** What one request to a model used. `cost` is absent where nothing is known of it. */
  modelStep(model: string, used: UsedTokens, durationMs: number, cost?: { readonly usd: number }): void;
  modelFailed(model: string, kind: string): void;
  toolCall(source: string, ok: boolean, durationMs: number): void;
  /** A configured layer could not be built and was left out. */
  middlewareSkipped(type: string): void;
  /** A layer did what it is for: `cached`, `limited`, `fell_back`, `opened` … */
  middlewareActed(type: string, what: string): void;
  /** A reply was sent again because nobody could tell whether the first attempt arrived. */
  possiblyRepeated(platform: string): void;
  undeliverable(platform: string): void;
  /** Alerts that came in: `received`, and of those `fired`, `resolved`, `repeated`; groups that were `folded`. */
  alerts(what: string, count: number): void;
}

/** Something to be written down: who did what to what. Never message text, secrets, or what holds them. */
export interface AuditEntry {
  /** A principal, or `bot`. */
  readonly actor: string;
  /** Words joined by dots, like `approval.approved`. */
  readonly action: string;
  readonly target: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Where it came from: `rest`, `console`, `slack`, `bootstrap`, `environment`, `chat` … */
  readonly source?: string;
  /** The network address of who did it. */
  readonly address?: string;
  readonly threadId?: string;
  /** A UUID. */
  readonly turnId?: string;
}

/** One line of the audit log. */
export interface AuditRow extends Required<Omit<AuditEntry, 'threadId' | 'turnId'>> {
  /** A whole number; numbers rise, and may have gaps. */
  readonly id: string;
  /** ISO 8601 in UTC with microseconds: when the transaction that wrote it began. */
  readonly at: string;
  readonly threadId?: string;
  readonly turnId?: string;
  /** The seal that covers it; absent until it is sealed. */
  readonly seal?: number;
}

/** Which rows: all of what is said must hold. */
export interface AuditFilter {
  readonly actor?: string;
  /** A whole action, or the beginning of one followed by `*`. */
  readonly action?: string;
  readonly target?: string;
  readonly source?: string;
  readonly threadId?: string;
  readonly turnId?: string;
  /** At this time or later. */
  readonly after?: Date;
  /** Earlier than this time. */
  readonly before?: Date;
  /** Part of the actor, the action or the target, in any case. */
  readonly q?: string;
}

/** The words for what can be wrong with a sealed log. */
export type AuditFlaw =
  | 'row_deleted'
  | 'row_changed'
  | 'row_added'
  | 'seal_missing'
  | 'seal_changed'
  | 'chain_broken'
  | 'pruned_out_of_order';

/** What checking the whole log found. `rows` counts the sealed rows that are present and right. */
export type AuditVerification =
  | {
      readonly ok: true;
      readonly seals: number;
      readonly rows: number;
      /** Seals whose rows retention has removed. */
      readonly pruned: number;
      /** Rows that no seal covers yet. */
      readonly unsealed: number;
      /** Of the last seal. Who keeps it elsewhere can tell later whether the chain was made anew. */
      readonly hash: string;
    }
  | {
      readonly ok: false;
      /** The first link that does not hold. */
      readonly brokenSeal: number;
      readonly flaw: AuditFlaw;
      /** One sentence for people. */
      readonly reason: string;
      /** Seals before the broken one, all of them right. */
      readonly seals: number;
      readonly rows: number;
    };

/** The audit log. Who changes something writes its entry in the same transaction instead of by `append`. */
export interface AuditLog {
  append(entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first; `count` is that of all rows that match. */
  list(
    filter: AuditFilter,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<{ readonly count: number; readonly rows: readonly AuditRow[] }>;
  /** All rows that match, oldest first, in batches of a bounded size. */
  rows(filter: AuditFilter): AsyncIterable<readonly AuditRow[]>;
  /** Checks every seal and every sealed row, a bounded number at a time. */
  verify(): Promise<AuditVerification>;
}

/** One link of the chain over the audit log. */
export interface Seal {
  /** 1, 2, 3 … without a gap. */
  readonly n: number;
  /** The least and the greatest id of its rows; rows between them may belong to other seals. */
  readonly firstId: string;
  readonly lastId: string;
  readonly rowCount: number;
  readonly rowsHash: string;
  /** The hash of the seal before it. */
  readonly prevHash: string;
  readonly hash: string;
  /** ISO 8601 in UTC with microseconds. */
  readonly sealedAt: string;
}

/** A seal covers at most so many rows. */
export const rowsPerSeal = 1000;

/** Where seals are made. */
export interface SealStore {
  /**
   * Seals the oldest unsealed rows, up to `rowsPerSeal` of those written at least `minAgeMs` ago.
   * Undefined when there are none, or when another process is sealing at this moment.
   */
  seal(minAgeMs: number): Promise<Seal | undefined>;
}

/** What usage can be summed by, in this order. A day is one of UTC. */
export const usageGroups = ['day', 'model', 'principal', 'thread'] as const;

export type UsageGroup = (typeof usageGroups)[number];

/** Which model calls: all of what is said must hold. */
export interface UsageFilter {
  /** At this time or later. */
  readonly since?: Date;
  /** Earlier than this time. */
  readonly until?: Date;
  readonly model?: string;
  readonly principal?: string;
  readonly threadId?: string;
}

/** What the model calls of a group used together. */
export interface UsageSum extends UsedTokens {
  readonly group: Readonly<Partial<Record<UsageGroup, string>>>;
  readonly calls: number;
  readonly turns: number;
  /** Calls of unknown cost. */
  readonly unpriced: number;
  /** US dollars; null: nothing is known. */
  readonly costUsd: number | null;
  /** False: it was more than that. */
  readonly costIsWhole: boolean;
}

/** What model calls have used and cost. */
export interface UsageLog {
  /** The newest day first, then by name; `count` is that of all groups. `groups` is not empty. */
  sums(
    groups: readonly UsageGroup[],
    filter: UsageFilter,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<{ readonly count: number; readonly rows: readonly UsageSum[] }>;
}
