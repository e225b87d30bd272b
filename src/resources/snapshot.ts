import type { ConfigStore, Snapshot } from './port.ts';

/** The newest configuration this process has read. */
export interface Snapshots {
  /** Configuration of at least this version; read once per version, however many ask. */
  atLeast(version: number): Promise<Snapshot>;
}

/** Caches configuration by its version. `changed` hears of each newer one before anybody uses it. */
export function latestSnapshot(store: ConfigStore, changed: (snapshot: Snapshot) => void): Snapshots {
  let latest: Snapshot | undefined;
  let reading: Promise<Snapshot> | undefined;

  async function read(): Promise<Snapshot> {
    const snapshot = await store.snapshot();
    if (latest === undefined || snapshot.version > latest.version) {
      latest = snapshot;
      changed(snapshot);
    }
    return latest;
  }

  return {
    async atLeast(version) {
      while (latest === undefined || latest.version < version) {
        reading ??= read().finally(() => {
          reading = undefined;
        });
        await reading;
      }
      return latest;
    },
  };
}
