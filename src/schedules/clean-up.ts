import type { CleanUp, CleanUpStore, CopySweep, Ending } from './port.ts';

/** How long things are kept, as the settings say. */
export interface Keeping {
  readonly chat_session_ttl_minutes: number;
  readonly checkpoint_retention_days: number;
  readonly event_retention_days: number;
  readonly transcript_retention_days: number;
  readonly run_retention_days: number;
  readonly usage_retention_days: number;
  readonly audit_retention_days: number;
}

export interface CleanUpParts {
  readonly store: CleanUpStore;
  readonly keeping: () => Promise<Keeping>;
  /** Forgets the copies of a conversation. */
  readonly forget: (threadId: string) => Promise<void>;
  /** Absent without Redis. */
  readonly sweepCopies?: CopySweep;
}

const batch = 500;
const graceMs = 30_000;
const dayMs = 86_400_000;

/** Removes what is over, and counts it. Stops between batches when aborted. */
export async function cleanUp(what: CleanUp, parts: CleanUpParts, signal: AbortSignal): Promise<Ending> {
  const keeping = await parts.keeping();
  return { state: 'done', summary: { success: true, ...(await tasks[what](parts, keeping, signal)) } };
}

type Counts = Readonly<Record<string, number>>;

const tasks: Readonly<
  Record<CleanUp, (parts: CleanUpParts, keeping: Keeping, signal: AbortSignal) => Promise<Counts>>
> = {
  async sessions(parts, { chat_session_ttl_minutes: minutes }, signal) {
    const deleted = await conversations(parts, minutes * 60_000 + graceMs, signal);
    return { processed_count: deleted, deleted_count: deleted, ttl_minutes: minutes };
  },
  async checkpoints(parts, { checkpoint_retention_days: days }, signal) {
    const deleted = await conversations(parts, days * dayMs, signal);
    const copies = (await parts.sweepCopies?.(days * dayMs)) ?? { processed: 0, deleted: 0, limited: 0 };
    return {
      processed_count: deleted + copies.processed,
      deleted_count: deleted + copies.deleted,
      limited_count: copies.limited,
      retention_days: days,
    };
  },
  async records({ store }, keeping, signal) {
    const all = (remove: (limit: number) => Promise<number>) => inBatches(remove, signal);
    const [events, transcripts] = [keeping.event_retention_days, keeping.transcript_retention_days];
    return {
      // Keys first: one without its event could not say which turn answers a repetition.
      dedupe_keys: await all((n) => store.dedupeKeys(events * dayMs, n)),
      events: await all((n) => store.events(events * dayMs, n)),
      replies: await all((n) => store.outbox(events * dayMs, n)),
      turns: await all((n) => store.turns(transcripts * dayMs, n)),
      concerns: await all((n) => store.concerns(transcripts * dayMs, n)),
      alerts: await all((n) => store.alerts(transcripts * dayMs, n)),
      alert_routes: await all((n) => store.leftRoutes(n)),
      threads: await all((n) => store.threads(transcripts * dayMs, n)),
      runs: await all((n) => store.runs(keeping.run_retention_days * dayMs, n)),
      usage: await all((n) => store.usage(keeping.usage_retention_days * dayMs, n)),
      audit: await inBatches(() => store.audit(keeping.audit_retention_days * dayMs), signal, 1),
      expired: await all((n) => store.expired(n)),
    };
  },
};

async function conversations(parts: CleanUpParts, olderThanMs: number, signal: AbortSignal): Promise<number> {
  return await inBatches(async (limit) => {
    const threads = await parts.store.conversations(olderThanMs, limit);
    for (const threadId of threads) await parts.forget(threadId);
    return threads.length;
  }, signal);
}

/** Until a batch removes less than it could. */
async function inBatches(
  remove: (limit: number) => Promise<number>,
  signal: AbortSignal,
  full = batch,
): Promise<number> {
  let total = 0;
  for (;;) {
    signal.throwIfAborted();
    const removed = await remove(batch);
    total += removed;
    if (removed < full) return total;
  }
}
