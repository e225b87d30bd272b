import type { Counted, Faults as FaultsOf } from '../faults.ts';

/** What the connector can be asked to do. A reply is a `send`. */
export type Operation = 'create' | 'send' | 'update' | 'delete' | 'members' | 'member' | 'react' | 'team';

/** What goes wrong with the next calls of an operation. */
export interface Fault extends Counted {
  /**
   * `cut_before`: the connection ends and nothing was done. `cut_after`: it ends and everything was done.
   * `http`: 412, 500, 502, 503 or 504. `rate_limit`: 429. `error`: a refusal in the connector's words.
   * `slow`: late, and else well.
   */
  readonly type: 'cut_before' | 'cut_after' | 'http' | 'rate_limit' | 'error' | 'slow';
  readonly status?: number;
  /** Of `http`: everything was done all the same. */
  readonly isDone?: boolean;
  /** Of `rate_limit`: in Retry-After. */
  readonly seconds?: number;
  /** Of `error`, as `BotNotInConversationRoster`. */
  readonly code?: string;
  readonly message?: string;
  readonly latencyMs?: number;
}

export type Faults = FaultsOf<Operation, Fault>;
