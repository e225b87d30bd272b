import { sql } from 'kysely';
import type { MessageKey } from '../chat/bot.ts';
import type { ThreadId } from '../chat/inbound.ts';
import type { Database, Executor } from './database.ts';
import { cleanText } from './json.ts';
import { channel } from './signals.ts';

/** What stands in the place of a question that was taken back. */
const retracted = '(This message was deleted.)';

/**
 * Takes a message back: its turn stops if it is open, and later turns know nothing of it. A message that
 * steered another turn takes that one with it. False: no such message of this author is known.
 */
export async function retract(db: Database, { threadId, dedupeKey, by }: MessageKey): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    await lock(trx, threadId);
    const { rows } = await sql`
      with found as (${turnUnder({ threadId, dedupeKey, by })}
      ), turn as (
        update turns t set is_retracted = true, question = ${retracted},
          stop_requested_at = case when t.ended_at is null then coalesce(t.stop_requested_at, now()) else t.stop_requested_at end,
          stop_requested_by = case when t.ended_at is null then coalesce(t.stop_requested_by, ${cleanText(by.name)}) else t.stop_requested_by end
        from found where t.id = found.turn_id
        returning t.id, t.state, t.checkpoint_id
      ), thread as (
        update threads h set
          corrections = h.corrections + 1,
          title = case when h.title = left(found.question, length(h.title)) then null else h.title end,
          seq = h.seq + (select count(*)::int from turn where state in ('running', 'waiting')),
          ready_at = case when exists (select from turn where state in ('running', 'waiting'))
            then coalesce(h.ready_at, now()) else h.ready_at end
        from found where h.thread_id = ${threadId} returning h.seq
      ), event as (
        insert into inbox_events (thread_id, seq, type, turn_id, author, payload)
        select ${threadId}, thread.seq, 'resume', turn.id, ${by.principal}, '{}'
        from thread, turn where turn.state in ('running', 'waiting')
      ), emptied as (
        update checkpoints c set messages = '[]', tokens = 0
        from turn where c.thread_id = ${threadId} and c.id = turn.checkpoint_id
      ), unseen as (
        delete from message_files f using turn where f.turn_id = turn.id
      ), audited as (
        insert into audit_log (source, actor, action, target, thread_id, turn_id)
        select 'chat', ${by.principal}, 'message.retract', ${threadId}, ${threadId}, id from turn
      )
      select pg_notify(${channel}, word || ' ' || ${threadId}::text)
      from turn, unnest(array['stop', 'ready', 'forget', 'changed']) as word`.execute(trx);
    return rows.length > 0;
  });
}

/** `replaced`: the turn has not begun, or has ended. `open`: it is under way and goes on with the old words. */
export type Amended = 'replaced' | 'open' | 'unknown';

/** Replaces the words of a message; where it steered another turn that has ended, it stays as it is. */
export async function amend(
  db: Database,
  { threadId, dedupeKey, by, text }: MessageKey & { readonly text: string },
): Promise<Amended> {
  return await db.transaction().execute(async (trx) => {
    await lock(trx, threadId);
    const { rows } = await sql<{ is_open: boolean }>`
      with found as (${turnUnder({ threadId, dedupeKey, by })}
      ), turn as (
        update turns t set question = ${cleanText(text)}
        from found where t.id = found.turn_id and found.is_own and not found.is_open
        returning t.checkpoint_id, found.question as before
      ), rewritten as (
        update checkpoints c set messages = jsonb_set(messages, '{0,text}', to_jsonb(
          left(messages->0->>'text', -length(turn.before)) || ${cleanText(text)}::text))
        from turn where c.thread_id = ${threadId} and c.id = turn.checkpoint_id and turn.before <> ''
          and right(messages->0->>'text', length(turn.before)) = turn.before
      ), thread as (
        update threads h set corrections = h.corrections + 1 from turn where h.thread_id = ${threadId}
      ), told as (
        select pg_notify(${channel}, word || ' ' || ${threadId}::text)
        from turn, unnest(array['forget', 'changed']) as word
      )
      select is_open, (select count(*) from told) from found`.execute(trx);
    const row = rows[0];
    if (row === undefined) return 'unknown';
    return row.is_open ? 'open' : 'replaced';
  });
}

/** Before anything of its turns is touched, as every write of a turn does. */
async function lock(db: Executor, threadId: ThreadId): Promise<void> {
  await sql`select from threads where thread_id = ${threadId} for update`.execute(db);
}

/** The turn of the present conversation that a message belongs to; `is_own`: it is the message's own. */
function turnUnder({ threadId, dedupeKey, by }: MessageKey) {
  return sql`
    select t.id as turn_id, t.question,
      t.state in ('running', 'waiting') as is_open,
      e.seq = (select min(seq) from inbox_events where turn_id = t.id and type = 'message') as is_own
    from dedupe_keys k join inbox_events e on e.thread_id = k.thread_id and e.seq = k.seq
      join turns t on t.id = e.turn_id join threads h on h.thread_id = t.thread_id
    where k.key = ${dedupeKey} and k.thread_id = ${threadId} and e.author = ${by.principal}
      and t.generation = h.generation and not t.is_retracted`;
}
