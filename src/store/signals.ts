import { sql } from 'kysely';
import type { Signal, Signals } from '../inbox/port.ts';
import type { Log } from '../observe/port.ts';
import type { OpenDatabase } from './database.ts';

/** The channel on which processes of one database wake each other. */
export const channel = 'ai_ops';

export interface OpenSignals extends Signals {
  close(): Promise<void>;
}

/** What is told within this time goes out in one statement: each NOTIFY locks out all others until it commits. */
const gatherMs = 20;

/** Signals of this and other processes. Losing one costs time, never work: every listener also polls. */
export async function openSignals(database: OpenDatabase, log: Log): Promise<OpenSignals> {
  const listeners = new Set<(signal: Signal) => void>();
  const end = await database.listen(channel, (payload) => {
    const signal = parse(payload);
    if (signal !== undefined) for (const listener of listeners) listener(signal);
  });
  const gathered = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const send = async () => {
    timer = undefined;
    const payloads = [...gathered];
    gathered.clear();
    await sql`select pg_notify(${channel}, payload) from unnest(${payloads}::text[]) as payload`
      .execute(database.db)
      .catch((error: unknown) => log.warn('signals_lost', { error }));
  };
  return {
    tell({ type, threadId }) {
      if (database.kind === 'embedded') return;
      gathered.add(`${type} ${threadId}`);
      timer ??= setTimeout(() => void send(), gatherMs);
    },
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      clearTimeout(timer);
      await end();
    },
  };
}

const types = ['ready', 'changed', 'watch', 'stop', 'relist', 'signed_in', 'forget'] as const;

function parse(payload: string): Signal | undefined {
  const at = payload.indexOf(' ');
  const type = types.find((known) => known === payload.slice(0, at));
  return type === undefined ? undefined : { type, threadId: payload.slice(at + 1) };
}
