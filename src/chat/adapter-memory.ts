/** What an adapter must still know after a restart, and on every replica: small JSON by key, encrypted at rest. */
export interface AdapterMemory {
  /** Undefined: nothing is known. Throws `UnavailableError`, as all methods do. */
  get(key: string): Promise<unknown>;
  /** `keepMs`: it may be forgotten after this time. */
  put(key: string, value: unknown, keepMs?: number): Promise<void>;
  forget(key: string): Promise<void>;
}
