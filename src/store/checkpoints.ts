import { type RawBuilder, sql } from 'kysely';
import type { Message } from '../agent/messages.ts';
import { isWhole } from '../sessions/chain.ts';
import type { Checkpoint, SessionStore } from '../sessions/port.ts';
import type { Executor } from './database.ts';
import { toJson } from './json.ts';

interface CheckpointRow {
  readonly id: string;
  readonly prev: string | null;
  readonly replaces: string | null;
  readonly tokens: number;
  readonly messages: readonly Message[];
}

/**
 * Conversations in PostgreSQL: everything is here, whatever became of Redis. They end by clean-up, not
 * by TTL; clean-up removes a conversation wholly, because one without its beginning is not served.
 */
export function checkpointStore(db: Executor): SessionStore {
  return {
    async load(threadId, head, maxTokens) {
      const { rows } = await sql<CheckpointRow>`
        select id, prev, replaces, tokens, messages from (
          select c.*, sum(tokens) over (order by n desc) - tokens as newer from checkpoints c
          where thread_id = ${threadId}
            and n <= (select n from checkpoints where thread_id = ${threadId} and id = ${head})
            and n >= coalesce((
              select max(n) from checkpoints where thread_id = ${threadId} and prev is null
                and n <= (select n from checkpoints where thread_id = ${threadId} and id = ${head})), 0)
        ) newest where newer < ${maxTokens} order by n`.execute(db);
      const checkpoints = rows.map(toCheckpoint);
      return isWhole(checkpoints, head, maxTokens) ? checkpoints : undefined;
    },
    async append(threadId, checkpoint) {
      await insertCheckpoint(threadId, checkpoint, { from: sql`(select 1) as always` }).execute(db);
    },
    async clear(threadId) {
      await sql`delete from checkpoints where thread_id = ${threadId}`.execute(db);
    },
  };
}

/** An insert that happens once for each row of `from`, without its messages where `isEmpty`; none without a checkpoint. */
export function insertCheckpoint(
  threadId: string,
  checkpoint: Checkpoint | undefined,
  {
    from,
    isEmpty = sql`false`,
  }: { readonly from: RawBuilder<unknown>; readonly isEmpty?: RawBuilder<unknown> },
): RawBuilder<unknown> {
  if (checkpoint === undefined) return sql`select 1`;
  return sql`
    insert into checkpoints (thread_id, id, prev, replaces, tokens, messages)
    select ${threadId}, ${checkpoint.id}, ${checkpoint.prev ?? null}, ${checkpoint.replaces ?? null},
      case when ${isEmpty} then 0 else ${checkpoint.tokens}::int end,
      case when ${isEmpty} then '[]' else ${toJson(checkpoint.messages)}::jsonb end
    from ${from}`;
}

function toCheckpoint(row: CheckpointRow): Checkpoint {
  return {
    id: row.id,
    tokens: row.tokens,
    messages: row.messages,
    ...(row.prev === null ? {} : { prev: row.prev }),
    ...(row.replaces === null ? {} : { replaces: row.replaces }),
  };
}
