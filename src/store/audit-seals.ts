import { sql } from 'kysely';
import { beginning, follow, type Head, type Link, sealRows, strayRow } from '../observe/audit-chain.ts';
import {
  type AuditRow,
  type AuditVerification,
  rowsPerSeal,
  type Seal,
  type SealStore,
} from '../observe/port.ts';
import { type AuditColumns, auditColumns, toAuditRow, utcText } from './audit-rows.ts';
import type { Database, Executor } from './database.ts';

/** Seals in SQL. */
export function sealStore(db: Database): SealStore {
  return { seal: (minAgeMs) => db.transaction().execute((trx) => seal(trx, minAgeMs)) };
}

/** Any number that no other lock of this database uses; the transaction's end lets go of it. */
const sealingLock = '4702111234474983745';

/** The same inside a transaction, which keeps the others from sealing until it ends. */
export async function seal(db: Executor, minAgeMs: number): Promise<Seal | undefined> {
  if (!(await lock(db))) return undefined;
  const [first, ...rest] = await unsealed(db, minAgeMs);
  if (first === undefined) return undefined;
  const made = sealRows(await lastSeal(db), [first, ...rest], await transactionTime(db));
  await insertSeal(db, made);
  const ids = [first, ...rest].map((row) => row.id);
  await sql`update audit_log set seal = ${made.n} where id = any(${ids}::bigint[])`.execute(db);
  return made;
}

/** One process at a time; the others need not wait, their rows are being sealed. */
async function lock(db: Executor): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(${sealingLock}::bigint) as locked`.execute(db);
  return rows[0]?.locked ?? false;
}

/** What has no seal yet, whatever its id: a transaction may end long after later ones. */
async function unsealed(db: Executor, minAgeMs: number): Promise<readonly AuditRow[]> {
  const { rows } = await sql<AuditColumns>`
    select ${auditColumns} from audit_log a
    where a.seal is null and a.at <= now() - ${`${minAgeMs} ms`}::interval
    order by a.seal, a.id limit ${rowsPerSeal}`.execute(db);
  return rows.map(toAuditRow);
}

async function lastSeal(db: Executor): Promise<Pick<Head, 'n' | 'hash'>> {
  const { rows } = await sql<Pick<Head, 'n' | 'hash'>>`
    select n, hash from audit_seals order by n desc limit 1`.execute(db);
  return rows[0] ?? beginning;
}

async function transactionTime(db: Executor): Promise<string> {
  const { rows } = await sql<{ now: string }>`select ${utcText(sql`now()`)} as now`.execute(db);
  return rows[0]?.now ?? '';
}

async function insertSeal(db: Executor, made: Seal): Promise<void> {
  await sql`
    insert into audit_seals (n, first_id, last_id, row_count, rows_hash, prev_hash, hash, sealed_at)
    values (${made.n}, ${made.firstId}::bigint, ${made.lastId}::bigint, ${made.rowCount}, ${made.rowsHash},
      ${made.prevHash}, ${made.hash}, ${made.sealedAt}::timestamptz)`.execute(db);
}

/** Walks the chain from its beginning to the first link that does not hold. */
export async function verify(db: Executor): Promise<AuditVerification> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await verifyOnce(db);
    // Retention at work meanwhile looks the same at first, and is over when looked at again.
    if (found.ok || found.flaw !== 'pruned_out_of_order' || attempt === 3) return found;
  }
}

async function verifyOnce(db: Executor): Promise<AuditVerification> {
  let head = beginning;
  const failed = (broken: ReturnType<typeof strayRow>) =>
    ({ ok: false, ...broken, seals: head.n, rows: head.rows }) as const;
  for (;;) {
    const links = await readLinks(db, head.n);
    for (const link of links) {
      const next = follow(head, link);
      if ('flaw' in next) return failed(next);
      head = next;
    }
    if (links.length === 0) break;
  }
  const stray = await findStray(db, head);
  if (stray !== undefined) return failed(strayRow(head, stray.seal, stray.id));
  const { n: seals, rows, pruned, hash } = head;
  return { ok: true, seals, rows, pruned, unsealed: await countUnsealed(db), hash };
}

const rowsAtOnce = 2000;
const sealsAtOnce = 500;

type LinkColumns = SealColumns & { readonly [K in keyof AuditColumns]: AuditColumns[K] | null };

interface SealColumns extends Omit<Seal, 'n'> {
  readonly n: number;
  readonly isPruned: boolean;
}

/**
 * The next seals with their rows, as of one moment: rows that retention prunes meanwhile are not
 * missed. As many seals as say to hold `rowsAtOnce` rows; more rows than they say are cut off, which
 * leaves one seal with a row too many.
 */
async function readLinks(db: Executor, after: number): Promise<readonly Link[]> {
  const { rows } = await sql<LinkColumns>`
    with next as (
      select * from audit_seals where n > ${after} order by n limit ${sealsAtOnce}
    ), chosen as (
      select *, sum(row_count) over (order by n) - row_count as before from next
    )
    select s.n, s.first_id::text as "firstId", s.last_id::text as "lastId", s.row_count as "rowCount",
      s.rows_hash as "rowsHash", s.prev_hash as "prevHash", s.hash, ${utcText(sql`s.sealed_at`)} as "sealedAt",
      s.pruned_at is not null as "isPruned", ${auditColumns}
    from chosen s left join audit_log a on a.seal = s.n
    where s.before < ${rowsAtOnce}
    order by s.n, a.id limit ${rowsAtOnce + rowsPerSeal + 1}`.execute(db);
  return [...Map.groupBy(rows, (row) => row.n).values()].flatMap(toLink);
}

function toLink(rows: readonly LinkColumns[]): readonly Link[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { n, firstId, lastId, rowCount, rowsHash, prevHash, hash, sealedAt, isPruned } = first;
  const seal = { n, firstId, lastId, rowCount, rowsHash, prevHash, hash, sealedAt };
  return [{ seal, isPruned, rows: rows.filter(isRow).map(toAuditRow) }];
}

/** Not the empty row of a seal without rows. */
function isRow(row: LinkColumns): row is LinkColumns & AuditColumns {
  return row.id !== null;
}

/** A sealed row whose seal does not exist. */
async function findStray(db: Executor, head: Head) {
  const { rows } = await sql<{ seal: number; id: string }>`
    select a.seal, a.id::text as id from audit_log a
    where (a.seal > ${head.n} or a.seal < 1) and not exists (select from audit_seals s where s.n = a.seal)
    order by a.seal, a.id limit 1`.execute(db);
  return rows[0];
}

async function countUnsealed(db: Executor): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from audit_log where seal is null`.execute(db);
  return rows[0]?.count ?? 0;
}
