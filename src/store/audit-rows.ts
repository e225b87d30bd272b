import { type RawBuilder, sql } from 'kysely';
import type { AuditRow } from '../observe/port.ts';

/** A row of `audit_log` as `auditColumns` selects it. */
export interface AuditColumns {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly source: string;
  readonly address: string;
  readonly thread_id: string | null;
  readonly turn_id: string | null;
  readonly seal: number | null;
}

/** A time as text that loses nothing: ISO 8601 in UTC with microseconds. */
export function utcText(time: RawBuilder<unknown>): RawBuilder<string> {
  return sql`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** The columns of `audit_log a`. */
export const auditColumns = sql`a.id::text as id, ${utcText(sql`a.at`)} as at, a.actor, a.action, a.target,
  a.detail, a.source, a.address, a.thread_id, a.turn_id::text as turn_id, a.seal`;

export function toAuditRow(row: AuditColumns): AuditRow {
  const { id, at, actor, action, target, detail, source, address } = row;
  return {
    ...{ id, at, actor, action, target, detail, source, address },
    ...(row.thread_id === null ? {} : { threadId: row.thread_id }),
    ...(row.turn_id === null ? {} : { turnId: row.turn_id }),
    ...(row.seal === null ? {} : { seal: row.seal }),
  };
}
