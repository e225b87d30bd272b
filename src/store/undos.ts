import { sql } from 'kysely';
import type { Clock } from '../observe/port.ts';
import type { KeptUndo, Undo, UndoStore } from '../resources/undo.ts';
import type { Executor } from './database.ts';
import { toJson } from './json.ts';

/** How many that are over go with each one that is kept. */
const sweep = 20;

/** Nobody makes more changes by hand within ten minutes. */
const most = 200;

/** Changes that can be undone, in SQL. Each method is one statement. */
export function undoStore(db: Executor, clock: Clock): UndoStore {
  const now = () => new Date(clock.now());
  return {
    async keep({ title, steps }, { principal, keepMs }) {
      const { rows } = await sql<{ id: string }>`
        with over as (
          delete from undos where id in (
            select id from undos where expires_at <= ${now()} limit ${sweep} for update skip locked
          )
        )
        insert into undos (principal, title, steps, expires_at)
        values (${principal}, ${title}, ${toJson(steps)}::jsonb, ${new Date(clock.now() + keepMs)})
        returning id`.execute(db);
      return rows[0]?.id ?? '';
    },
    async claim(id) {
      const { rows } = await sql<Undo>`
        update undos set claimed_at = ${now()}
        where id::text = ${id} and claimed_at is null and expires_at > ${now()}
        returning title, steps`.execute(db);
      return rows[0];
    },
    async list(principal) {
      const { rows } = await sql<KeptUndo>`
        select id, title, steps, expires_at as "expiresAt" from undos
        where principal = ${principal} and claimed_at is null and expires_at > ${now()}
        order by expires_at desc, id limit ${most}`.execute(db);
      return rows;
    },
    async refusal(id) {
      const { rows } = await sql<{ refusal: 'taken' | 'over' | null }>`
        select case when claimed_at is not null then 'taken' when expires_at <= ${now()} then 'over' end as refusal
        from undos where id::text = ${id}`.execute(db);
      return rows[0]?.refusal ?? undefined;
    },
    async release(id) {
      await sql`update undos set claimed_at = null where id::text = ${id}`.execute(db);
    },
  };
}
