import { sql } from 'kysely';
import type { JsonObject } from '../agent/json.ts';
import type { Approval } from '../bot/port.ts';
import type { Executor } from './database.ts';
import { toJson } from './json.ts';

/** A row of `approvals`. */
export interface ApprovalRow {
  readonly id: string;
  readonly turn_id: string;
  readonly thread_id: string;
  readonly call_id: string;
  readonly tool: string;
  readonly effect: Approval['effect'];
  readonly arguments: JsonObject;
  readonly digest: string;
  readonly note: string | null;
  readonly asked_by: string;
  readonly asked_by_name: string;
  readonly policy_version: string;
  readonly state: Approval['state'];
  readonly decided_by: string | null;
  readonly decided_by_name: string | null;
  readonly reason: string | null;
  readonly spent_at: Date | null;
  readonly expires_at: Date;
}

/**
 * An insert of approvals that hangs on a CTE `fence`. Each is made a microsecond after the one before,
 * so that they are listed in the order of their calls.
 */
export function approvalRows(approvals: readonly Approval[]) {
  return sql`
    insert into approvals (id, turn_id, thread_id, call_id, tool, effect, arguments, digest, note, asked_by,
      asked_by_name, policy_version, expires_at, created_at)
    select a.id, a."turnId", a."threadId", a."callId", a.tool, a.effect, a.arguments, a.digest, a.note,
      a."askedBy"->>'principal', a."askedBy"->>'name', a."policyVersion", a."expiresAt",
      now() + a.place * interval '1 microsecond'
    from fence, rows from (jsonb_to_recordset(${toJson(approvals)}::jsonb) as (id uuid, "turnId" uuid,
      "threadId" text, "callId" text, tool text, effect text, arguments jsonb, digest text, note text,
      "askedBy" jsonb, "policyVersion" text, "expiresAt" timestamptz)) with ordinality as a (id, "turnId",
      "threadId", "callId", tool, effect, arguments, digest, note, "askedBy", "policyVersion", "expiresAt",
      place)`;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The approval of this id, which may be any text that somebody put into a URL. */
export async function findApproval(db: Executor, id: string): Promise<Approval | undefined> {
  if (!uuid.test(id)) return undefined;
  const { rows } = await sql<ApprovalRow>`select * from approvals where id = ${id}::uuid`.execute(db);
  return rows[0] === undefined ? undefined : readApproval(rows[0]);
}

/** A row as an approval. */
export function readApproval(row: ApprovalRow): Approval {
  const decidedBy =
    row.decided_by === null
      ? {}
      : { decidedBy: { principal: row.decided_by, name: row.decided_by_name ?? '' } };
  return {
    id: row.id,
    turnId: row.turn_id,
    threadId: row.thread_id,
    callId: row.call_id,
    tool: row.tool,
    effect: row.effect,
    arguments: row.arguments,
    digest: row.digest,
    askedBy: { principal: row.asked_by, name: row.asked_by_name },
    policyVersion: row.policy_version,
    state: row.state,
    spent: row.spent_at !== null,
    expiresAt: row.expires_at,
    ...(row.note === null ? {} : { note: row.note }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...decidedBy,
  };
}
