import { sql } from 'kysely';
import type { Ending } from '../schedules/port.ts';
import { resolveConcern, restateNotice } from './concerns.ts';
import type { Executor } from './database.ts';
import { cleanText } from './json.ts';
import { replaceWords, wordsOf } from './restating.ts';

/** What the end of a run changes about what was said before, within its transaction. */
export async function tellOver(
  trx: Executor,
  { restated = [], resolved = [], superseded = [] }: Pick<Ending, 'restated' | 'resolved' | 'superseded'>,
): Promise<void> {
  for (const { noticeId, text, title } of restated) {
    const words = await wordsOf(trx, noticeId);
    if (words === undefined) continue;
    await restateNotice(trx, noticeId, { ...words, text });
    await rename(trx, noticeId, title);
  }
  for (const { concernId } of resolved) await resolveConcern(trx, concernId);
  for (const id of superseded) await supersede(trx, id);
}

/** A thread that begins with a notice is called after it. */
async function rename(trx: Executor, noticeId: string, title: string): Promise<void> {
  await sql`
    update threads h set title = ${cleanText(title)} from turns t
    where t.id = ${noticeId}::uuid and h.thread_id = t.thread_id and not exists (
      select from turns first where first.thread_id = t.thread_id and first.created_at < t.created_at
    )`.execute(trx);
}

/** What nobody has attended to meanwhile asks nobody any more: the newer notice does. */
async function supersede(trx: Executor, id: string): Promise<void> {
  const words = await wordsOf(trx, id);
  const { rows } = await sql`
    update concerns set state = 'resolved' where id = ${id}::uuid and state in ('open', 'snoozed')
      and (until is null or until <= now()) returning id`.execute(trx);
  if (words === undefined || rows.length === 0) return;
  const { concern: _asked, footer = '', ...said } = words;
  const footers = [footer, 'a newer report tells of what is still so'].filter((text) => text !== '');
  await replaceWords(trx, id, { ...said, footer: footers.join(' · ') });
}
