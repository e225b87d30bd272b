import { type Lease, type LeaseKey, LeaseLostError } from './port.ts';

/** A lease as the worker keeps it. */
export interface HeldLease extends Lease {
  /** The lease holds for `forMs` from the moment its renewal was asked for. */
  renewed(askedAt: Moment, forMs: number): void;
  /** Aborts the work if the lease may have run out. */
  expire(): void;
  abort(reason: Error): void;
}

/** A moment on both clocks: the monotonic one stands still while a machine sleeps, the other can be set. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

export function moment(): Moment {
  return { monotonic: performance.now(), wall: Date.now() };
}

/** The longer of what the two clocks say has passed. */
export function msSince(since: Moment): number {
  return Math.max(performance.now() - since.monotonic, Date.now() - since.wall);
}

/** Tracks a lease that was just claimed and counts from before the claim was sent. */
export function holdLease(key: LeaseKey, claimedAt: Moment, forMs: number): HeldLease {
  const controller = new AbortController();
  let since = claimedAt;
  let validMs = forMs;
  const expire = () => {
    if (msSince(since) >= validMs) controller.abort(new LeaseLostError(key.threadId));
  };
  return {
    ...key,
    signal: controller.signal,
    check() {
      expire();
      controller.signal.throwIfAborted();
    },
    renewed(askedAt, ms) {
      since = askedAt;
      validMs = ms;
    },
    expire,
    abort: (reason) => controller.abort(reason),
  };
}
