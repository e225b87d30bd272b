/** The tools that ran for each turn in this process, for a quiet line below its answer. */
export interface Done {
  note(turnId: string, tool: string): void;
  of(turnId: string): readonly string[];
}

const turns = 500;

export function createDone(): Done {
  const ran = new Map<string, readonly string[]>();
  return {
    note(turnId, tool) {
      const before = ran.get(turnId) ?? [];
      ran.set(turnId, before.includes(tool) ? before : [...before, tool]);
      const [oldest] = ran.keys();
      if (ran.size > turns && oldest !== undefined) ran.delete(oldest);
    },
    of: (turnId) => ran.get(turnId) ?? [],
  };
}
