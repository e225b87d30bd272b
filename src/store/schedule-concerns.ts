import { sql } from 'kysely';
import type { Ending } from '../schedules/port.ts';
import { resolveConcern, restateNotice } from './concerns.ts';
import type { Executor } from './database.ts';
import { cleanText } from './json.ts';
import { holdThread, holdThreads, replaceWords, wordsOf } from './restating.ts';

/** Locks the threads of all that the end of a run tells, and tells of anew. */
export async function holdTold(
  trx: Executor,
  {
    notices = [],
    restated = [],
    resolved = [],
    left = [],
    superseded = [],
  }: Pick<Ending, 'notices' | 'restated' | 'resolved' | 'left' | 'superseded'>,
): Promise<void> {
  await holdThreads(trx, {
    noticeIds: [
      ...restated.map(({ noticeId }) => noticeId),
      ...[...resolved, ...left].map(({ concernId }) => concernId),
      ...superseded,
    ],
    threadIds: notices.flatMap(({ place }) => (place.type === 'thread' ? [place.threadId] : [])),
  });
}

/** What the end of a run changes at a time about what was said before, within its transaction. */
export async function tellOver(
  trx: Executor,
  {
    restated = [],
    resolved = [],
    left = [],
    superseded = [],
  }: Pick<Ending, 'restated' | 'resolved' | 'left' | 'superseded'>,
  now: number,
): Promise<void> {
  await holdTold(trx, { restated, resolved, left, superseded });
  for (const { noticeId, text, title, details } of restated) {
    await holdThread(trx, noticeId);
    const words = await wordsOf(trx, noticeId);
    if (words === undefined) continue;
    const folded = details === undefined ? {} : { details };
    await restateNotice(trx, noticeId, { ...words, text, ...folded }, now);
    await rename(trx, noticeId, title);
  }
  for (const { concernId } of resolved) await resolveConcern(trx, concernId, now);
  for (const { concernId, keys } of left) await leave(trx, concernId, keys);
  for (const id of superseded) await supersede(trx, id, now);
}

/** A thread that begins with a notice is called after it. */
async function rename(trx: Executor, noticeId: string, title: string): Promise<void> {
  await sql`
    update threads h set title = ${cleanText(title)} from turns t
    where t.id = ${noticeId}::uuid and h.thread_id = t.thread_id and not exists (
      select from turns first where first.thread_id = t.thread_id and first.created_at < t.created_at
    )`.execute(trx);
}

/** What people said is said of the rest; where nothing of it is left, the newer notice tells of what is still bad. */
async function leave(trx: Executor, id: string, keys: readonly string[]): Promise<void> {
  await holdThread(trx, id);
  const { rows } = await sql<{ isOver: boolean }>`
    with kept as (
      select c.id, coalesce(jsonb_agg(item order by n)
        filter (where not item->>'key' = any(${[...keys]}::text[])), '[]') as items
      from concerns c, jsonb_array_elements(c.items) with ordinality as of (item, n)
      where c.id = ${id}::uuid and c.state <> 'resolved' group by c.id
    )
    update concerns c set items = kept.items,
      state = case when kept.items = '[]' then 'resolved' else c.state end
    from kept where c.id = kept.id returning c.state = 'resolved' as "isOver"`.execute(trx);
  if (rows[0]?.isOver === true) await askNoMore(trx, id);
}

/** What nobody has attended to meanwhile asks nobody any more: the newer notice does. */
async function supersede(trx: Executor, id: string, now: number): Promise<void> {
  await holdThread(trx, id);
  const { rows } = await sql`
    update concerns set state = 'resolved' where id = ${id}::uuid and state in ('open', 'snoozed')
      and (until is null or until <= ${new Date(now)}) returning id`.execute(trx);
  if (rows.length > 0) await askNoMore(trx, id);
}

async function askNoMore(trx: Executor, id: string): Promise<void> {
  const words = await wordsOf(trx, id);
  if (words === undefined) return;
  const { concern: _asked, footer = '', ...said } = words;
  const footers = [footer, 'a newer report tells of what is still so'].filter((text) => text !== '');
  await replaceWords(trx, id, { ...said, footer: footers.join(' · ') });
}
