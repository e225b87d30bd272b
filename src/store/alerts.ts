import { sql } from 'kysely';
import type { AlertRoute, AlertStore, GroupView, RouteState } from '../alerts/port.ts';
import { alertBooks } from './alert-books.ts';
import { isLost, ms, routeJson } from './alert-rows.ts';
import type { Database, Executor } from './database.ts';
import { transact } from './transact.ts';

/** Routes of alerts and what came in on them, in SQL. `now`: milliseconds since 1970; the database's clock by default. */
export function alertStore(db: Database, now?: () => number): AlertStore {
  return {
    async route(which) {
      const condition = 'id' in which ? sql`r.id = ${which.id}::uuid` : sql`r.name = ${which.name}`;
      const { rows } = await sql<{ route: AlertRoute }>`
        select ${routeJson} as route from alert_routes r where ${condition}`.execute(db);
      return rows[0]?.route;
    },
    inBooks: (routeId, work) =>
      transact(db, async (trx) => {
        const opened = await hold(trx, routeId);
        if (opened === undefined) return undefined;
        const { time, ...state } = opened;
        return await work(alertBooks(trx, { routeId, now: now?.() ?? time, state }));
      }),
    async dueRoutes() {
      const time = now === undefined ? sql`clock_timestamp()` : sql`${new Date(now())}::timestamptz`;
      const { rows } = await sql<{ id: string }>`
        select g.route_id as id from alert_groups g where g.due_at <= ${time}
        union select g.route_id from alert_groups g where ${isLost}`.execute(db);
      return rows.map(({ id }) => id);
    },
    recent: (routeId, limit) => recent(db, routeId, limit),
  };
}

/** Takes the route's row for the rest of the transaction; made when it is wanted first. */
async function hold(
  trx: Executor,
  routeId: string,
): Promise<(RouteState & { readonly time: number }) | undefined> {
  await sql`
    insert into alert_route_states (route_id) select id from alert_routes where id = ${routeId}::uuid
    on conflict do nothing`.execute(trx);
  const { rows } = await sql<RouteState & { time: number }>`
    select ${ms(sql`s.minute`)} as minute, s.alerts, s.investigated, ${ms(sql`clock_timestamp()`)} as time
    from alert_route_states s where s.route_id = ${routeId}::uuid for update`.execute(trx);
  return rows[0];
}

interface ViewRow extends Omit<GroupView, 'counts' | 'resolvedAt' | 'threadId'> {
  readonly firing: number;
  readonly resolved: number;
  readonly resolvedAt: string | null;
  readonly threadId: string | null;
}

async function recent(db: Executor, routeId: string, limit: number): Promise<readonly GroupView[]> {
  const { rows } = await sql<ViewRow>`
    select g.title, g.severity, g.state, ${iso('opened_at')} as "openedAt", ${iso('last_at')} as "lastAt",
      ${iso('resolved_at')} as "resolvedAt", coalesce(t.thread_id, s.thread_id) as "threadId",
      g.storm_id is not null as "isInStorm",
      (select count(*)::int from alerts a
        where a.group_id = g.id and a.last_at >= g.opened_at and a.status = 'firing') as firing,
      (select count(*)::int from alerts a
        where a.group_id = g.id and a.last_at >= g.opened_at and a.status = 'resolved') as resolved
    from alert_groups g left join turns t on t.id = g.notice_id
      left join alert_groups storm on storm.id = g.storm_id left join turns s on s.id = storm.notice_id
    where g.route_id = ${routeId}::uuid and g.opened_at > 'epoch' order by g.last_at desc, g.id limit ${limit}`.execute(
    db,
  );
  return rows.map(({ firing, resolved, resolvedAt, threadId, ...view }) => ({
    ...view,
    counts: { firing, resolved },
    ...(resolvedAt === null ? {} : { resolvedAt }),
    ...(threadId === null ? {} : { threadId }),
  }));
}

function iso(column: string) {
  return sql<string>`to_char(${sql.ref(`g.${column}`)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}
