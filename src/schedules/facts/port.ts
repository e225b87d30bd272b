import type { ServerState } from '../port.ts';

/** What a report tells that needs no model. Times are in milliseconds, shares from 0 to 1. */
export interface ReportFacts {
  /** When they were gathered, since 1970 and by the database's clock. */
  readonly at: number;
  readonly servers: readonly ServerState[];
  /** Those that are enabled, the one in use first; none: nobody gets an answer. */
  readonly models: readonly ModelStanding[];
  /** By model, since the last report. */
  readonly usage: readonly ModelFacts[];
  /** Ended since the last report. */
  readonly turns: {
    readonly done: number;
    readonly failed: number;
    readonly stopped: number;
    /** Questions of reports and monitors, which tell themselves how they went; not among the others. */
    readonly checks: number;
  };
  readonly queue: { readonly pending: number; readonly oldestMs: number };
  readonly approvals: { readonly waiting: number; readonly oldestMs: number };
  /** Replies given up since the last report. */
  readonly undeliverable: number;
  /** What all models together used today and this month, in UTC. */
  readonly spent: { readonly today: Spent; readonly month: Spent };
  /** How far limits of the model in use are used up. */
  readonly budgets: readonly BudgetFacts[];
  /** Of the last seven days, the oldest first; `day` is YYYY-MM-DD in UTC. */
  readonly days: readonly { readonly day: string; readonly turns: number; readonly costUsd: number }[];
  readonly host: { readonly memoryUsed: number; readonly diskUsed: number; readonly loadPerCore: number };
}

/** How a model stands, as far as that shows without a token spent. */
export type ModelStanding = { readonly name: string; readonly isInUse: boolean } & (
  | {
      readonly state: 'reachable';
      readonly latencyMs: number;
      /** False: its server’s list does not name it, and is not known to be whole. */
      readonly isListed: boolean;
    }
  | {
      /** `unknown`: its server has no list of models, or does not show it. */
      readonly state: 'misconfigured' | 'refused' | 'not_found' | 'unreachable' | 'unknown';
      /** What was wrong and what to do. */
      readonly detail: string;
    }
);

export interface Spent {
  readonly tokens: number;
  /** US dollars, as far as it is known. */
  readonly usd: number;
  /** False: it was more than that. */
  readonly isWhole: boolean;
}

/** A limit of tokens or money. */
export interface BudgetFacts {
  /** The same while the limit is. */
  readonly key: string;
  /** What it is, as in `everybody together, $10.00 a day`. */
  readonly name: string;
  /** What is used, as in `$8.10 of $10.00 today`. */
  readonly used: string;
  /** Of the one who has used most, where each has a budget of their own. */
  readonly share: number;
  /** From this share on people are warned. */
  readonly warnAt: number;
}

export interface ModelFacts {
  readonly model: string;
  /** That answered. */
  readonly calls: number;
  /** That failed for good. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null: nothing is known. */
  readonly costUsd: number | null;
  /** False: it was more than that. */
  readonly costIsWhole: boolean;
}

/** Gathers what reports and monitors tell without a model: all of it, or no more than one thing needs. */
export interface FactSource {
  /** What has happened since, or in the last 24 hours, and how things stand now. */
  all(since: Date | undefined): Promise<ReportFacts>;
  servers(): Promise<Pick<ReportFacts, 'servers'>>;
  model(since: Date): Promise<Pick<ReportFacts, 'models' | 'usage'>>;
  queue(since: Date): Promise<Pick<ReportFacts, 'queue' | 'undeliverable'>>;
  host(): Promise<Pick<ReportFacts, 'host'>>;
  budget(): Promise<Pick<ReportFacts, 'budgets'>>;
}

/** What of a report's facts is stored. */
export type StoredFacts = Pick<
  ReportFacts,
  'at' | 'usage' | 'turns' | 'approvals' | 'undeliverable' | 'spent' | 'days'
>;
