import { type RawBuilder, sql } from 'kysely';
import type { AlertBooks, RouteState, StoredAlert } from '../alerts/port.ts';
import type { ConcernState, Reply } from '../chat/reply.ts';
import { knownAlerts, knownGroups } from './alert-reading.ts';
import { at, groupChanges, groupNames, groupRow, groupTypes } from './alert-rows.ts';
import { resolveConcern, restateNotice } from './concerns.ts';
import type { Executor } from './database.ts';
import { cleanText, toJson } from './json.ts';
import { storeNotice } from './notices.ts';
import { holdThread, replaceWords } from './restating.ts';
import { channel } from './signals.ts';

/** What a route's books are opened with; its row is locked until the transaction ends. */
export interface OpenBooks {
  readonly routeId: string;
  readonly now: number;
  readonly state: RouteState;
}

/** A route's books in SQL, within a transaction that holds its row. */
export function alertBooks(trx: Executor, open: OpenBooks): AlertBooks {
  const { routeId, now, state } = open;
  const saved = new Map<unknown, string>();
  const known = knownGroups(trx, open);
  return {
    now,
    state,
    ...knownAlerts(trx, { routeId, now }),
    ...known,
    async groups(which) {
      const groups = await known.groups(which);
      for (const group of groups) isNews(saved, groupRow(routeId, group));
      return groups;
    },
    ...saving(trx, open, saved),
    ...telling(trx, now),
  };
}

function alertRow({ alert, groupId, firedAt, lastAt, times }: StoredAlert) {
  const { fingerprint, status } = alert;
  return { fingerprint, group_id: groupId, status, alert, fired_at: at(firedAt), last_at: at(lastAt), times };
}

function saving(
  trx: Executor,
  { routeId, now }: OpenBooks,
  saved: Map<unknown, string>,
): Pick<AlertBooks, 'isKnown' | 'saveAlerts' | 'saveGroups' | 'saveState' | 'forget'> {
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
      const rows = groups.map((group) => groupRow(routeId, group)).filter((row) => isNews(saved, row));
      if (rows.length === 0) return;
      await sql`
        insert into alert_groups (${groupNames})
        select ${groupNames} from jsonb_to_recordset(${toJson(rows)}::jsonb) as row (${groupTypes})
        on conflict (id) do update set ${groupChanges}`.execute(trx);
    },
    async forget(groupIds) {
      await sql`
        update alerts set status = 'resolved', alert = jsonb_set(alert, '{status}', '"resolved"')
        where group_id = any(${[...groupIds]}::uuid[]) and status = 'firing'`.execute(trx);
      await sql`
        update alert_groups set due_at = null
        where route_id = ${routeId}::uuid and state = 'resolved' and due_at is not null`.execute(trx);
    },
    async saveState(after) {
      await sql`
        update alert_route_states set minute = ${at(after.minute)}, alerts = ${after.alerts},
          investigated = ${toJson(after.investigated)}::jsonb
        where route_id = ${routeId}::uuid`.execute(trx);
    },
  };
}

/** Whether a row is not what is stored of it, as far as was seen; it is noted. */
function isNews(saved: Map<unknown, string>, row: Readonly<Record<string, unknown>>): boolean {
  const words = JSON.stringify(row);
  if (saved.get(row.id) === words) return false;
  saved.set(row.id, words);
  return true;
}

function telling(
  trx: Executor,
  now: number,
): Pick<AlertBooks, 'say' | 'retitle' | 'restate' | 'resolve' | 'reopen' | 'worsen' | 'leave' | 'standing'> {
  return {
    say: (notice) => storeNotice(trx, notice),
    async retitle(noticeId, title, before = title) {
      await holdThread(trx, noticeId);
      const words = (name: RawBuilder<unknown>) => sql`regexp_replace(${name}, '^[^ ]+ ', '')`;
      await sql`
        update threads set title = ${cleanText(title)}
        where thread_id = (select thread_id from turns where id = ${noticeId}::uuid) and title <> ${cleanText(title)}
          and ${words(sql`title`)} in (${words(sql`${cleanText(title)}::text`)}, ${words(sql`${cleanText(before)}::text`)})`.execute(
        trx,
      );
    },
    async restate(noticeId, reply) {
      await restateNotice(trx, noticeId, reply, now);
    },
    resolve: (noticeId, reply) => resolveConcern(trx, noticeId, now, reply),
    async reopen(noticeId, reply) {
      await holdThread(trx, noticeId);
      await sql`
        update concerns set state = 'snoozed'
        where id = ${noticeId}::uuid and state = 'resolved' and until > ${new Date(now)}`.execute(trx);
      await sql`
        update concerns set state = 'open', by_principal = null, by_name = null, at = null, until = null
        where id = ${noticeId}::uuid and state = 'resolved'`.execute(trx);
      await restateNotice(trx, noticeId, reply, now);
    },
    async worsen(noticeId, { key, severity }, reply) {
      await holdThread(trx, noticeId);
      await sql`
        update concerns set state = 'open', by_principal = null, by_name = null, at = null, until = null,
          items = ${toJson([{ key, verdict: severity }])}::jsonb
        where id = ${noticeId}::uuid`.execute(trx);
      await restateNotice(trx, noticeId, reply, now);
    },
    leave: (noticeId, reply, by) => leaveNotice(trx, noticeId, { reply, by }),
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

/** Its concern asks nobody any more, and no investigation of it begins or goes on. */
async function leaveNotice(
  trx: Executor,
  noticeId: string,
  { reply, by }: { readonly reply: Reply; readonly by: string },
): Promise<void> {
  await holdThread(trx, noticeId);
  await sql`update concerns set state = 'resolved' where id = ${noticeId}::uuid`.execute(trx);
  await replaceWords(trx, noticeId, reply);
  await sql`
    update outbox set opening = opening - 'first'
    where turn_id = ${noticeId}::uuid and ordinal = 0 and state = 'pending' and opening is not null`.execute(
    trx,
  );
  await sql`
    with stopped as (
      update turns t set stop_requested_at = now(), stop_requested_by = ${cleanText(by)}
      from inbox_events e
      where e.turn_id = t.id and e.thread_id = (select thread_id from turns where id = ${noticeId}::uuid)
        and (e.payload->>'readsOnly')::boolean and t.state in ('queued', 'running', 'waiting')
        and t.stop_requested_at is null
      returning t.thread_id
    )
    select pg_notify(${channel}, word || ' ' || thread_id)
    from stopped, unnest(array['stop', 'ready']) as word`.execute(trx);
}

interface StandingRow {
  readonly concern: ConcernState | null;
  readonly thread_id: string | null;
  readonly lost: boolean;
}
