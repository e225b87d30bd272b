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
  g.is_stale as "isStale", ${ms(sql`g.due_at`)} as "dueAt"`;

/** The values of a group, in the order of `groupNames`. */
export function groupValues(routeId: string, group: AlertGroup): RawBuilder<unknown> {
  return sql`(${group.id}::uuid, ${routeId}::uuid, ${group.key}, ${group.title}, ${group.severity}, ${group.state},
    ${group.noticeId}::uuid, ${group.stormId}::uuid, ${group.note}, ${at(group.openedAt)}::timestamptz,
    ${at(group.resolvedAt)}::timestamptz, ${at(group.lastAt)}::timestamptz, ${at(group.restatedAt)}::timestamptz,
    ${at(group.lineAt)}::timestamptz, ${group.lines}::int, ${group.unsaidFiring}::int,
    ${group.unsaidResolved}::int, ${group.isAgain}::boolean, ${group.isStale}::boolean,
    ${at(group.dueAt)}::timestamptz)`;
}

const changing = [
  ...['title', 'severity', 'state', 'notice_id', 'storm_id', 'note', 'opened_at', 'resolved_at', 'last_at'],
  ...[
    'restated_at',
    'line_at',
    'lines',
    'unsaid_firing',
    'unsaid_resolved',
    'is_again',
    'is_stale',
    'due_at',
  ],
];

export const groupNames = sql.join(['id', 'route_id', 'key', ...changing].map((name) => sql.ref(name)));

/** What is written over what is known of a group. */
export const groupChanges = sql.join(
  changing.map((name) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`),
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
