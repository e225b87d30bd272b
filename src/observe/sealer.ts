import { type Log, rowsPerSeal, type SealStore } from './port.ts';

export interface SealerOptions {
  readonly store: SealStore;
  readonly log: Log;
  readonly everyMs?: number;
  /** Younger rows wait for the next round, so that rows written at the same time share a seal. */
  readonly minAgeMs?: number;
}

/**
 * Seals the audit log now and then, and once more when it is stopped. Every process may run one: they
 * take turns. Each seal's hash is logged, so that a log kept elsewhere can witness the chain.
 */
export function startSealer({ store, log, everyMs = 30_000, minAgeMs = 5000 }: SealerOptions): {
  stop(): Promise<void>;
} {
  let sealing: Promise<void> | undefined;
  let stopping = false;
  /** True when there may be more. */
  const sealOnce = async (ageMs: number) => {
    const seal = await store.seal(ageMs);
    if (seal === undefined) return false;
    log.info('audit_sealed', { seal: seal.n, rows: seal.rowCount, hash: seal.hash });
    return seal.rowCount === rowsPerSeal;
  };
  const sweep = async () => {
    try {
      while (!stopping && (await sealOnce(minAgeMs)));
    } catch (error) {
      log.warn('audit_sealing_failed', { error });
    }
  };
  const timer = setInterval(() => {
    sealing ??= sweep().finally(() => {
      sealing = undefined;
    });
  }, everyMs);
  return {
    async stop() {
      stopping = true;
      clearInterval(timer);
      await sealing;
      await sealOnce(0).catch((error: unknown) => log.warn('audit_sealing_failed', { error }));
    },
  };
}
