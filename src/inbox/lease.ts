import { type HandOverError, type Lease, type LeaseKey, LeaseLostError, StopRequestedError } from './port.ts';

/** A lease as the worker keeps it: it outlives the turns that are handled under it. */
export interface HeldLease extends LeaseKey {
  /** The lease as one turn sees it: its signal also hears that this turn is to stop. */
  begin(turnId: string): Lease;
  /** Stops the turn that is handled now, if it is this one. */
  stop(turnId: string, by: string): void;
  /** The lease holds for `forMs` from the moment its renewal was asked for. */
  renewed(askedAt: Moment, forMs: number): void;
  /** Aborts the work if the lease may have run out. */
  expire(): void;
  /** The lease itself is over. */
  abort(reason: LeaseLostError | HandOverError): void;
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
  const over = new AbortController();
  let turn = { id: '', stopping: new AbortController() };
  let since = claimedAt;
  let validMs = forMs;
  const expire = () => {
    if (msSince(since) >= validMs) over.abort(new LeaseLostError(key.threadId));
  };
  return {
    ...key,
    begin(turnId) {
      turn = { id: turnId, stopping: new AbortController() };
      const signal = AbortSignal.any([over.signal, turn.stopping.signal]);
      return {
        ...key,
        signal,
        check() {
          expire();
          signal.throwIfAborted();
        },
      };
    },
    stop(turnId, by) {
      if (turn.id === turnId) turn.stopping.abort(new StopRequestedError(by));
    },
    renewed(askedAt, ms) {
      since = askedAt;
      validMs = ms;
    },
    expire,
    abort: (reason) => over.abort(reason),
  };
}
