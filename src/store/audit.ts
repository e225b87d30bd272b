import { type RawBuilder, sql } from 'kysely';
import type { AuditEntry, AuditFilter, AuditLog, AuditRow } from '../observe/port.ts';
import { type AuditColumns, auditColumns, toAuditRow } from './audit-rows.ts';
import { verify } from './audit-seals.ts';
import type { Executor } from './database.ts';
import { cleanText, toJson } from './json.ts';

/** The audit log in SQL. */
export function auditLog(db: Executor): AuditLog {
  return {
    append: (entries) => auditInsert(db, entries),
    async list(filter, page) {
      const where = whereOf(filter);
      return { rows: await newest(db, where, page), count: await counted(db, where) };
    },
    rows: (filter) => batches(db, whereOf(filter)),
    verify: () => verify(db),
  };
}

/** Writes entries, inside the transaction of the change that they tell of. */
export async function auditInsert(db: Executor, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await sql`
    insert into audit_log (actor, action, target, detail, source, address, thread_id, turn_id)
    select a.actor, a.action, a.target, coalesce(a.detail, '{}'), coalesce(a.source, ''), coalesce(a.address, ''),
      a."threadId", a."turnId"
    from jsonb_to_recordset(${toJson(entries)}::jsonb) as a (actor text, action text, target text, detail jsonb,
      source text, address text, "threadId" text, "turnId" uuid)`.execute(db);
}

async function newest(
  db: Executor,
  where: RawBuilder<unknown>,
  { limit, offset }: Parameters<AuditLog['list']>[1],
): Promise<readonly AuditRow[]> {
  const { rows } = await sql<AuditColumns>`
    select ${auditColumns} from audit_log a where ${where} order by a.id desc limit ${limit} offset ${offset}`.execute(
    db,
  );
  return rows.map(toAuditRow);
}

async function counted(db: Executor, where: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from audit_log a where ${where}`.execute(db);
  return rows[0]?.count ?? 0;
}

const rowsAtOnce = 500;
const beforeAll = '-9223372036854775808';

/** Goes on after the last row that was read, so that each batch costs the same. */
async function* batches(db: Executor, where: RawBuilder<unknown>): AsyncGenerator<readonly AuditRow[]> {
  let after = beforeAll;
  for (;;) {
    const { rows } = await sql<AuditColumns>`
      select ${auditColumns} from audit_log a where a.id > ${after}::bigint and ${where}
      order by a.id limit ${rowsAtOnce}`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(toAuditRow);
    if (rows.length < rowsAtOnce) return;
    after = last.id;
  }
}

function whereOf(filter: AuditFilter): RawBuilder<unknown> {
  const { after, before } = filter;
  const conditions = [
    sql`true`,
    ...given(filter.actor, (actor) => sql`a.actor = ${actor}`),
    ...given(filter.action, isAction),
    ...given(filter.target, (target) => sql`a.target = ${target}`),
    ...given(filter.source, (source) => sql`a.source = ${source}`),
    ...given(filter.threadId, (threadId) => sql`a.thread_id = ${threadId}`),
    ...given(filter.turnId, isTurn),
    ...(after === undefined ? [] : [sql`a.at >= ${after}`]),
    ...(before === undefined ? [] : [sql`a.at < ${before}`]),
    ...given(filter.q, speaksOf),
  ];
  return sql.join(conditions, sql` and `);
}

function given(value: string | undefined, condition: (value: string) => RawBuilder<unknown>) {
  return value === undefined ? [] : [condition(cleanText(value))];
}

function isAction(action: string): RawBuilder<unknown> {
  if (!action.endsWith('*')) return sql`a.action = ${action}`;
  return sql`a.action like ${`${action.slice(0, -1).replaceAll(/[\\%_]/g, '\\$&')}%`}`;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What cannot be the id of a turn belongs to none. */
function isTurn(turnId: string): RawBuilder<unknown> {
  return uuid.test(turnId) ? sql`a.turn_id = ${turnId}::uuid` : sql`false`;
}

function speaksOf(text: string): RawBuilder<unknown> {
  const columns = [sql`a.actor`, sql`a.action`, sql`a.target`];
  const found = columns.map((column) => sql`strpos(lower(${column}), lower(${text})) > 0`);
  return sql`(${sql.join(found, sql` or `)})`;
}
