import { sql } from 'kysely';
import { type AlertBooks, type AlertGroup, type StormMember, stormKey } from '../alerts/port.ts';
import { type AlertRow, alertColumns, at, groupColumns, isDue } from './alert-rows.ts';
import type { Executor } from './database.ts';
import { holdThreads } from './restating.ts';

/** A route's alerts, by what names them. */
export function knownAlerts(
  trx: Executor,
  routeId: string,
): Pick<AlertBooks, 'alerts' | 'firing' | 'alertsOf' | 'countsOf' | 'stillFiring'> {
  return {
    async alerts(fingerprints) {
      const { rows } = await sql<AlertRow & { fingerprint: string }>`
        select a.fingerprint, ${alertColumns} from alerts a
        where a.route_id = ${routeId}::uuid and a.fingerprint = any(${[...fingerprints]}::text[])`.execute(
        trx,
      );
      return new Map(rows.map(({ fingerprint, ...alert }) => [fingerprint, alert]));
    },
    async firing(limit) {
      const { rows } = await sql<AlertRow>`
        select ${alertColumns} from alerts a where a.route_id = ${routeId}::uuid and a.status = 'firing'
        order by a.fired_at desc, a.fingerprint limit ${limit}`.execute(trx);
      return rows;
    },
    async alertsOf(group, limit) {
      const { rows } = await sql<AlertRow>`
        select ${alertColumns} from alerts a
        where a.group_id = ${group.id}::uuid and a.last_at >= ${at(group.openedAt)}
        order by a.status, a.fired_at, a.fingerprint limit ${limit}`.execute(trx);
      return rows;
    },
    async countsOf(group) {
      const { rows } = await sql<{ firing: number; resolved: number }>`
        select ${firingCount} as firing, ${resolvedCount} as resolved from alerts a
        where a.group_id = ${group.id}::uuid and a.last_at >= ${at(group.openedAt)}`.execute(trx);
      return rows[0] ?? { firing: 0, resolved: 0 };
    },
    async stillFiring(ids) {
      const { rows } = await sql<{ id: string }>`
        select g.id from alert_groups g where g.id = any(${[...ids]}::uuid[]) and exists (
          select from alerts a where a.group_id = g.id and a.last_at >= g.opened_at and a.status = 'firing')`.execute(
        trx,
      );
      return new Set(rows.map(({ id }) => id));
    },
  };
}

/** A route's groups, as they are at a time. */
export function knownGroups(
  trx: Executor,
  { routeId, now }: { readonly routeId: string; readonly now: number },
): Pick<AlertBooks, 'groups' | 'dueGroups' | 'openedSince' | 'membersOf'> {
  return {
    async groups({ keys = [], ids = [] }) {
      const { rows } = await sql<AlertGroup>`
        select ${groupColumns} from alert_groups g
        where g.route_id = ${routeId}::uuid
          and (g.key = any(${[...keys]}::text[]) or g.id = any(${[...ids]}::uuid[]))`.execute(trx);
      return rows;
    },
    async dueGroups(limit) {
      const { rows } = await sql<AlertGroup>`
        select ${groupColumns} from alert_groups g
        where g.route_id = ${routeId}::uuid and ${isDue(sql`${new Date(now)}::timestamptz`)}
        order by g.due_at limit ${limit}`.execute(trx);
      await holdThreads(trx, { noticeIds: rows.flatMap(({ noticeId }) => noticeId ?? []) });
      return rows;
    },
    async openedSince(since) {
      const { rows } = await sql<{ n: number }>`
        select count(*)::int as n from alert_groups g
        where g.route_id = ${routeId}::uuid and g.opened_at > ${new Date(since)} and g.key <> ${stormKey}`.execute(
        trx,
      );
      return rows[0]?.n ?? 0;
    },
    membersOf: (stormId, limit) => membersOf(trx, stormId, limit),
  };
}

const firingCount = sql<number>`count(*) filter (where a.status = 'firing')::int`;
const resolvedCount = sql<number>`count(*) filter (where a.status = 'resolved')::int`;

async function membersOf(trx: Executor, stormId: string, limit: number) {
  const { rows } = await sql<{ firing: number; all: number; members: readonly StormMember[] }>`
    with members as (
      select g.title, g.severity, g.state, g.opened_at, count(a.*) filter (where a.status = 'firing')::int as firing,
        count(a.*) filter (where a.status = 'resolved')::int as resolved
      from alert_groups g left join alerts a on a.group_id = g.id and a.last_at >= g.opened_at
      where g.storm_id = ${stormId}::uuid group by g.id
    ), shown as (
      select * from members
      order by state, array_position(array['critical', 'warning', 'unknown', 'info'], severity), opened_at desc, title
      limit ${limit}
    )
    select (select count(*)::int from members where state = 'firing') as firing,
      (select count(*)::int from members) as all,
      coalesce((select jsonb_agg(to_jsonb(shown) - 'opened_at') from shown), '[]') as members`.execute(trx);
  return rows[0] ?? { firing: 0, all: 0, members: [] };
}
