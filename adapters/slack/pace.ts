import type { Clock } from '../../src/observe/port.ts';

/** How fast previews may go, all of a workspace together. */
export interface Pace {
  /** A preview began or ended. */
  enter(team: string): void;
  leave(team: string): void;
  /** Whether one more stream may be started now; counts it when it may. */
  mayStream(team: string): boolean;
  /** How long to gather before something is sent again, in milliseconds. */
  gatherMs(team: string, mode: 'stream' | 'update'): number;
}

/** Below Slack's tiers: 20 starts, 100 appends and 50 updates a minute in a workspace. */
const starts = 16;
const perMinute = { stream: 85, update: 40 } as const;
const leastMs = { stream: 700, update: 1200 } as const;

export function createPace(clock: Clock): Pace {
  const running = new Map<string, number>();
  const started = new Map<string, readonly number[]>();
  const count = (team: string) => Math.max(1, running.get(team) ?? 0);
  return {
    enter: (team) => void running.set(team, (running.get(team) ?? 0) + 1),
    leave: (team) => void running.set(team, Math.max(0, (running.get(team) ?? 0) - 1)),
    mayStream(team) {
      const now = clock.now();
      const recent = (started.get(team) ?? []).filter((time) => now - time < 60_000);
      started.set(team, recent.length < starts ? [...recent, now] : recent);
      return recent.length < starts;
    },
    gatherMs: (team, mode) => Math.max(leastMs[mode], Math.ceil((count(team) * 60_000) / perMinute[mode])),
  };
}
