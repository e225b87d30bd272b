import type { Log, LogFields } from '../../src/observe/port.ts';

/** A log that keeps its entries: event and fields. */
export function recordingLog(): { readonly log: Log; readonly entries: [string, LogFields][] } {
  const entries: [string, LogFields][] = [];
  const keep = (event: string, fields: LogFields = {}) => void entries.push([event, fields]);
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep, with: () => log };
  return { log, entries };
}
