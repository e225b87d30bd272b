import type { Log } from '../observe/port.ts';
import type { ConfigStore, Snapshot } from './port.ts';
import { choosePrompt } from './prompt-choice.ts';
import type { PromptFiles } from './prompt-files.ts';

/** The newest configuration this process has read. */
export interface Snapshots {
  /** Configuration of at least this version; read once per version, however many ask. */
  atLeast(version: number): Promise<Snapshot>;
}

export interface SnapshotParts {
  readonly store: ConfigStore;
  readonly files: Pick<PromptFiles, 'read'>;
  /** Hears of each newer snapshot before anybody uses it. */
  readonly changed: (snapshot: Snapshot) => void;
  readonly log: Log;
}

/** Caches configuration by its version. Prompt files are read with it: once per version, not per turn. */
export function latestSnapshot({ store, files, changed, log }: SnapshotParts): Snapshots {
  let latest: Snapshot | undefined;
  let reading: Promise<Snapshot> | undefined;

  async function read(): Promise<Snapshot> {
    const { prompts, ...stored } = await store.snapshot();
    const prompt = await choosePrompt(prompts, files, log);
    const snapshot = { ...stored, ...(prompt === undefined ? {} : { prompt }) };
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
