import { setTimeout as sleep } from 'node:timers/promises';
import type { ThreadId } from '../chat/inbound.ts';
import type { Log } from '../observe/port.ts';
import { type HeldLease, holdLease, type Moment, moment } from './lease.ts';
import {
  type Claimed,
  HandOverError,
  type InboxStore,
  type Lease,
  LeaseLostError,
  type Signals,
  type Work,
} from './port.ts';

export interface WorkerOptions {
  readonly store: InboxStore;
  readonly signals: Signals;
  /**
   * Handles one event to its end. Resolves with whether the thread was let go of in its last
   * transaction. What it throws is tried again later, in order, by whoever claims the thread then.
   */
  readonly handle: (work: Work, lease: Lease) => Promise<{ readonly released: boolean }>;
  /** Names this process in leases; unique over all processes and starts. */
  readonly owner: string;
  readonly log: Log;
  /** Threads handled at once. */
  readonly slots?: number;
  readonly leaseMs?: number;
  /** Work is aborted this long before its lease runs out. */
  readonly marginMs?: number;
  readonly pollMs?: number;
}

/** Room for one thread: `take` must be called once, with the thread or with nothing. */
export interface Place {
  readonly owner: string;
  readonly leaseMs: number;
  take(claimed: Claimed | undefined): void;
}

export interface Worker {
  start(): void;
  /** Room for one more thread, which a message brings along. Undefined when there is none. */
  reserve(): Place | undefined;
  /** Takes this thread now, if it is free and there is room. */
  offer(threadId: ThreadId): void;
  /** Threads held now. */
  busy(): number;
  holds(threadId: ThreadId): boolean;
  /** Claims nothing more; lets running turns end for `graceMs`, then hands them over. */
  stop(graceMs: number): Promise<void>;
}

const retryDelaysMs = [500, 1000, 2000, 5000, 10_000] as const;

/** Claims threads that have events and has them handled, one event after another in each thread. */
export function createWorker(options: WorkerOptions): Worker {
  const { store, owner, log, slots = 64, leaseMs = 10_000, marginMs = 2000, pollMs = 1000 } = options;
  const held = new Map<ThreadId, HeldLease>();
  const draining = new Set<Promise<void>>();
  const timers: NodeJS.Timeout[] = [];
  let claiming = 0;
  let stopping = false;
  let filling: Promise<void> | undefined;
  let fillAgain = false;

  const forAll = (act: (lease: HeldLease) => void) => {
    for (const lease of held.values()) act(lease);
  };
  const hasRoom = () => !stopping && held.size + claiming < slots;

  async function claim(threadId?: ThreadId): Promise<boolean> {
    const askedAt = moment();
    claiming += 1;
    const claimed = await store
      .claim(owner, threadId === undefined ? { leaseMs } : { leaseMs, threadId })
      .finally(() => {
        claiming -= 1;
      });
    if (claimed === undefined) return false;
    hold(claimed, askedAt);
    return true;
  }

  function hold(claimed: Claimed, askedAt: Moment): void {
    const lease = holdLease(claimed.lease, askedAt, leaseMs - marginMs);
    held.get(lease.threadId)?.abort(new LeaseLostError(lease.threadId));
    held.set(lease.threadId, lease);
    const drained = drain(claimed, lease).finally(() => {
      if (held.get(lease.threadId) === lease) held.delete(lease.threadId);
      draining.delete(drained);
      wake();
    });
    draining.add(drained);
  }

  /** Takes threads until none is ready or there is no room. One look at a time serves all who ask. */
  function wake(): void {
    if (stopping) return;
    fillAgain = true;
    filling ??= fill().finally(() => {
      filling = undefined;
      if (fillAgain) wake();
    });
  }

  async function fill(): Promise<void> {
    while (fillAgain) {
      fillAgain = false;
      try {
        while (hasRoom() && (await claim()));
      } catch (error) {
        log.warn('inbox_claim_failed', { error });
      }
    }
  }

  async function drain(first: Claimed, lease: HeldLease): Promise<void> {
    let claimed: Claimed | 'lost' = first;
    try {
      while (claimed !== 'lost') {
        if (stopping) return await store.handOver(lease, { delayMs: 0 });
        if (claimed.work === undefined) {
          if (await store.release(lease, claimed.seen)) return;
        } else if ((await handle(claimed.work, lease)).released) return;
        claimed = await store.next(lease);
      }
    } catch (error) {
      await giveUp(claimed === 'lost' ? undefined : claimed.work, lease, error);
    }
  }

  async function handle(work: Work, lease: HeldLease): Promise<{ readonly released: boolean }> {
    if (work.turn !== undefined) return await options.handle(work, lease.begin(work.turn.id));
    await store.drop(lease, work.seq);
    return { released: false };
  }

  /** Another process, or this one later, tries again. */
  async function giveUp(work: Work | undefined, lease: HeldLease, error: unknown): Promise<void> {
    const fields = { thread_id: lease.threadId, turn_id: work?.turn?.id, attempt: work?.attempts };
    if (error instanceof LeaseLostError) return log.warn('lease_lost', fields);
    const handingOver = error instanceof HandOverError;
    if (handingOver) log.info('turn_handed_over', fields);
    else log.error('event_failed', { ...fields, error });
    const delayMs = handingOver ? 0 : (retryDelaysMs[(work?.attempts ?? 1) - 1] ?? 30_000);
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    await store
      .handOver(lease, handingOver ? { delayMs } : { delayMs, error: reason })
      .catch((failure: unknown) => log.warn('hand_over_failed', { ...fields, error: failure }));
  }

  async function heartbeat(): Promise<void> {
    const leases = [...held.values()];
    if (leases.length === 0) return;
    const askedAt = moment();
    const renewed = new Map((await store.renew(owner, leases, leaseMs)).map((item) => [item.threadId, item]));
    for (const lease of leases) {
      const still = renewed.get(lease.threadId);
      if (still?.epoch !== lease.epoch) {
        if (held.get(lease.threadId) === lease) lease.abort(new LeaseLostError(lease.threadId));
        continue;
      }
      lease.renewed(askedAt, leaseMs - marginMs);
      if (still.stop !== undefined) lease.stop(still.stop.turnId, still.stop.by);
    }
  }

  const beat = () => void heartbeat().catch((error: unknown) => log.warn('heartbeat_failed', { error }));

  const unsubscribe = options.signals.on((signal) => {
    if (signal.type === 'ready' && hasRoom()) wake();
    if (signal.type === 'stop' && held.has(signal.threadId)) beat();
  });

  return {
    start() {
      timers.push(setInterval(wake, pollMs));
      timers.push(setInterval(beat, leaseMs / 3));
      timers.push(setInterval(() => forAll((lease) => lease.expire()), 250));
      wake();
    },
    reserve() {
      if (!hasRoom()) return undefined;
      const askedAt = moment();
      claiming += 1;
      return {
        owner,
        leaseMs,
        take(claimed) {
          claiming -= 1;
          if (claimed !== undefined) hold(claimed, askedAt);
        },
      };
    },
    offer(threadId) {
      if (!hasRoom() || held.has(threadId)) return;
      claim(threadId).catch((error: unknown) => log.warn('inbox_claim_failed', { error }));
    },
    busy: () => held.size,
    holds: (threadId) => held.has(threadId),
    async stop(graceMs) {
      stopping = true;
      unsubscribe();
      const grace = setTimeout(() => forAll((lease) => lease.abort(new HandOverError())), graceMs);
      await filling;
      while (draining.size > 0 || claiming > 0) await Promise.race([...draining, sleep(20)]);
      clearTimeout(grace);
      timers.forEach(clearInterval);
    },
  };
}
