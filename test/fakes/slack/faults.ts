/** What goes wrong with the next calls of a method. */
export interface Fault {
  /**
   * `cut_before`: the connection ends and nothing was done. `cut_after`: it ends and everything was done.
   * `http`: an answer of a gateway. `rate_limit`: 429. `error`: `ok: false`. `slow`: late, and else well.
   */
  readonly type: 'cut_before' | 'cut_after' | 'http' | 'rate_limit' | 'error' | 'slow';
  readonly status?: number;
  readonly seconds?: number;
  readonly error?: string;
  readonly latencyMs?: number;
  /** For so many calls; default 1. */
  readonly times?: number;
}

export interface Faults {
  /** All tokens of the bot are refused from now on. */
  isRevoked: boolean;
  /** Of one method, or of all by `*`. */
  add(method: string, fault: Fault): void;
  take(method: string): Fault | undefined;
  clear(): void;
}

export function createFaults(): Faults {
  const waiting = new Map<string, { fault: Fault; left: number }[]>();
  const takeFrom = (name: string): Fault | undefined => {
    const first = waiting.get(name)?.[0];
    if (first === undefined) return undefined;
    first.left -= 1;
    if (first.left <= 0) waiting.get(name)?.shift();
    return first.fault;
  };
  return {
    isRevoked: false,
    add(method, fault) {
      waiting.set(method, [...(waiting.get(method) ?? []), { fault, left: fault.times ?? 1 }]);
    },
    take: (method) => takeFrom(method) ?? takeFrom('*'),
    clear: () => waiting.clear(),
  };
}
