import { type RawBuilder, sql } from 'kysely';
import type { AlertBooks, RouteState, StoredAlert } from '../alerts/port.ts';
import type { ConcernState } from '../chat/reply.ts';
import { knownAlerts, knownGroups } from './alert-reading.ts';
import { at, groupChanges, groupNames, groupValues } from './alert-rows.ts';
import { resolveConcern, restateNotice } from './concerns.ts';
import type { Executor } from './database.ts';
import { cleanText, toJson } from './json.ts';
import { storeNotice } from './notices.ts';
import { holdThread } from './restating.ts';

/** What a route's books are opened with; its row is locked until the transaction ends. */
export interface OpenBooks {
  readonly routeId: string;
  readonly now: number;
  readonly state: RouteState;
}

/** A route's books in SQL, within a transaction that holds its row. */
export function alertBooks(trx: Executor, open: OpenBooks): AlertBooks {
  const { routeId, now, state } = open;
  return {
    now,
    state,
    ...knownAlerts(trx, routeId),
    ...knownGroups(trx, open),
    ...saving(trx, open),
    ...telling(trx, now),
  };
}

/** A statement has at most 65,535 parameters, and a group has twenty. */
const groupsAtOnce = 2000;

function alertRow({ alert, groupId, firedAt, lastAt, times }: StoredAlert) {
  const { fingerprint, status } = alert;
  return { fingerprint, group_id: groupId, status, alert, fired_at: at(firedAt), last_at: at(lastAt), times };
}

function saving(
  trx: Executor,
  { routeId, now }: OpenBooks,
): Pick<AlertBooks, 'isKnown' | 'saveAlerts' | 'saveGroups' | 'saveState'> {
  return {
    async isKnown(key, keepMs) {
      const { rows } = await sql`
        insert into alert_deliveries as d (key, expires_at) values (${cleanText(key)}, ${new Date(now + keepMs)})
        on conflict (key) do update set expires_at = excluded.expires_at where d.expires_at < ${new Date(now)}
        returning key`.execute(trx);
      return rows.length === 0;
    },
    async saveAlerts(alerts) {
      if (alerts.length === 0) return;
      await sql`
        insert into alerts (route_id, fingerprint, group_id, status, alert, fired_at, last_at, times)
        select ${routeId}::uuid, fingerprint, group_id, status, alert, fired_at, last_at, times
        from jsonb_to_recordset(${toJson(alerts.map(alertRow))}::jsonb) as row (fingerprint text, group_id uuid,
          status text, alert jsonb, fired_at timestamptz, last_at timestamptz, times int)
        on conflict (route_id, fingerprint) do update set group_id = excluded.group_id, status = excluded.status,
          alert = excluded.alert, fired_at = excluded.fired_at, last_at = excluded.last_at, times = excluded.times`.execute(
        trx,
      );
    },
    async saveGroups(groups) {
      for (let from = 0; from < groups.length; from += groupsAtOnce) {
        const some = groups.slice(from, from + groupsAtOnce);
        await sql`
          insert into alert_groups (${groupNames})
          values ${sql.join(some.map((group) => groupValues(routeId, group)))}
          on conflict (id) do update set ${groupChanges}`.execute(trx);
      }
    },
    async saveState(after) {
      await sql`
        update alert_route_states set minute = ${at(after.minute)}, alerts = ${after.alerts},
          investigated = ${toJson(after.investigated)}::jsonb
        where route_id = ${routeId}::uuid`.execute(trx);
    },
  };
}

function telling(
  trx: Executor,
  now: number,
): Pick<AlertBooks, 'say' | 'retitle' | 'restate' | 'resolve' | 'reopen' | 'standing'> {
  return {
    say: (notice) => storeNotice(trx, notice),
    async retitle(noticeId, title) {
      await holdThread(trx, noticeId);
      const words = (name: RawBuilder<unknown>) => sql`regexp_replace(${name}, '^[^ ]+ ', '')`;
      await sql`
        update threads set title = ${cleanText(title)}
        where thread_id = (select thread_id from turns where id = ${noticeId}::uuid) and title <> ${cleanText(title)}
          and ${words(sql`title`)} = ${words(sql`${cleanText(title)}::text`)}`.execute(trx);
    },
    async restate(noticeId, reply) {
      await restateNotice(trx, noticeId, reply, now);
    },
    resolve: (noticeId, reply) => resolveConcern(trx, noticeId, now, reply),
    async reopen(noticeId, reply) {
      await holdThread(trx, noticeId);
      await sql`
        update concerns set state = 'open', by_principal = null, by_name = null, at = null, until = null
        where id = ${noticeId}::uuid and state = 'resolved'`.execute(trx);
      await restateNotice(trx, noticeId, reply, now);
    },
    async standing(noticeId) {
      const { rows } = await sql<StandingRow>`
        select case when c.state = 'snoozed' and c.until <= ${new Date(now)} then 'open' else c.state end as concern,
          t.thread_id, coalesce(o.state = 'dead', false) and t.id is null as lost
        from (select ${noticeId}::uuid as id) n left join concerns c using (id) left join turns t using (id)
          left join outbox o on o.turn_id = n.id and o.ordinal = 0`.execute(trx);
      const { concern = null, thread_id: threadId = null, lost = false } = rows[0] ?? {};
      return { concern: concern ?? 'open', isLost: lost, ...(threadId === null ? {} : { threadId }) };
    },
  };
}

interface StandingRow {
  readonly concern: ConcernState | null;
  readonly thread_id: string | null;
  readonly lost: boolean;
}
