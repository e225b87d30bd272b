import { sql } from 'kysely';
import { withBackground } from '../agent/background.ts';
import { estimateTokens } from '../agent/budget.ts';
import type { Message } from '../agent/messages.ts';
import type { ThreadId } from '../chat/inbound.ts';
import type { Notice } from '../inbox/port.ts';
import { insertCheckpoint } from './checkpoints.ts';
import { insertConcern, withCard } from './concerns.ts';
import type { Executor } from './database.ts';
import { cleanText, toJson } from './json.ts';
import { receive } from './receive.ts';
import { channel } from './signals.ts';

const maxPending = 50;

/**
 * Stores what the bot says by itself, within the transaction of what made it say so; the same notice
 * twice is one. In a channel whose platform names threads, the thread follows when the post is out.
 */
export async function storeNotice(trx: Executor, given: Notice): Promise<void> {
  const notice = withCard(given);
  const { place } = notice;
  await insertConcern(trx, notice);
  if (place.type === 'channel') return await putOut(trx, notice, place.address);
  await beginWith(trx, notice, place.threadId);
  if (notice.isPosted) await putOut(trx, notice, place.threadId);
}

async function putOut(trx: Executor, notice: Notice, threadId: ThreadId): Promise<void> {
  const opening = notice.place.type === 'channel' ? toJson(notice) : null;
  await sql`
    insert into outbox (thread_id, platform, turn_id, ordinal, reply, opening)
    values (${threadId}, ${notice.platform}, ${notice.id}::uuid, 0, ${toJson(notice.reply)}::jsonb, ${opening}::jsonb)
    on conflict (turn_id, ordinal) do nothing`.execute(trx);
}

/** A notice is there: its thread knows it as a turn, and the message that it brings along is received. */
export async function beginWith(trx: Executor, notice: Notice, threadId: ThreadId): Promise<void> {
  const head = await insertTurn(trx, notice, threadId);
  if (head === undefined) return;
  if (head.isIdle) await remember(trx, { notice, threadId, prev: head.id });
  if (notice.first !== undefined) {
    const { turnId, inbound } = notice.first;
    await receive(trx, { ...inbound, threadId }, turnId, { maxPending });
  }
}

interface Head {
  readonly id: string | undefined;
  /** Nobody writes in the thread now: what a running turn remembers would pass by this notice. */
  readonly isIdle: boolean;
}

/** Undefined: it was there. The thread's row stays locked until the transaction ends. */
async function insertTurn(trx: Executor, notice: Notice, threadId: ThreadId): Promise<Head | undefined> {
  const { id, platform, author, reply, title, startedBy = author.principal } = notice;
  const { rows } = await sql<{ head: string | null; idle: boolean; fresh: boolean }>`
    with thread as (
      insert into threads (thread_id, platform, started_by, title)
      values (${threadId}, ${platform}, ${startedBy}, ${cleanText(title)})
      on conflict (thread_id) do update set title = coalesce(threads.title, excluded.title), updated_at = now()
      returning generation, head, owner is null as idle
    ), turn as (
      insert into turns (id, thread_id, generation, state, asker, asker_name, question, reply, replies, created_at,
        started_at, ended_at)
      select ${id}::uuid, ${threadId}, generation, 'done', ${author.principal}, ${cleanText(author.name)}, '',
        ${toJson(reply)}::jsonb, 1, now() - interval '1 millisecond', now(), now()
      from thread on conflict (id) do nothing returning id
    )
    select thread.head, thread.idle, exists (select from turn) as fresh,
      pg_notify(${channel}, 'changed ' || ${threadId}::text)
    from thread`.execute(trx);
  const row = rows[0];
  if (row === undefined || !row.fresh) return undefined;
  return { id: row.head ?? undefined, isIdle: row.idle };
}

interface Remembering {
  readonly notice: Notice;
  readonly threadId: ThreadId;
  readonly prev: string | undefined;
}

/** What it was made from came from tools and other strangers: the model reads it as data. */
async function remember(trx: Executor, { notice, threadId, prev }: Remembering): Promise<void> {
  const messages: readonly Message[] = [
    { role: 'user', text: withBackground(`(The bot posts by itself: ${notice.title})`, notice.evidence) },
    { role: 'assistant', text: notice.reply.text, calls: [] },
  ];
  const checkpoint = {
    id: notice.id,
    tokens: estimateTokens(messages),
    messages,
    ...(prev === undefined ? {} : { prev }),
  };
  await insertCheckpoint(threadId, checkpoint, { from: sql`(select 1) as always` }).execute(trx);
  await sql`update threads set head = ${notice.id}, head_at = now() where thread_id = ${threadId}`.execute(
    trx,
  );
}
