import { sql } from 'kysely';
import type { AlertRoute, AlertStore, GroupView, LeftRoute, OpenGroups, RouteState } from '../alerts/port.ts';
import { alertBooks } from './alert-books.ts';
import { isLost, ms, routeJson } from './alert-rows.ts';
import type { Database, Executor } from './database.ts';
import { toJson } from './json.ts';
import { transact } from './transact.ts';

export interface AlertStoreOptions {
  /** Milliseconds since 1970; the database's clock by default. */
  readonly now?: (() => number) | undefined;
  /** What principals are called that no table names. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Routes of alerts and what came in on them, in SQL. */
export function alertStore(db: Database, { now, names = {} }: AlertStoreOptions = {}): AlertStore {
  return {
    async route(which) {
      const condition = 'id' in which ? sql`r.id = ${which.id}::uuid` : sql`r.name = ${which.name}`;
      const { rows } = await sql<{ route: AlertRoute }>`
        select ${routeJson} as route from alert_routes r where ${condition}`.execute(db);
      return rows[0]?.route;
    },
    async goneRoute(name) {
      const { rows } = await sql<{ route: AlertRoute }>`
        select ${routeJson} as route from alert_route_states s, ${routeAsItWas} r
        where s.route->>'name' = ${name} and ${isGone}
        order by (s.route->>'last_updated')::timestamptz desc limit 1`.execute(db);
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
    async leftRoutes() {
      const { rows } = await sql<{ id: string }>`
        select g.route_id as id from alert_groups g
        where g.state = 'firing' and not exists (
          select from alert_routes r where r.id = g.route_id and r.is_enabled)
        union select g.route_id from alert_groups g
        where g.due_at is not null and not exists (select from alert_routes r where r.id = g.route_id)`.execute(
        db,
      );
      return rows.map(({ id }) => id);
    },
    inLeftBooks: (routeId, work) =>
      transact(db, async (trx) => {
        const opened = await holdLeft(trx, routeId, names);
        if (opened === undefined) return undefined;
        const { time, left, ...state } = opened;
        return await work(alertBooks(trx, { routeId, now: now?.() ?? time, state }), left);
      }),
    async open(routeId) {
      const { rows } = await sql<OpenGroups>`
        select count(*)::int as count, coalesce((
          select jsonb_agg(title order by opened_at, title) from (
            select title, opened_at from alert_groups
            where route_id = ${routeId}::uuid and state = 'firing' order by opened_at, title limit 5
          ) few), '[]') as names
        from alert_groups where route_id = ${routeId}::uuid and state = 'firing'`.execute(db);
      return rows[0] ?? { count: 0, names: [] };
    },
    recent: (routeId, limit) => recent(db, routeId, limit),
  };
}

/** The row of a state's route as it was when something came in on it last. */
const routeAsItWas = sql`jsonb_populate_record(null::alert_routes, s.route)`;
const isGone = sql`not exists (select from alert_routes there where there.id = s.route_id)`;
const state = sql`${ms(sql`s.minute`)} as minute, s.alerts, s.investigated,
  ${ms(sql`clock_timestamp()`)} as time`;

type Held = RouteState & { readonly time: number };

/** The same of a route that takes nothing any more, with who said so last. */
async function holdLeft(
  trx: Executor,
  routeId: string,
  names: Readonly<Record<string, string>>,
): Promise<(Held & { readonly left: LeftRoute }) | undefined> {
  await sql`select from alert_route_states where route_id = ${routeId}::uuid for update`.execute(trx);
  const { rows } = await sql<Held & { left: LeftRoute }>`
    select ${state}, jsonb_build_object('route', ${routeJson},
      'how', case when ${isGone} then 'deleted' else 'disabled' end, 'by', ${whoLeft(names)}) as left
    from alert_route_states s, ${routeAsItWas} r
    where s.route_id = ${routeId}::uuid and s.route is not null
      and not exists (select from alert_routes there where there.id = s.route_id and there.is_enabled)`.execute(
    trx,
  );
  return rows[0];
}

const whoLeft = (names: Readonly<Record<string, string>>) => sql`coalesce((
  select coalesce(nullif(i.name, ''), t.name, ${toJson(names)}::jsonb->>a.actor, a.actor) from audit_log a
    left join identities i on i.principal = a.actor left join api_tokens t on 'token:' || t.id = a.actor
  where a.target = 'alert-routes/' || s.route_id and (a.action = 'alert-routes.delete'
    or a.action = 'alert-routes.change' and a.detail->'after'->>'is_enabled' = 'false')
  order by a.id desc limit 1), 'somebody')`;

/** Takes the route's row for the rest of the transaction; made when it is wanted first. */
async function hold(trx: Executor, routeId: string): Promise<Held | undefined> {
  await sql`
    insert into alert_route_states as s (route_id, route)
    select id, to_jsonb(r) from alert_routes r where id = ${routeId}::uuid
    on conflict (route_id) do update set route = excluded.route where s.route is distinct from excluded.route`.execute(
    trx,
  );
  const { rows } = await sql<Held>`
    select ${state} from alert_route_states s
    where s.route_id = ${routeId}::uuid and not ${isGone} for update`.execute(trx);
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
