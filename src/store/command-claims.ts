import { sql } from 'kysely';
import type { Claim, CommandClaims } from '../chat/heard-once.ts';
import { reachable } from '../chat/reachable.ts';
import type { Database } from './database.ts';

/** Numbers in the place of an event's: events of threads are counted from 1. */
const [done, underWay] = [0, -1];
/** A command that takes longer was interrupted; platforms deliver again after a minute. */
const longestMs = 45_000;

interface ClaimRow {
  readonly claimed: readonly string[] | null;
  readonly taken_over: number;
  readonly is_over: boolean;
}

/**
 * Commands stand among the keys of messages, so that a message is never both. Each method is one statement,
 * but for a claim that raced with another one.
 */
export function commandClaims(db: Database): CommandClaims {
  const release = reachable(async (keys: readonly string[]) => {
    await sql`
      delete from dedupe_keys where key = any(${[...keys]}::text[]) and seq = ${underWay}::int`.execute(db);
  });

  return {
    release,
    claim: reachable(async (threadId: string, keys: readonly string[]): Promise<Claim> => {
      const sorted = [...new Set(keys)].sort();
      const { rows } = await sql<ClaimRow>`
        with known as (
          select seq from dedupe_keys where key = any(${sorted}::text[])
        ), claimed as (
          insert into dedupe_keys (key, thread_id, seq)
          select key, ${threadId}, ${underWay}::int from unnest(${sorted}::text[]) as key
          where not exists (select from known)
          on conflict do nothing returning key
        ), taken_over as (
          update dedupe_keys set created_at = now()
          where key = any(${sorted}::text[]) and created_at < now() - ${`${longestMs} ms`}::interval
            and not exists (select from known where seq <> ${underWay}::int)
          returning key
        )
        select (select array_agg(key) from claimed) as claimed,
          (select count(*)::int from taken_over) as taken_over,
          exists (select from known where seq <> ${underWay}::int) as is_over`.execute(db);
      const { claimed, taken_over = 0, is_over = true } = rows[0] ?? {};
      if (claimed?.length === sorted.length) return 'first';
      if (claimed) await release(claimed);
      if (taken_over > 0) return 'interrupted';
      return is_over ? 'over' : 'under_way';
    }),
    done: reachable(async (keys: readonly string[]) => {
      await sql`
        update dedupe_keys set seq = ${done}::int
        where key = any(${[...keys]}::text[]) and seq = ${underWay}::int`.execute(db);
    }),
  };
}
