import type { Signal, Signals } from '../inbox/port.ts';
import type { OpenDatabase } from './database.ts';

/** The channel on which processes of one database wake each other. */
export const channel = 'ai_ops';

/** Signals of this and other processes. Losing one costs time, never work: every listener also polls. */
export async function openSignals(database: OpenDatabase): Promise<Signals & { close(): Promise<void> }> {
  const listeners = new Set<(signal: Signal) => void>();
  const end = await database.listen(channel, (payload) => {
    const signal = parse(payload);
    if (signal !== undefined) for (const listener of listeners) listener(signal);
  });
  return {
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: end,
  };
}

const types = ['ready', 'changed', 'stop', 'outbox'] as const;

function parse(payload: string): Signal | undefined {
  const at = payload.indexOf(' ');
  const type = types.find((known) => known === payload.slice(0, at));
  return type === undefined ? undefined : { type, threadId: payload.slice(at + 1) };
}
