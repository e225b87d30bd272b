import { sql } from 'kysely';
import type { JsonObject } from '../agent/json.ts';
import type { Need } from '../agent/tool.ts';
import type { Approval, Settlement } from '../bot/port.ts';
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
  readonly need: StoredNeed | null;
  readonly content: JsonObject | null;
  readonly decider_permission: string;
  readonly decider_only: readonly string[] | null;
  readonly decider_never: readonly string[] | null;
  readonly state: Approval['state'];
  readonly decided_by: string | null;
  readonly decided_by_name: string | null;
  readonly reason: string | null;
  readonly allows: NonNullable<Approval['allows']> | null;
  readonly schemas: readonly string[] | null;
  readonly edited: JsonObject | null;
  readonly edited_digest: string | null;
  readonly response: string | null;
  readonly spent_at: Date | null;
  readonly expires_at: Date;
}

type Form = Extract<Need, { type: 'form' }>;

/** The schema of a form is text: the order of its fields is what people see, and jsonb would lose it. */
type StoredNeed = Exclude<Need, Form> | (Omit<Form, 'schema'> & { readonly schema: string });

function storedApproval({ schemas, ...approval }: Approval) {
  const { need } = approval;
  const row = schemas === undefined ? approval : { ...approval, schemas: schemas.map(toJson) };
  return need?.type === 'form' ? { ...row, need: { ...need, schema: toJson(need.schema) } } : row;
}

function readNeed(need: StoredNeed): Need {
  return need.type === 'form' ? { ...need, schema: JSON.parse(need.schema) } : need;
}

/**
 * An insert of approvals that hangs on a CTE `fence`. Each is made a microsecond after the one before,
 * so that they are listed in the order of their calls.
 */
export function approvalRows(approvals: readonly Approval[]) {
  return sql`
    insert into approvals (id, turn_id, thread_id, call_id, tool, effect, arguments, digest, note, asked_by,
      asked_by_name, policy_version, kind, need, decider_permission, decider_only, decider_never, allows, schemas,
      expires_at, created_at)
    select a.id, a."turnId", a."threadId", a."callId", a.tool, a.effect, a.arguments, a.digest, a.note,
      a."askedBy"->>'principal', a."askedBy"->>'name', a."policyVersion",
      coalesce(a.need->>'type', 'approval'), a.need, a.deciders->>'permission', a.deciders->'only',
      a.deciders->'never', a.allows, a.schemas, a."expiresAt",
      now() + a.place * interval '1 microsecond'
    from fence, rows from (jsonb_to_recordset(${toJson(approvals.map(storedApproval))}::jsonb) as (id uuid, "turnId" uuid,
      "threadId" text, "callId" text, tool text, effect text, arguments jsonb, digest text, note text,
      "askedBy" jsonb, "policyVersion" text, need jsonb, deciders jsonb, allows jsonb, schemas jsonb, "expiresAt" timestamptz))
      with ordinality as a (id, "turnId", "threadId", "callId", tool, effect, arguments, digest, note, "askedBy",
      "policyVersion", need, deciders, allows, schemas, "expiresAt", place)`;
}

/**
 * What the end of an activation closes, hanging on a CTE `fence`: questions about calls that are asked
 * about anew; and with the turn all that are open, and whatever the asker alone was told or has said.
 */
export function closeApprovals({ turnId, state, approvals }: Settlement) {
  const ended = state !== 'waiting';
  return sql`
    update approvals set
      state = case when state = 'pending' then 'cancelled' else state end,
      decided_at = case when state = 'pending' then now() else decided_at end,
      content = case when ${ended} then null else content end,
      need = case when ${ended} then need || case kind
        when 'form' then '{"message": "", "schema": "{}"}'::jsonb
        when 'link' then '{"message": "", "url": ""}'::jsonb
        else '{}'::jsonb end else need end
    from fence
    where turn_id = ${turnId}::uuid and (
      (state = 'pending' and (${ended} or call_id = any(${approvals.map(({ callId }) => callId)}::text[])))
      or (${ended} and kind <> 'approval'))`;
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
    deciders: {
      permission: row.decider_permission,
      ...(row.decider_only === null ? {} : { only: row.decider_only }),
      ...(row.decider_never === null ? {} : { never: row.decider_never }),
    },
    state: row.state,
    spent: row.spent_at !== null,
    expiresAt: row.expires_at,
    ...(row.need === null ? {} : { need: readNeed(row.need) }),
    ...(row.content === null ? {} : { content: row.content }),
    ...(row.note === null ? {} : { note: row.note }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.allows === null ? {} : { allows: row.allows }),
    ...(row.schemas === null ? {} : { schemas: row.schemas.map((schema) => JSON.parse(schema)) }),
    ...(row.edited === null || row.edited_digest === null
      ? {}
      : { edited: { arguments: row.edited, digest: row.edited_digest } }),
    ...(row.response === null ? {} : { response: row.response }),
    ...decidedBy,
  };
}
