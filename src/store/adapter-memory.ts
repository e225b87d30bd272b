import { sql } from 'kysely';
import type { Cipher } from '../access/port.ts';
import type { AdapterMemory } from '../chat/adapter-memory.ts';
import { reachable } from '../chat/reachable.ts';
import type { Clock } from '../observe/port.ts';
import type { Database } from './database.ts';

export interface AdapterMemoryOptions {
  readonly cipher: Cipher;
  readonly clock: Clock;
  /** Hears of what cannot be opened any more; it counts as forgotten. */
  readonly unreadable: (key: string) => void;
}

/** How many things that nobody may know any more go with each one that is stored. */
const sweep = 20;

/** What adapters must know, in SQL, encrypted. Each method is one statement. */
export function adapterMemory(
  db: Database,
  { cipher, clock, unreadable }: AdapterMemoryOptions,
): AdapterMemory {
  const purposeOf = (key: string) => `adapter memory ${key}`;
  const now = () => new Date(clock.now());

  function open(key: string, sealed: string): unknown {
    try {
      return JSON.parse(cipher.open(sealed, purposeOf(key)));
    } catch {
      unreadable(key);
      return undefined;
    }
  }

  return {
    get: reachable(async (key: string) => {
      const { rows } = await sql<{ sealed: string }>`
        select sealed from adapter_memory
        where key = ${key} and (expires_at is null or expires_at > ${now()})`.execute(db);
      return rows[0] === undefined ? undefined : open(key, rows[0].sealed);
    }),
    put: reachable(async (key: string, value: unknown, keepMs?: number) => {
      const sealed = cipher.seal(JSON.stringify(value), purposeOf(key));
      const expiresAt = keepMs === undefined ? null : new Date(clock.now() + keepMs);
      await sql`
        with expired as (
          delete from adapter_memory where key in (
            select key from adapter_memory where expires_at <= ${now()} and key <> ${key}
            limit ${sweep} for update skip locked
          )
        )
        insert into adapter_memory (key, sealed, expires_at) values (${key}, ${sealed}, ${expiresAt})
        on conflict (key) do update set sealed = excluded.sealed, expires_at = excluded.expires_at`.execute(
        db,
      );
    }),
    forget: reachable(async (key: string) => {
      await sql`delete from adapter_memory where key = ${key}`.execute(db);
    }),
  };
}
