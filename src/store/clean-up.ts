import { type RawBuilder, sql } from 'kysely';
import type { CleanUpStore } from '../schedules/port.ts';
import type { Database, Executor } from './database.ts';

/** Removes what is over, a bounded number of rows in each statement. Rows that somebody holds are passed by. */
export function cleanUpStore(db: Database): CleanUpStore {
  const remove = async (statement: RawBuilder<unknown>) => (await statement.execute(db)).rows.length;
  return {
    async conversations(olderThanMs, limit) {
      const { rows } = await sql<{ thread_id: string }>`
        with over as (
          select thread_id from threads h
          where head_at < ${ago(olderThanMs)} and owner is null
            and exists (select from checkpoints c where c.thread_id = h.thread_id)
            and not exists (
              select from turns t where t.thread_id = h.thread_id and t.state in ('queued', 'running', 'waiting')
            )
          limit ${limit} for update skip locked
        ), gone as (
          delete from checkpoints c using over where c.thread_id = over.thread_id
        )
        select thread_id from over`.execute(db);
      return rows.map((row) => row.thread_id);
    },
    events: (olderThanMs, limit) =>
      remove(sql`
        delete from inbox_events e using (
          select e.thread_id, e.seq from inbox_events e left join turns t on t.id = e.turn_id
          where e.state <> 'pending' and e.received_at < ${ago(olderThanMs)} and e.payload->'files' is null
            and (t.id is null or t.state in ('done', 'failed', 'stopped'))
            and not exists (select from dedupe_keys k where k.thread_id = e.thread_id and k.seq = e.seq)
          limit ${limit}
        ) old where e.thread_id = old.thread_id and e.seq = old.seq returning 1`),
    dedupeKeys: (olderThanMs, limit) =>
      remove(sql`
        delete from dedupe_keys k using (
          select k.key from dedupe_keys k
          where k.created_at < ${ago(olderThanMs)}
            and not exists (
              select from inbox_events e
              where e.thread_id = k.thread_id and e.seq = k.seq and e.state = 'pending'
            )
          order by k.created_at limit ${limit}
        ) old where k.key = old.key returning 1`),
    outbox: (olderThanMs, limit) =>
      remove(sql`
        delete from outbox o using (
          select id from outbox o where state <> 'pending' and created_at < ${ago(olderThanMs)}
            and not exists (select from concerns c where c.id = o.turn_id and c.state <> 'resolved')
          limit ${limit}
        ) old where o.id = old.id returning 1`),
    turns: (olderThanMs, limit) =>
      db.transaction().execute(async (trx) => {
        const { rows } = await sql<{ id: string }>`
          select id from turns where ended_at < ${ago(olderThanMs)} limit ${limit} for update skip locked`.execute(
          trx,
        );
        const ids = rows.map((row) => row.id);
        await sql`
          delete from dedupe_keys k using inbox_events e
          where e.turn_id = any(${ids}::uuid[]) and k.thread_id = e.thread_id and k.seq = e.seq`.execute(trx);
        await sql`delete from inbox_events where turn_id = any(${ids}::uuid[]) and state <> 'pending'`.execute(
          trx,
        );
        await sql`delete from turns where id = any(${ids}::uuid[])`.execute(trx);
        return ids.length;
      }),
    concerns: (olderThanMs, limit) =>
      remove(sql`
        delete from concerns c using (
          select c.id from concerns c
          where created < ${ago(olderThanMs)} and not exists (select from turns t where t.id = c.id)
          limit ${limit}
        ) old where c.id = old.id returning 1`),
    alerts: (olderThanMs, limit) =>
      remove(sql`
        delete from alert_groups g using (
          select id from alert_groups g
          where g.state = 'resolved' and g.last_at < ${ago(olderThanMs)}
            and not exists (select from alert_groups m where m.storm_id = g.id and m.state = 'firing')
          limit ${limit} for update skip locked
        ) old where g.id = old.id returning 1`),
    leftRoutes: (limit) =>
      remove(sql`
        delete from alert_route_states s using (
          select route_id from alert_route_states s
          where not exists (select from alert_routes r where r.id = s.route_id)
            and not exists (select from alert_groups g where g.route_id = s.route_id)
          limit ${limit} for update skip locked
        ) old where s.route_id = old.route_id returning 1`),
    threads: (olderThanMs, limit) =>
      remove(sql`
        delete from threads h using (
          select thread_id from threads h
          where updated_at < ${ago(olderThanMs)} and owner is null and ready_at is null and not is_quiet
            and not exists (select from turns t where t.thread_id = h.thread_id)
            and not exists (select from inbox_events e where e.thread_id = h.thread_id)
            and not exists (select from checkpoints c where c.thread_id = h.thread_id)
          limit ${limit} for update skip locked
        ) old where h.thread_id = old.thread_id returning 1`),
    runs: (olderThanMs, limit) =>
      remove(sql`
        delete from schedule_runs r using (
          select r.id from schedule_runs r
          where r.state not in ('running', 'waiting') and r.started_at < ${ago(olderThanMs)}
            and exists (
              select from schedule_runs newer
              where newer.schedule_id = r.schedule_id and newer.started_at > r.started_at
                and (r.data is null or newer.data is not null)
            )
          limit ${limit}
        ) old where r.id = old.id returning 1`),
    async usage(olderThanMs, limit) {
      let removed = 0;
      for (const table of ['usage', 'model_failures'])
        removed += await remove(sql`
          delete from ${sql.table(table)} u using (
            select id from ${sql.table(table)} where at < ${ago(olderThanMs)} order by at limit ${limit}
          ) old where u.id = old.id returning 1`);
      return removed;
    },
    audit: (olderThanMs) => db.transaction().execute((trx) => pruneSeal(trx, olderThanMs)),
    async expired(limit) {
      let removed = 0;
      for (const [table, key] of expiring) {
        const column = sql.ref(key);
        removed += await remove(sql`
          delete from ${sql.table(table)} where ${column} in (
            select ${column} from ${sql.table(table)} where expires_at < now() limit ${limit}
          ) returning 1`);
      }
      return removed;
    },
  };
}

const expiring = [
  ['web_sign_ins', 'token_hash'],
  ['web_sessions', 'session_hash'],
  ['adapter_memory', 'key'],
  ['shared_values', 'key'],
  ['alert_deliveries', 'key'],
] as const;

function ago(ms: number): RawBuilder<unknown> {
  return sql`now() - ${`${ms} ms`}::interval`;
}

/** The rows of the oldest seal that has any, when all of them are old enough; the seal says that they went. */
async function pruneSeal(trx: Executor, olderThanMs: number): Promise<number> {
  await sql`select set_config('ai_ops.prune', 'on', true)`.execute(trx);
  const { rows } = await sql`
    with oldest as (
      select n from audit_seals where pruned_at is null order by n limit 1 for update
    ), over as (
      select n from oldest
      where not exists (select from audit_log a where a.seal = n and a.at >= ${ago(olderThanMs)})
    ), marked as (
      update audit_seals s set pruned_at = now() from over where s.n = over.n
    )
    delete from audit_log a using over where a.seal = over.n returning 1`.execute(trx);
  return rows.length;
}
