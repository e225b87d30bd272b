import type { Author, ThreadId } from '../chat/inbound.ts';
import type { ConcernState, Reply } from '../chat/reply.ts';
import type { Notice } from '../inbox/port.ts';

/** The key of the one group of a route that tells of many others. */
export const stormKey = '!storm';

/** What senders of alerts speak. */
export const alertFormats = ['alertmanager', 'grafana', 'pagerduty', 'json'] as const;

export type AlertFormat = (typeof alertFormats)[number];

export const severities = ['critical', 'warning', 'info', 'unknown'] as const;

export type Severity = (typeof severities)[number];

/** How a sender says who it is. `none`: it does not; on this machine in LAB alone. */
export const authentications = ['token', 'signature', 'none'] as const;

export type Authentication = (typeof authentications)[number];

/** A page that an alert points to; http and https alone. */
export interface AlertLink {
  readonly title: string;
  readonly url: string;
}

/** An alert, whoever sent it. All words are a stranger's: data, never instructions. */
export interface Alert {
  /** The same for as long as it is the same alert of its sender. */
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly name: string;
  /** As its sender calls it; empty: not said. */
  readonly severity: string;
  readonly summary: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly startsAt?: string;
  readonly endsAt?: string;
  readonly links: readonly AlertLink[];
  /** By which its sender groups it. */
  readonly groupKey?: string;
  /**
   * Rises with each new state at its sender, in milliseconds since 1970: what comes late is told from what is
   * new. At the same number a resolution comes after its firing. Absent: its times tell as much as they can.
   */
  readonly order?: number;
  /** What its sender says of it beyond its status, as a sentence. */
  readonly remark?: string;
}

/** One delivery of a sender. */
export interface Notification {
  readonly alerts: readonly Alert[];
  /** Names what was sent, the same each time that it is delivered. Absent: its alerts tell by themselves. */
  readonly key?: string;
}

/** Where alerts come in. */
export interface AlertRoute {
  readonly id: string;
  readonly name: string;
  readonly format: AlertFormat;
  readonly authentication: Authentication;
  readonly secretReference: string;
  /** The header that carries a signature's time; empty: none does. */
  readonly timestampHeader: string;
  readonly target: string;
  readonly template: string;
  readonly groupBy: readonly string[];
  readonly severityLabel: string;
  readonly investigate: boolean;
  readonly instructions: string;
  readonly tools: readonly string[];
  readonly investigationsPerHour: number;
  readonly groupsPerMinute: number;
  readonly alertsPerMinute: number;
  readonly dedupeMinutes: number;
  readonly reopenMinutes: number;
  readonly mentionOwner: boolean;
  readonly autoClose: boolean;
  readonly isEnabled: boolean;
  readonly owner: Author;
}

/** An alert as it is known. Times are milliseconds since 1970. */
export interface StoredAlert {
  readonly alert: Alert;
  readonly groupId: string;
  /** When it began to fire, this time. */
  readonly firedAt: number;
  readonly lastAt: number;
  /** How often it has begun to fire. */
  readonly times: number;
}

/** Alerts that belong together and are told of in one thread. Times are milliseconds since 1970. */
export interface AlertGroup {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly severity: Severity;
  readonly state: 'firing' | 'resolved';
  /** What tells of it, and its concern. Null: it is told of with a storm. */
  readonly noticeId: string | null;
  readonly stormId: string | null;
  /** What its card says of its investigation; Markdown. */
  readonly note: string;
  readonly openedAt: number;
  readonly resolvedAt: number | null;
  readonly lastAt: number;
  readonly restatedAt: number | null;
  /** When its thread last got a line. */
  readonly lineAt: number | null;
  readonly lines: number;
  /** Since that line. */
  readonly unsaidFiring: number;
  readonly unsaidResolved: number;
  /** It was resolved, fires again, and nobody has been told. */
  readonly isAgain: boolean;
  /** Its card is not what it should be. */
  readonly isStale: boolean;
  /** When something of it is to be told. */
  readonly dueAt: number | null;
}

export interface GroupCounts {
  readonly firing: number;
  readonly resolved: number;
}

/** A group that is told of with a storm. */
export interface StormMember extends GroupCounts {
  readonly title: string;
  readonly severity: Severity;
  readonly state: 'firing' | 'resolved';
}

/** What is counted of a route. */
export interface RouteState {
  /** When the minute began in which `alerts` came. */
  readonly minute: number;
  readonly alerts: number;
  /** When investigations began, the oldest first. */
  readonly investigated: readonly number[];
}

/** What is known of a route's alerts. While it is open nobody else writes in it, on any replica. */
export interface AlertBooks {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly state: RouteState;
  /** Notes a delivery, and says whether it was noted before. */
  isKnown(key: string, keepMs: number): Promise<boolean>;
  alerts(fingerprints: readonly string[]): Promise<ReadonlyMap<string, StoredAlert>>;
  groups(which: {
    readonly keys?: readonly string[];
    readonly ids?: readonly string[];
  }): Promise<readonly AlertGroup[]>;
  /** Those that have something to tell now, the longest due first, and those whose notice was lost. */
  dueGroups(limit: number): Promise<readonly AlertGroup[]>;
  /** How many groups have opened since then. */
  openedSince(since: number): Promise<number>;
  /** What fires now on the route, the newest first. */
  firing(limit: number): Promise<readonly StoredAlert[]>;
  /** Of the group as it opened last. Those that fire come first, then the newest. */
  alertsOf(group: AlertGroup, limit: number): Promise<readonly StoredAlert[]>;
  countsOf(group: AlertGroup): Promise<GroupCounts>;
  /** Those of these groups, as they are stored, of which something fires; by their ids. */
  stillFiring(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** What a storm tells of, the worst and newest first, and how many there are in all. */
  membersOf(
    stormId: string,
    limit: number,
  ): Promise<{ readonly members: readonly StormMember[]; readonly firing: number; readonly all: number }>;
  saveAlerts(alerts: readonly StoredAlert[]): Promise<void>;
  saveGroups(groups: readonly AlertGroup[]): Promise<void>;
  saveState(state: RouteState): Promise<void>;
  /** Posts it. */
  say(notice: Notice): Promise<void>;
  /** Calls a thread that a notice opened something else: another icon before the same words. */
  retitle(noticeId: string, title: string): Promise<void>;
  /** Says something else where a notice stands. */
  restate(noticeId: string, reply: Reply): Promise<void>;
  /** Ends a concern, or opens an ended one, and restates its notice. */
  resolve(noticeId: string, reply: Reply): Promise<void>;
  reopen(noticeId: string, reply: Reply): Promise<void>;
  /** How a notice's concern stands, and its thread once it is there. `isLost`: it could not be posted, and never will be. */
  standing(noticeId: string): Promise<Standing>;
}

export interface Standing {
  readonly concern: ConcernState;
  readonly threadId?: ThreadId;
  readonly isLost: boolean;
}

/** A group as admins see it. */
export interface GroupView {
  readonly title: string;
  readonly severity: Severity;
  readonly state: 'firing' | 'resolved';
  readonly counts: GroupCounts;
  readonly openedAt: string;
  readonly lastAt: string;
  readonly resolvedAt?: string;
  readonly threadId?: ThreadId;
  /** It is told of with a storm. */
  readonly isInStorm: boolean;
}

/** Routes and what came in on them. */
export interface AlertStore {
  route(which: { readonly name: string } | { readonly id: string }): Promise<AlertRoute | undefined>;
  /** Opens the books of a route; all is stored, or nothing. Undefined: the route is gone. */
  inBooks<T>(routeId: string, work: (books: AlertBooks) => Promise<T>): Promise<T | undefined>;
  /** Routes that have something to tell now. */
  dueRoutes(): Promise<readonly string[]>;
  /** The newest first. */
  recent(routeId: string, limit: number): Promise<readonly GroupView[]>;
}
