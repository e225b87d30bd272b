import { sql } from 'kysely';
import { mostImages, type TurnImages } from '../agent/images.ts';
import type { KeptResult } from '../agent/keep.ts';
import type { Image } from '../agent/tool.ts';
import type { StepWrite } from '../bot/port.ts';
import type { ThreadId } from '../chat/inbound.ts';
import type { Executor } from './database.ts';
import { cleanText, toJson } from './json.ts';

/** A further CTE that hangs on `fence`, with one row while the lease is held; nothing where nothing is kept. */
export function keeping(threadId: ThreadId, { turnId, steps, kept }: StepWrite) {
  if (kept === undefined) return sql``;
  const result = steps.find((step) => step.type === 'result' && step.message.kept?.id === kept.id);
  const callId = result?.type === 'result' ? result.message.callId : '';
  return sql`, kept as (
    insert into kept_results (thread_id, id, turn_id, call_id, tool, text, images)
    select ${threadId}, ${kept.id}, ${turnId}::uuid, ${callId}, ${kept.tool}, ${cleanText(kept.text)},
      ${toJson(kept.images ?? [])}::jsonb
    from fence)`;
}

/** The images of a turn's newest results, oldest first, as many as models are shown. */
export async function keptImages(db: Executor, turnId: string): Promise<TurnImages> {
  const { rows } = await sql<{ call_id: string; images: readonly Image[] }>`
    select call_id, images from kept_results
    where turn_id = ${turnId}::uuid and images <> '[]'
    order by created_at desc limit ${mostImages}`.execute(db);
  return new Map(rows.toReversed().map((row) => [row.call_id, row.images]));
}

/** A result of the thread's present conversation. */
export async function keptResult(
  db: Executor,
  threadId: ThreadId,
  id: string,
): Promise<KeptResult | undefined> {
  const { rows } = await sql<KeptResult>`
    select k.id, k.tool, k.text from kept_results k
    join turns t on t.id = k.turn_id join threads h on h.thread_id = k.thread_id
    where k.thread_id = ${threadId} and k.id = ${cleanText(id)} and t.generation = h.generation`.execute(db);
  return rows[0];
}
