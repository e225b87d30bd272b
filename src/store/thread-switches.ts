import { sql } from 'kysely';
import type { ThreadSwitches } from '../chat/thread-switches.ts';
import type { Database } from './database.ts';

/** Threads' switches in SQL. Each method is one statement. */
export function threadSwitches(db: Database): ThreadSwitches {
  return {
    async of(threadId) {
      const { rows } = await sql<{ is_quiet: boolean }>`
        select is_quiet from threads where thread_id = ${threadId}`.execute(db);
      return { isKnown: rows.length > 0, isQuiet: rows[0]?.is_quiet ?? false };
    },
    async setQuiet(threadId, isQuiet) {
      const { rows } = await sql`
        update threads set is_quiet = ${isQuiet} where thread_id = ${threadId} returning thread_id`.execute(
        db,
      );
      return rows.length > 0;
    },
  };
}
