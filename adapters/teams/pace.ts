import { streamPaceMs } from './streams.ts';

/** How fast previews may go, all of a tenant together. */
export interface Pace {
  /** A preview began or ended. */
  enter(tenant: string): void;
  leave(tenant: string): void;
  /** How long to gather before something is sent again, in milliseconds. */
  gatherMs(tenant: string, mode: 'stream' | 'update'): number;
}

/** Half of the 50 requests a second of an app in a tenant, so that answers and typing have the rest. */
const perSecond = 25;
const leastMs = { stream: streamPaceMs, update: 2500 } as const;

export function createPace(): Pace {
  const running = new Map<string, number>();
  return {
    enter: (tenant) => void running.set(tenant, (running.get(tenant) ?? 0) + 1),
    leave(tenant) {
      const left = (running.get(tenant) ?? 0) - 1;
      if (left > 0) running.set(tenant, left);
      else running.delete(tenant);
    },
    gatherMs: (tenant, mode) =>
      Math.max(leastMs[mode], Math.ceil(((running.get(tenant) ?? 1) * 1000) / perSecond)),
  };
}
