import { type RawBuilder, sql } from 'kysely';
import {
  type AlertBooks,
  type AlertGroup,
  type GroupNames,
  type GroupStanding,
  type StormMember,
  stormKey,
} from '../alerts/port.ts';
import { type AlertRow, alertColumns, at, groupColumns, isDue, ms } from './alert-rows.ts';
import type { Executor } from './database.ts';
import { holdThreads } from './restating.ts';

/** A route's alerts, by what names them. */
export function knownAlerts(
  trx: Executor,
  { routeId, now }: { readonly routeId: string; readonly now: number },
): Pick<AlertBooks, 'alerts' | 'firing' | 'alertsOf' | 'countsOf' | 'stillFiring' | 'namesOf'> {
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
        order by row_number() over (partition by a.group_id order by a.fired_at desc, a.fingerprint),
          a.fired_at desc, a.fingerprint
        limit ${limit}`.execute(trx);
      return rows;
    },
    async alertsOf(group, limit) {
      const { rows } = await sql<AlertRow>`
        select ${alertColumns} from alerts a
        where a.group_id = ${group.id}::uuid and a.last_at >= ${at(group.openedAt)}
        order by a.status, a.fired_at, a.fingerprint limit ${limit}`.execute(trx);
      return rows;
    },
    countsOf: (group) => countsOf(trx, group, now),
    async namesOf(ids) {
      const { rows } = await sql<GroupNames & { id: string }>`
        select id, sum(alerts)::int as alerts, count(*)::int as kinds,
          (array_agg(name order by began, name))[1:${sql.lit(namesRead)}] as names
        from (
          select g.id, a.alert->>'name' as name, count(*) as alerts, min(a.fired_at) as began
          from alert_groups g join alerts a on a.group_id = g.id and a.last_at >= g.opened_at
          where g.id = any(${[...ids]}::uuid[]) group by g.id, a.alert->>'name'
        ) named group by id`.execute(trx);
      return new Map(rows.map(({ id, ...names }) => [id, names]));
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

const namesRead = 5;

/** A route's groups, as they are at a time. */
export function knownGroups(
  trx: Executor,
  { routeId, now }: { readonly routeId: string; readonly now: number },
): Pick<AlertBooks, 'groups' | 'dueGroups' | 'firingGroups' | 'openedSince' | 'membersOf' | 'whole'> {
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
    async firingGroups(limit) {
      const { rows } = await sql<AlertGroup>`
        select ${groupColumns} from alert_groups g
        where g.route_id = ${routeId}::uuid and g.state = 'firing' order by g.opened_at, g.id limit ${limit}`.execute(
        trx,
      );
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
    membersOf: (stormId, limit) => groupsWhere(trx, sql`g.storm_id = ${stormId}::uuid`, limit),
    whole: (limit) =>
      groupsWhere(
        trx,
        sql`g.route_id = ${routeId}::uuid and g.state = 'firing' and g.key <> ${stormKey}`,
        limit,
      ),
  };
}

/** A sender's clock may be a little ahead. Senders write times without meaning for none. */
const skewMs = 60_000;
const earliest = '2000-01-01T00:00:00Z';

/** An alert's own times where they can be true, else when the group began and ended as far as was seen. */
async function countsOf(trx: Executor, group: AlertGroup, now: number): Promise<GroupStanding> {
  const [opened, ended] = [at(group.openedAt), at(group.resolvedAt ?? now)];
  const sane = (name: 'startsAt' | 'endsAt', from: RawBuilder<unknown>) => sql`(
    select t from (values ((a.alert->>${sql.lit(name)})::timestamptz)) as v (t)
    where t >= ${from} and t <= ${new Date(now + skewMs)}::timestamptz)`;
  const isOver = group.state === 'resolved';
  const { rows } = await sql<GroupStanding>`
    select ${firingCount} as firing, ${resolvedCount} as resolved,
      ${ms(sql`coalesce(min(case when a.finish is null and ${isOver} then ${opened}::timestamptz
        else coalesce(a.start, ${opened}::timestamptz) end), ${opened}::timestamptz)`)} as since,
      ${ms(sql`coalesce(max(coalesce(a.finish, ${ended}::timestamptz)), ${ended}::timestamptz)`)} as until
    from (
      select a.status, a.start, ${sane('endsAt', sql`a.start`)} as finish from (
        select a.status, a.alert, ${sane('startsAt', sql`${earliest}::timestamptz`)} as start
        from alerts a where a.group_id = ${group.id}::uuid and a.last_at >= ${opened}
      ) a
    ) a`.execute(trx);
  return rows[0] ?? { firing: 0, resolved: 0, since: group.openedAt, until: group.resolvedAt ?? now };
}

const firingCount = sql<number>`count(*) filter (where a.status = 'firing')::int`;
const resolvedCount = sql<number>`count(*) filter (where a.status = 'resolved')::int`;

/** The worst and newest first, and how many there are in all. */
async function groupsWhere(trx: Executor, which: RawBuilder<unknown>, limit: number) {
  const { rows } = await sql<{ firing: number; all: number; members: readonly StormMember[] }>`
    with members as (
      select g.title, g.severity, g.state, g.opened_at, count(a.*) filter (where a.status = 'firing')::int as firing,
        count(a.*) filter (where a.status = 'resolved')::int as resolved
      from alert_groups g left join alerts a on a.group_id = g.id and a.last_at >= g.opened_at
      where ${which} group by g.id
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
