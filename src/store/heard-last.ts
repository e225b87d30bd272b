import { sql } from 'kysely';
import type { HeardLast } from '../chat/heard-last.ts';
import { reachable } from '../chat/reachable.ts';
import type { Clock, Log } from '../observe/port.ts';
import type { Database } from './database.ts';

/** One process writes the same no more often. */
const everyMs = 60_000;

/** Stands for the bot itself: since when it remembers. */
const began = '';

/** What was heard of a platform last, in SQL. */
export function heardLast(
  db: Database,
  { platform, clock, log }: { readonly platform: string; readonly clock: Clock; readonly log: Log },
): HeardLast {
  const written = new Map<string, number>();

  function store(what: string): void {
    const at = new Date(clock.now());
    const set = what === began ? sql`nothing` : sql`update set at = greatest(heard_last.at, excluded.at)`;
    sql`insert into heard_last (platform, what, at) values (${platform}, ${what}, ${at})
      on conflict (platform, what) do ${set}`
      .execute(db)
      .catch((error: unknown) => {
        written.delete(what);
        log.warn('heard_not_noted', { platform, error });
      });
  }

  store(began);
  return {
    note(what) {
      const now = clock.now();
      if (now - (written.get(what) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
      written.set(what, now);
      store(what);
    },
    read: reachable(async () => {
      const { rows } = await sql<{ what: string; at: Date }>`
        select what, at from heard_last where platform = ${platform} order by what`.execute(db);
      const last = new Map(rows.map(({ what, at }) => [what, at]));
      const since = last.get(began) ?? new Date(clock.now());
      last.delete(began);
      return { since, last };
    }),
  };
}
