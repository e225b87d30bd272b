import { sql } from 'kysely';
import type { SharedStore } from '../middleware/port.ts';
import type { Executor } from './database.ts';
import { cleanText } from './json.ts';

/** One write in so many also removes what is over. */
const sweepEvery = 200;
const sweepMost = 5000;

/** Values that all replicas share, in a table that is not logged: a crash of the database empties it. */
export function sharedValues(db: Executor): SharedStore {
  let writes = 0;

  async function swept(): Promise<void> {
    writes += 1;
    if (writes % sweepEvery !== 0) return;
    await sql`
      delete from shared_values where key in (
        select key from shared_values where expires_at < now() limit ${sweepMost} for update skip locked
      )`.execute(db);
  }

  return {
    async get(key) {
      const { rows } = await sql<{ value: string }>`
        select value from shared_values where key = ${key} and expires_at > now()`.execute(db);
      return rows[0]?.value;
    },
    async set(key, value, ttlMs) {
      await sql`
        insert into shared_values (key, value, expires_at)
        values (${key}, ${cleanText(value)}, now() + ${`${ttlMs} ms`}::interval)
        on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at`.execute(db);
      await swept();
    },
    async swap(key, { before, after }, ttlMs) {
      const { rows } = await sql`
        insert into shared_values as v (key, value, expires_at)
        select ${key}, ${cleanText(after)}, now() + ${`${ttlMs} ms`}::interval
        where ${before === undefined} or exists (select from shared_values where key = ${key})
        on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at
        where (${before ?? null}::text is null and v.expires_at <= now())
          or (v.value = ${before ?? null} and v.expires_at > now())
        returning key`.execute(db);
      await swept();
      return rows.length === 1;
    },
  };
}
