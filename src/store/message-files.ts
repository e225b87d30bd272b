import { randomUUID } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { InboundFile, StoredFile } from '../chat/files.ts';
import type { ThreadId } from '../chat/inbound.ts';
import type { Executor } from './database.ts';
import { cleanText } from './json.ts';

/** A file of a message that is about to be stored. */
export interface MessageFile extends StoredFile {
  readonly data: string;
}

/** The files of a message, each with an id of its own. */
export function named(files: readonly InboundFile[] = []): readonly MessageFile[] {
  return files.map((file) => ({ ...file, name: cleanText(file.name), id: randomUUID() }));
}

/** A further CTE that hangs on `thread`, `turn` and `event`, with a row each once the message is stored; nothing without files. */
export function storing(files: readonly MessageFile[]): RawBuilder<unknown> {
  if (files.length === 0) return sql``;
  const rows = files.map(
    ({ id, name, mediaType, data }) => sql`(${id}::uuid, ${name}, ${mediaType}, ${data}::text)`,
  );
  return sql`, files as (
      insert into message_files (id, thread_id, turn_id, name, media_type, data)
      select file.id, thread.thread_id, turn.id, file.name, file.media_type, decode(file.data, 'base64')
      from thread, turn, event, (values ${sql.join(rows)}) as file (id, name, media_type, data)
    )`;
}

/** Files of the thread's present conversation, as base64 by their ids. */
export async function filesOf(
  db: Executor,
  threadId: ThreadId,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; data: Uint8Array }>`
    select f.id, f.data from message_files f
      join turns t on t.id = f.turn_id join threads h on h.thread_id = f.thread_id
    where f.thread_id = ${threadId} and f.id = any(${[...ids]}::uuid[]) and t.generation = h.generation`.execute(
    db,
  );
  return new Map(rows.map(({ id, data }) => [id, Buffer.from(data).toString('base64')]));
}
