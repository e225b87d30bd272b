import { sql } from 'kysely';
import type { AlertBooks, RouteState } from '../alerts/port.ts';
import type { ConcernState } from '../chat/reply.ts';
import { knownAlerts, knownGroups } from './alert-reading.ts';
import { at, groupChanges, groupNames, groupValues } from './alert-rows.ts';
import { resolveConcern, restateNotice } from './concerns.ts';
import type { Executor } from './database.ts';
import { cleanText, toJson } from './json.ts';
import { storeNotice } from './notices.ts';

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
      const values = alerts.map(
        ({
          alert,
          groupId,
          firedAt,
          lastAt,
          times,
        }) => sql`(${routeId}::uuid, ${alert.fingerprint}, ${groupId}::uuid,
          ${alert.status}, ${toJson(alert)}::jsonb, ${at(firedAt)}::timestamptz, ${at(lastAt)}::timestamptz,
          ${times}::int)`,
      );
      await sql`
        insert into alerts (route_id, fingerprint, group_id, status, alert, fired_at, last_at, times)
        values ${sql.join(values)}
        on conflict (route_id, fingerprint) do update set group_id = excluded.group_id, status = excluded.status,
          alert = excluded.alert, fired_at = excluded.fired_at, last_at = excluded.last_at, times = excluded.times`.execute(
        trx,
      );
    },
    async saveGroups(groups) {
      if (groups.length === 0) return;
      await sql`
        insert into alert_groups (${groupNames})
        values ${sql.join(groups.map((group) => groupValues(routeId, group)))}
        on conflict (id) do update set ${groupChanges}`.execute(trx);
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
): Pick<AlertBooks, 'say' | 'restate' | 'resolve' | 'reopen' | 'standing'> {
  return {
    say: (notice) => storeNotice(trx, notice),
    async restate(noticeId, reply) {
      await restateNotice(trx, noticeId, reply, now);
    },
    resolve: (noticeId, reply) => resolveConcern(trx, noticeId, reply),
    async reopen(noticeId, reply) {
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
