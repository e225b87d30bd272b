import type { Counted, Faults as FaultsOf } from '../faults.ts';

/** What goes wrong with the next calls of a method. */
export interface Fault extends Counted {
  /**
   * `cut_before`: the connection ends and nothing was done. `cut_after`: it ends and everything was done.
   * `http`: an answer of a gateway. `rate_limit`: 429. `error`: `ok: false`. `slow`: late, and else well.
   */
  readonly type: 'cut_before' | 'cut_after' | 'http' | 'rate_limit' | 'error' | 'slow';
  readonly status?: number;
  readonly seconds?: number;
  readonly error?: string;
  readonly latencyMs?: number;
}

/** By method of the Web API. */
export type Faults = FaultsOf<string, Fault>;
