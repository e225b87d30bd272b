import { sql } from 'kysely';
import type { Reply } from '../chat/reply.ts';
import type { Notice, OutboxStore, Outgoing } from '../inbox/port.ts';
import type { Database, Executor } from './database.ts';
import { cleanText, toJson } from './json.ts';
import { beginWith } from './notices.ts';

interface OutboxRow {
  readonly id: string;
  readonly thread_id: string;
  readonly platform: string;
  readonly turn_id: string;
  readonly ordinal: number;
  readonly reply: Reply;
  readonly edits: Readonly<Record<string, string>> | null;
  readonly attempts: number;
  readonly unsure: boolean;
  readonly age_ms: number;
  readonly opens: boolean;
  readonly restates: boolean;
}

/**
 * The outbox in SQL. Only a thread's oldest unsent reply can be claimed, which keeps them in order; a restatement
 * waits for nothing but the message that it edits, and nothing waits for it.
 */
export function outboxStore(db: Database): OutboxStore {
  return {
    async claim(owner, { leaseMs, platforms }) {
      const { rows } = await sql<OutboxRow>`
        with first as (
          select o.id, o.unsure from outbox o
          where o.state = 'pending' and o.ready_at <= now() and (o.until is null or o.until < now())
            and o.platform = any(${platforms}::text[])
            and not exists (
              select from outbox older
              where older.thread_id = o.thread_id and older.state = 'pending' and older.id < o.id
                and not older.restates and (not o.restates or older.turn_id = o.turn_id)
            )
          order by o.ready_at limit 1 for update skip locked
        )
        update outbox o set owner = ${owner}, until = now() + ${`${leaseMs} ms`}::interval,
          attempts = o.attempts + 1, unsure = true, restated = false, edits = coalesce(o.edits, (
            select post.message_ref from outbox post
            where o.restates and post.turn_id = o.turn_id and post.ordinal = 0
          ))
        from first where o.id = first.id
        returning o.id::text, thread_id, platform, turn_id, ordinal, reply, edits, attempts, first.unsure,
          opening is not null as opens, restates,
          (extract(epoch from now() - created_at) * 1000)::float8 as age_ms`.execute(db);
      return rows[0] === undefined ? undefined : toOutgoing(rows[0]);
    },
    async sent(owner, outgoing, outcome) {
      const { threadId } = outcome;
      if (!outgoing.opensThread || threadId === undefined)
        return void (await markSent(db, owner, outgoing, outcome));
      await db.transaction().execute(async (trx) => {
        const opening = await markSent(trx, owner, outgoing, outcome);
        if (opening !== null) await beginWith(trx, opening, threadId);
      });
    },
    async retry(owner, outgoing, { delayMs, error, unsure }) {
      await sql`
        update outbox set owner = null, until = null, ready_at = now() + ${`${delayMs} ms`}::interval,
          error = ${cleanText(error)}, unsure = ${unsure}
        where ${isHeld(owner, outgoing)}`.execute(db);
    },
    async dead(owner, outgoing, error) {
      // Words that came meanwhile have had no attempt of their own.
      await sql`
        update outbox set state = case when restated then 'pending' else 'dead' end, restated = false,
          created_at = case when restated then now() else created_at end, ready_at = now(), owner = null,
          until = null, error = ${cleanText(error)}
        where ${isHeld(owner, outgoing)}`.execute(db);
    },
    async clearLeases() {
      await sql`update outbox set owner = null, until = null where state = 'pending'`.execute(db);
    },
  };
}

type Outcome = Parameters<OutboxStore['sent']>[2];

/** What the post opens a thread with, where it does. */
async function markSent(
  db: Executor,
  owner: string,
  outgoing: Outgoing,
  { ref, repeated }: Outcome,
): Promise<Notice | null> {
  const { rows } = await sql<{ opening: Notice | null }>`
    update outbox set state = case when restated then 'pending' else 'sent' end, ready_at = now(), sent_at = now(),
      owner = null, until = null, repeated = ${repeated}, message_ref = ${ref === undefined ? null : toJson(ref)}::jsonb, error = null
    where ${isHeld(owner, outgoing)} returning opening`.execute(db);
  return rows[0]?.opening ?? null;
}

/** The attempt still counts: nobody has begun a later one. */
function isHeld(owner: string, { id, attempts }: Outgoing) {
  return sql`id = ${id}::bigint and owner = ${owner} and attempts = ${attempts}`;
}

function toOutgoing(row: OutboxRow): Outgoing {
  // A restatement goes by the key of the post that it edits.
  const key = `${row.turn_id}:${row.restates ? 0 : row.ordinal}`;
  const post = { threadId: row.thread_id, key, reply: row.reply };
  const outgoing = {
    id: row.id,
    platform: row.platform,
    post,
    attempts: row.attempts,
    unsure: row.unsure,
    ageMs: row.age_ms,
    opensThread: row.opens,
    restates: row.restates,
  };
  return row.edits === null ? outgoing : { ...outgoing, edits: row.edits };
}
