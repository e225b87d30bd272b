import { sql } from 'kysely';
import type { Reply } from '../chat/reply.ts';
import type { Executor } from './database.ts';
import { toJson } from './json.ts';
import { channel } from './signals.ts';

/** What a notice says now, wherever it is stored. Undefined: nothing of it is left. */
export async function wordsOf(trx: Executor, noticeId: string): Promise<Reply | undefined> {
  const { rows } = await sql<{ reply: Reply | null }>`
    select coalesce(
      (select reply from turns where id = ${noticeId}::uuid),
      (select reply from outbox where turn_id = ${noticeId}::uuid and ordinal = 0)) as reply`.execute(trx);
  return rows[0]?.reply ?? undefined;
}

/** Locks the thread that a notice stands in, before anything of its turns is locked, as every write of a turn does. */
export async function holdThread(trx: Executor, noticeId: string): Promise<void> {
  await sql`
    select from threads where thread_id = (select thread_id from turns where id = ${noticeId}::uuid)
    for update`.execute(trx);
}

/** The same for several notices, and for threads by their ids: in one order, so that nobody waits for each other. */
export async function holdThreads(
  trx: Executor,
  {
    noticeIds,
    threadIds = [],
  }: { readonly noticeIds: readonly string[]; readonly threadIds?: readonly string[] },
): Promise<void> {
  if (noticeIds.length + threadIds.length === 0) return;
  await sql`
    select from threads
    where thread_id in (select thread_id from turns where id = any(${[...noticeIds]}::uuid[]))
      or thread_id = any(${[...threadIds]}::text[])
    order by thread_id for update`.execute(trx);
}

/**
 * Replaces what a notice says, in its thread and on its platform. The caller holds its thread, where it has one by
 * then: one that begins meanwhile is not locked after what was locked since. False: nothing of it is left.
 */
export async function replaceWords(trx: Executor, noticeId: string, reply: Reply): Promise<boolean> {
  const isThere = await replaceTurn(trx, noticeId, reply);
  const posted = await replacePost(trx, noticeId, reply);
  // What was being posted may have opened its thread meanwhile.
  const isThereNow = isThere || (posted && (await replaceTurn(trx, noticeId, reply)));
  return isThereNow || posted;
}

async function replaceTurn(trx: Executor, noticeId: string, reply: Reply): Promise<boolean> {
  const { rows } = await sql`
    with turn as (
      update turns set reply = ${toJson(reply)}::jsonb where id = ${noticeId}::uuid returning thread_id
    )
    select pg_notify(${channel}, 'changed ' || thread_id) from turn`.execute(trx);
  return rows.length === 1;
}

interface PostRow {
  readonly state: 'pending' | 'sent' | 'dead';
  readonly unsure: boolean;
  readonly is_known: boolean;
}

/**
 * A post that nobody has tried to send says the new words itself. One that is out, or may be, is edited: by a
 * second row, which waits until it is known where the first one stands.
 */
async function replacePost(trx: Executor, noticeId: string, reply: Reply): Promise<boolean> {
  const { rows } = await sql<PostRow>`
    update outbox set reply = ${toJson(reply)}::jsonb,
      opening = case when opening is null then null else jsonb_set(opening, '{reply}', ${toJson(reply)}::jsonb) end
    where turn_id = ${noticeId}::uuid and ordinal = 0
    returning state, unsure, message_ref is not null as is_known`.execute(trx);
  const [post] = rows;
  if (post === undefined || post.state === 'dead') return false;
  if (post.state === 'sent' ? post.is_known : post.unsure) await edit(trx, noticeId);
  return true;
}

/** What was sent is sent again; what is being sent, once that has ended, so that the newest words come last. */
async function edit(trx: Executor, noticeId: string): Promise<void> {
  await sql`
    insert into outbox (thread_id, platform, turn_id, ordinal, reply, edits, restates)
    select thread_id, platform, turn_id, 1, reply, message_ref, true
    from outbox where turn_id = ${noticeId}::uuid and ordinal = 0
    on conflict (turn_id, ordinal) do update set reply = excluded.reply,
      edits = coalesce(outbox.edits, excluded.edits),
      restated = outbox.state = 'pending' and outbox.owner is not null,
      created_at = case when outbox.state = 'pending' then outbox.created_at else now() end,
      ready_at = case when outbox.state = 'pending' then outbox.ready_at else now() end,
      state = 'pending'
    where outbox.restates`.execute(trx);
}
