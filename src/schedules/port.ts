import type { Author, Inbound, ThreadId } from '../chat/inbound.ts';
import type { Detail, Reply } from '../chat/reply.ts';
import type { Notice } from '../inbox/port.ts';
import type { Verdict } from './verdict.ts';

/** What a schedule can be about. */
export const scheduleKinds = ['health_check', 'clean_up', 'report', 'monitor', 'prompt'] as const;

export type ScheduleKind = (typeof scheduleKinds)[number];

/** The target of what nobody is to see. */
export const nobody = 'none';

/** What can be cleaned up. */
export const cleanUps = ['sessions', 'checkpoints', 'records'] as const;

export type CleanUp = (typeof cleanUps)[number];

/** What a monitor can watch: a question that the model answers, or a part of what reports tell without one. */
export const watchables = ['question', 'servers', 'model', 'queue', 'host', 'budget'] as const;

export type Watchable = (typeof watchables)[number];

/** A question in plain words that the model answers with tools, for a report or a monitor. */
export interface Question {
  readonly question: string;
  /** When it is a warning and when it is critical, in plain words. */
  readonly rule?: string;
  /** How long it may take. */
  readonly seconds?: number;
}

/** An enabled schedule. */
export interface Schedule {
  readonly id: string;
  readonly name: string;
  readonly kind: ScheduleKind;
  readonly cron: string;
  readonly timezone: string;
  /** Empty: the ops channel. `none`: nobody sees it. */
  readonly target: string;
  readonly cleanUp: CleanUp | '';
  readonly prompt: string;
  /** A report's; a monitor's is the one that it watches. */
  readonly checks: readonly Question[];
  /** Empty: this is no monitor. */
  readonly watches: Watchable | '';
  readonly damping: Damping;
  /** Who is told when something turns bad; empty: the owner. */
  readonly mention: readonly Author[];
  readonly missedRuns: 'run_once' | 'skip';
  readonly jitterSeconds: number;
  readonly owner: Author;
  /** Whatever was due until then is dealt with; milliseconds since 1970. */
  readonly armedAt: number;
  /** Another one: it was changed. */
  readonly revision: string;
}

/** Runs of one lane wait for each other alone: what asks the model may take minutes, and holds nothing else up. */
export const lanes = ['plain', 'asking'] as const;

export type Lane = (typeof lanes)[number];

/** A prompt hands its run on to its turn, and waits for nothing. */
export function laneOf({ kind, checks }: Pick<Schedule, 'kind' | 'checks'>): Lane {
  return (kind === 'report' || kind === 'monitor') && checks.length > 0 ? 'asking' : 'plain';
}

/** What keeps a monitor from speaking too often. */
export interface Damping {
  /** So many equal verdicts in a row make one that counts. */
  readonly confirmations: number;
  /** More changes than this within the window are told as one: it flaps. */
  readonly flapChanges: number;
  readonly flapMs: number;
}

export type RunState = 'running' | 'waiting' | 'done' | 'failed' | 'skipped';

/** One time that a schedule was due, held by the process that runs it. */
export interface Run {
  readonly id: string;
  readonly schedule: Schedule;
  /** Milliseconds since 1970. */
  readonly fireAt: number;
  /** By whom it is held; every write of the run is fenced by it and by `attempt`. */
  readonly owner: string;
  readonly attempt: number;
}

/** A run as people see it. */
export interface RunView {
  readonly id: string;
  readonly fireAt: string;
  readonly trigger: 'time' | 'missed' | 'manual';
  readonly state: RunState;
  /** How many times were due before and were not run. */
  readonly missed: number;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly summary: Readonly<Record<string, unknown>>;
  readonly error: string;
  readonly threadId?: ThreadId;
  /** US dollars; null: no model was called, or nothing is known. */
  readonly costUsd: number | null;
  /** What its checks found. */
  readonly checks?: readonly SeenCheck[];
}

/** How a server stands that is checked. */
export interface ServerState {
  readonly id: string;
  readonly name: string;
  readonly isHealthy: boolean;
  /** False: nobody knows yet. */
  readonly isChecked: boolean;
  readonly lastError: string;
}

/** A server that people were told is down. */
export interface Outage {
  readonly serverId: string;
  readonly name: string;
  readonly since: Date;
  /** That told of it; `threadId` once it is there. */
  readonly noticeId: string;
  readonly threadId?: ThreadId;
  /** How it stands now; whatever is not `down` is its end. */
  readonly standing: 'down' | 'back' | 'deleted' | 'disabled' | 'vulnerable';
  readonly lastError: string;
}

/** How a run ended. All of it is stored, or nothing. */
export interface Ending {
  readonly state: 'done' | 'failed';
  readonly summary?: Readonly<Record<string, unknown>>;
  /** One sentence. */
  readonly error?: string;
  /** For the next run. */
  readonly data?: unknown;
  readonly notices?: readonly Notice[];
  readonly threadId?: ThreadId;
  /** Told that they are down, with the notice that says so. */
  readonly down?: readonly { readonly serverId: string; readonly noticeId: string }[];
  /** Told how that ended. */
  readonly back?: readonly string[];
  /** Notices that say something else now; where nothing is left of one, nothing happens. */
  readonly restated?: readonly Restated[];
  /** Concerns that are over, and whose notices say so. */
  readonly resolved?: readonly { readonly concernId: string }[];
  /** What people said of these is not said of them any more: they are well again, or worse. Nothing left: it is over. */
  readonly left?: readonly { readonly concernId: string; readonly keys: readonly string[] }[];
  /** Concerns that a newer notice tells of: theirs ask nobody any more. */
  readonly superseded?: readonly string[];
}

/** What a notice says now. */
export interface Restated {
  readonly noticeId: string;
  readonly text: string;
  /** What its thread is called now, where the thread began with it. */
  readonly title: string;
  /** Empty: it rests on nothing that is folded away any more. Absent: on the same. */
  readonly details?: readonly Detail[];
}

/** Who wishes a run, and from where; for the audit log. */
export interface Wisher {
  readonly author: Author;
  /** As `rest`, `console`, `slack`. */
  readonly source: string;
  readonly address?: string;
}

/** A tick or a wish that becomes a run. */
export interface Firing {
  readonly schedule: Schedule;
  readonly fireAt: number;
  readonly trigger: 'time' | 'missed';
  readonly missed: number;
  /** It is too late: the run is only written down. */
  readonly isSkipped: boolean;
}

/** A turn that a run began. */
export interface BegunTurn {
  readonly id: string;
  readonly state: string;
  readonly reply?: Reply;
  /** The tools that were called, once it has ended or waits. */
  readonly calls: readonly CalledTool[];
}

export interface CalledTool {
  readonly tool: string;
  /** JSON. */
  readonly arguments: string;
  readonly ok: boolean;
}

/** What a check found, by which rule, and what that rests on. */
export interface SeenCheck {
  readonly question: string;
  readonly rule: string;
  readonly verdict: Verdict;
  /** Why there is no verdict. */
  readonly why?: string;
  /** The model's words. */
  readonly said: string;
  /** The tools that it called; the bot's own are not among them. */
  readonly calls: readonly CalledTool[];
}

/** Schedules and their runs. Times of leases are the database's own. */
export interface ScheduleStore {
  /** All enabled ones, and what time it is in the database. */
  enabled(): Promise<{ readonly now: number; readonly schedules: readonly Schedule[] }>;
  /** Takes a tick, once over all processes. Undefined: somebody else has, or the schedule is another now. */
  fire(firing: Firing, by: { readonly owner: string; readonly leaseMs: number }): Promise<Run | undefined>;
  /** Begins a run that somebody wishes; undefined when the schedule is gone or one is under way. */
  wish(
    scheduleId: string,
    by: { readonly owner: string; readonly leaseMs: number } & Wisher,
  ): Promise<Run | undefined>;
  /** Takes a run of one of these lanes whose process says nothing any more. */
  takeOver(
    by: { readonly owner: string; readonly leaseMs: number },
    lanes: readonly Lane[],
  ): Promise<Run | undefined>;
  /** Those that are still held. */
  renew(runs: readonly Run[], leaseMs: number): Promise<ReadonlySet<string>>;
  /** Another process may take these at once. */
  letGo(runs: readonly Run[]): Promise<void>;
  /** False: the run is held no more, and nothing was stored. */
  end(run: Run, ending: Ending): Promise<boolean>;
  /** The run is a turn from now on, and ends with it. False as above. */
  becomeTurn(
    run: Run,
    turn:
      | { readonly notice: Notice }
      /** `isUnseen`: its thread is in nobody's list. */
      | { readonly turnId: string; readonly inbound: Inbound; readonly isUnseen?: boolean },
  ): Promise<boolean>;
  /** Begins turns for the run, each once. False as above. */
  ask(run: Run, turns: readonly { readonly turnId: string; readonly inbound: Inbound }[]): Promise<boolean>;
  /** Ends runs whose turn has ended; how many. */
  endWithTurns(): Promise<number>;
  turns(ids: readonly string[]): Promise<readonly BegunTurn[]>;
  history(scheduleId: string, limit: number): Promise<readonly RunView[]>;
  /** What the last run of the schedule left for the next one. */
  lastData(scheduleId: string): Promise<unknown>;
  /** Servers that are checked: enabled and not Vulnerable. */
  servers(): Promise<readonly ServerState[]>;
  outages(): Promise<readonly Outage[]>;
  /** Brings default schedules along, each once ever. */
  furnish(schedules: readonly NewSchedule[]): Promise<void>;
}

/** A schedule that comes with the bot. */
export interface NewSchedule {
  readonly name: string;
  readonly description: string;
  readonly kind: ScheduleKind;
  readonly cron: string;
  readonly cleanUp?: CleanUp;
  readonly target?: string;
  readonly missedRuns?: 'run_once' | 'skip';
  /** It runs once as soon as the bot is there. */
  readonly runsAtOnce?: boolean;
}

/** What is over, in batches: each method removes at most `limit` and says what it removed. Ages are in milliseconds. */
export interface CleanUpStore {
  /** What the model remembers of conversations that nobody goes on with; the threads' ids. */
  conversations(olderThanMs: number, limit: number): Promise<readonly string[]>;
  /** Handled events whose turn has ended, without files. */
  events(olderThanMs: number, limit: number): Promise<number>;
  dedupeKeys(olderThanMs: number, limit: number): Promise<number>;
  /** Replies that were sent or given up; where something unresolved was told is known as long as it is. */
  outbox(olderThanMs: number, limit: number): Promise<number>;
  /** Turns that have ended, with steps, approvals, files and kept results. */
  turns(olderThanMs: number, limit: number): Promise<number>;
  /** What needed attention, once the turns that told of it are gone. */
  concerns(olderThanMs: number, limit: number): Promise<number>;
  /** Groups of alerts that are resolved, with their alerts. */
  alerts(olderThanMs: number, limit: number): Promise<number>;
  /** What is known of routes of alerts that are deleted, once nothing of them is left. */
  leftRoutes(limit: number): Promise<number>;
  /** Threads in which nothing is left. */
  threads(olderThanMs: number, limit: number): Promise<number>;
  /** Never a schedule's last. */
  runs(olderThanMs: number, limit: number): Promise<number>;
  usage(olderThanMs: number, limit: number): Promise<number>;
  /** Rows of the audit log by whole seals, the oldest first; the seals stay. */
  audit(olderThanMs: number): Promise<number>;
  /** What has a time limit of its own: sessions of the console, links to sign in, what adapters and limits remember. */
  expired(limit: number): Promise<number>;
}

/** Looks at all copies of checkpoints in Redis; one without a time limit gets this one, one without an index goes. */
export type CopySweep = (
  retentionMs: number,
) => Promise<{ readonly processed: number; readonly deleted: number; readonly limited: number }>;
