import type { AdapterMemory } from '../../src/chat/adapter-memory.ts';
import { UnavailableError } from '../../src/chat/errors.ts';

/** What an adapter remembers, in this process. */
export interface MemoryInProcess extends AdapterMemory {
  readonly known: ReadonlyMap<string, string>;
  /** While true, nothing can be read or written. */
  isDown: boolean;
}

export function memoryInProcess(): MemoryInProcess {
  const known = new Map<string, string>();
  const check = () => {
    if (memory.isDown) throw new UnavailableError('The database cannot be reached.');
  };
  const memory: MemoryInProcess = {
    known,
    isDown: false,
    async get(key) {
      check();
      const found = known.get(key);
      return found === undefined ? undefined : JSON.parse(found);
    },
    async put(key, value) {
      check();
      known.set(key, JSON.stringify(value));
    },
    async forget(key) {
      check();
      known.delete(key);
    },
  };
  return memory;
}
