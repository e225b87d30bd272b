/** What may go wrong a number of times. */
export interface Counted {
  /** For so many calls; default 1. */
  readonly times?: number;
}

/** What goes wrong with the next calls of a double, by what is called. */
export interface Faults<Name extends string, Fault extends Counted> {
  /** All tokens of the bot are refused from now on. */
  isRevoked: boolean;
  /** Of calls of this name, or of all by `*`. */
  add(name: Name | '*', fault: Fault): void;
  take(name: Name): Fault | undefined;
  clear(): void;
}

export function createFaults<Name extends string, Fault extends Counted>(): Faults<Name, Fault> {
  const waiting = new Map<string, { readonly fault: Fault; left: number }[]>();
  const takeFrom = (name: string): Fault | undefined => {
    const first = waiting.get(name)?.[0];
    if (first === undefined) return undefined;
    first.left -= 1;
    if (first.left <= 0) waiting.get(name)?.shift();
    return first.fault;
  };
  return {
    isRevoked: false,
    add(name, fault) {
      waiting.set(name, [...(waiting.get(name) ?? []), { fault, left: fault.times ?? 1 }]);
    },
    take: (name) => takeFrom(name) ?? takeFrom('*'),
    clear: () => waiting.clear(),
  };
}
