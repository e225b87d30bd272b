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

/** An element of a delivery that cannot be understood: where it stands in its list, and what is wrong with it. */
export interface RefusedAlert {
  readonly index: number;
  /** As a sentence, without anything of what was sent. */
  readonly detail: string;
}

/** One delivery of a sender. */
export interface Notification {
  readonly alerts: readonly Alert[];
  readonly refused?: readonly RefusedAlert[];
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
  /**
   * What turned critical in it and nobody has been told, a few: alerts by their fingerprints, in a storm groups by
   * their keys.
   */
  readonly turned: readonly string[];
  /** A snooze of it is over while it fires, and nobody has been told. */
  readonly isAwake: boolean;
  /** Its card is not what it should be. */
  readonly isStale: boolean;
  /** When something of it is to be told. */
  readonly dueAt: number | null;
  /** When its investigation, whose chance is taken, is to begin. */
  readonly investigateAt: number | null;
  /** How often it has fired again after it was over, since it opened. */
  readonly returns: number;
}

/** What a group's alerts are called. */
export interface GroupNames {
  readonly alerts: number;
  /** How many different names they have. */
  readonly kinds: number;
  /** The first few of those. */
  readonly names: readonly string[];
}

export interface GroupCounts {
  readonly firing: number;
  readonly resolved: number;
}

/** A group's counts, and from when to when it fires, as far as its sender says. Milliseconds since 1970. */
export interface GroupStanding extends GroupCounts {
  readonly since: number;
  /** When it ended, or now. */
  readonly until: number;
}

/** A group that is told of with a storm. */
export interface StormMember extends GroupCounts {
  readonly title: string;
  readonly severity: Severity;
  readonly state: 'firing' | 'resolved';
}

/** Some groups, the worst and newest first, and how many there are in all. */
export interface GroupList {
  readonly members: readonly StormMember[];
  readonly firing: number;
  readonly all: number;
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
  /** What fires now on the route: the newest of each group, then the others. */
  firing(limit: number): Promise<readonly StoredAlert[]>;
  /** Of the group as it opened last. Those that fire come first, then the newest. */
  alertsOf(group: AlertGroup, limit: number): Promise<readonly StoredAlert[]>;
  countsOf(group: AlertGroup): Promise<GroupStanding>;
  /** Those of these groups, as they are stored, of which something fires; by their ids. */
  stillFiring(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** What the alerts of groups are called, as these opened last; by their ids. */
  namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, GroupNames>>;
  /** What a storm tells of. */
  membersOf(stormId: string, limit: number): Promise<GroupList>;
  /** All groups of the route that fire, but for a storm itself. */
  whole(limit: number): Promise<GroupList>;
  saveAlerts(alerts: readonly StoredAlert[]): Promise<void>;
  saveGroups(groups: readonly AlertGroup[]): Promise<void>;
  saveState(state: RouteState): Promise<void>;
  /** Posts it. */
  say(notice: Notice): Promise<void>;
  /** Gives the title of a thread that a notice opened another icon, or other words than `before` had. */
  retitle(noticeId: string, title: string, before?: string): Promise<void>;
  /** Says something else where a notice stands. */
  restate(noticeId: string, reply: Reply): Promise<void>;
  /** Ends a concern, or opens an ended one (a snooze that is not over goes on), and restates its notice. */
  resolve(noticeId: string, reply: Reply): Promise<void>;
  reopen(noticeId: string, reply: Reply): Promise<void>;
  /** It is worse than anybody has seen to: its concern is open again, and this bad. */
  worsen(noticeId: string, group: Pick<AlertGroup, 'key' | 'severity'>, reply: Reply): Promise<void>;
  /** Nobody hears of it any more: its notice says so and asks nobody, its investigation is stopped in that name. */
  leave(noticeId: string, reply: Reply, by: string): Promise<void>;
  /** Groups that fire, the oldest first. */
  firingGroups(limit: number): Promise<readonly AlertGroup[]>;
  /** Nothing is known any more of what fires in these groups; what is due of the others is dropped. */
  forget(groupIds: readonly string[]): Promise<void>;
  /** How a notice's concern stands, and its thread once it is there. `isLost`: it could not be posted, and never will be. */
  standing(noticeId: string): Promise<Standing>;
}

export interface Standing {
  readonly concern: ConcernState;
  readonly threadId?: ThreadId;
  readonly isLost: boolean;
}

/** A route that takes nothing any more, while something that came in on it is open. */
export interface LeftRoute {
  readonly route: AlertRoute;
  readonly how: 'deleted' | 'disabled';
  /** Who did so, as people know them. */
  readonly by: string;
}

/** What is open of a route: how many groups, and what the first few are called. */
export interface OpenGroups {
  readonly count: number;
  readonly names: readonly string[];
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
  /** A route that was deleted, by the name that it had; undefined: nothing ever came in on it, or it is long gone. */
  goneRoute(name: string): Promise<AlertRoute | undefined>;
  /** Routes that have something to tell now. */
  dueRoutes(): Promise<readonly string[]>;
  /** Routes that were deleted or switched off while something of them is open. */
  leftRoutes(): Promise<readonly string[]>;
  /** Opens the books of such a route. Undefined: it is none, or not any more. */
  inLeftBooks<T>(
    routeId: string,
    work: (books: AlertBooks, left: LeftRoute) => Promise<T>,
  ): Promise<T | undefined>;
  open(routeId: string): Promise<OpenGroups>;
  /** The newest first. */
  recent(routeId: string, limit: number): Promise<readonly GroupView[]>;
}
