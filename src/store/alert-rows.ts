import { type RawBuilder, sql } from 'kysely';
import type { AlertGroup, AlertRoute, StoredAlert } from '../alerts/port.ts';

/** Milliseconds since 1970. */
export function ms(time: RawBuilder<unknown>): RawBuilder<number> {
  return sql`(extract(epoch from ${time}) * 1000)::float8`;
}

/** A time from milliseconds since 1970. */
export function at(time: number | null): Date | null {
  return time === null ? null : new Date(time);
}

/** A row of `alert_routes r` as the room has it. */
export const routeJson = sql<AlertRoute>`jsonb_build_object(
  'id', r.id, 'name', r.name, 'format', r.format, 'authentication', r.authentication,
  'secretReference', r.secret_key, 'timestampHeader', r.timestamp_header, 'target', r.target,
  'template', r.template, 'groupBy', r.group_by, 'severityLabel', r.severity_label,
  'investigate', r.investigate, 'instructions', r.instructions, 'tools', r.tools,
  'investigationsPerHour', r.investigations_per_hour, 'groupsPerMinute', r.groups_per_minute,
  'alertsPerMinute', r.alerts_per_minute, 'dedupeMinutes', r.dedupe_minutes, 'reopenMinutes', r.reopen_minutes,
  'mentionOwner', r.mention_owner, 'autoClose', r.auto_close, 'isEnabled', r.is_enabled,
  'owner', jsonb_build_object('principal', r.owner, 'name', r.owner_name))`;

/** The columns of `alert_groups g` as the room has them. */
export const groupColumns = sql`g.id, g.key, g.title, g.severity, g.state, g.notice_id as "noticeId",
  g.storm_id as "stormId", g.note, ${ms(sql`g.opened_at`)} as "openedAt", ${ms(sql`g.resolved_at`)} as "resolvedAt",
  ${ms(sql`g.last_at`)} as "lastAt", ${ms(sql`g.restated_at`)} as "restatedAt", ${ms(sql`g.line_at`)} as "lineAt",
  g.lines, g.unsaid_firing as "unsaidFiring", g.unsaid_resolved as "unsaidResolved", g.is_again as "isAgain",
  g.is_stale as "isStale", g.turned, g.is_awake as "isAwake", ${ms(sql`g.due_at`)} as "dueAt",
  ${ms(sql`g.investigate_at`)} as "investigateAt", g.returns`;

/** A group as a row of `alert_groups` in JSON. */
export function groupRow(routeId: string, group: AlertGroup): Readonly<Record<string, unknown>> {
  const { id, key, title, severity, state, note, lines, turned, returns } = group;
  return {
    ...{ id, route_id: routeId, key, title, severity, state, note, lines, turned, returns },
    ...{ notice_id: group.noticeId, storm_id: group.stormId, opened_at: at(group.openedAt) },
    ...{ resolved_at: at(group.resolvedAt), last_at: at(group.lastAt), restated_at: at(group.restatedAt) },
    ...{ line_at: at(group.lineAt), due_at: at(group.dueAt), investigate_at: at(group.investigateAt) },
    ...{ unsaid_firing: group.unsaidFiring, unsaid_resolved: group.unsaidResolved },
    ...{ is_again: group.isAgain, is_stale: group.isStale, is_awake: group.isAwake },
  };
}

const changing = {
  ...{ title: 'text', severity: 'text', state: 'text', notice_id: 'uuid', storm_id: 'uuid', note: 'text' },
  ...{ opened_at: 'timestamptz', resolved_at: 'timestamptz', last_at: 'timestamptz' },
  ...{ restated_at: 'timestamptz', line_at: 'timestamptz', due_at: 'timestamptz' },
  ...{ lines: 'int', unsaid_firing: 'int', unsaid_resolved: 'int', is_again: 'boolean', is_stale: 'boolean' },
  ...{ turned: 'jsonb', is_awake: 'boolean', investigate_at: 'timestamptz', returns: 'int' },
};
const columns = { id: 'uuid', route_id: 'uuid', key: 'text', ...changing };

export const groupNames = sql.join(Object.keys(columns).map((name) => sql.ref(name)));

/** Those columns with their types, for reading rows of JSON. */
export const groupTypes = sql.join(
  Object.entries(columns).map(([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}`),
);

/** What is written over what is known of a group. */
export const groupChanges = sql.join(
  Object.keys(changing).map((name) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`),
);

/** The columns of `alerts a` as the room has them. */
export const alertColumns = sql`a.alert, a.group_id as "groupId", ${ms(sql`a.fired_at`)} as "firedAt",
  ${ms(sql`a.last_at`)} as "lastAt", a.times`;

export type AlertRow = StoredAlert;

/** Whether what tells of a row of `alert_groups g` could not be posted, while it fires. */
export const isLost = sql<boolean>`(g.state = 'firing' and exists (
  select from outbox o
  where o.turn_id = g.notice_id and o.ordinal = 0 and o.state = 'dead' and o.opening is not null
    and not exists (select from turns t where t.id = o.turn_id)))`;

/** Whether a row of `alert_groups g` has something to tell at this time. */
export function isDue(time: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql`(g.due_at <= ${time} or ${isLost})`;
}
