import { sql } from 'kysely';
import { auditInsert } from './audit.ts';
import type { Database, Executor } from './database.ts';
import { latestMove } from './house.ts';
import { sequencesOf, type Table } from './house-catalog.ts';
import type { HouseEnd, HouseHeader, Sequences } from './house-file.ts';
import { putBack } from './house-references.ts';

interface Moved {
  readonly header: HouseHeader;
  readonly sequences: Sequences;
  readonly end: HouseEnd;
}

/**
 * Ends a move whose rows are all there: counts them, sets the sequences, puts the references back and
 * writes the audit entry. A table that does not hold what the backup counted is returned, with nothing done.
 */
export async function settle(
  db: Executor,
  moved: Moved,
  tables: readonly Table[],
): Promise<string | undefined> {
  for (const { name } of tables) {
    if ((await countRows(db, name)) !== (moved.end.counts[name] ?? 0)) return name;
  }
  await setSequences(db, moved.sequences, tables);
  await putBack(db, (await latestMove(db))?.loose ?? []);
  await auditInsert(db, [entryOf(moved)]);
  await sql`update house_moves set state = 'finished', finished_at = now()`.execute(db);
  return undefined;
}

/** Notes that the move cannot be ended, only begun anew. */
export async function failed(db: Database): Promise<void> {
  await sql`update house_moves set state = 'failed'`.execute(db);
}

async function countRows(db: Executor, table: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::float8 as count from ${sql.table(table)}`.execute(db);
  return rows[0]?.count ?? 0;
}

async function setSequences(db: Executor, next: Sequences, tables: readonly Table[]): Promise<void> {
  for (const [name, sequence] of sequencesOf(tables)) {
    const value = next[name];
    if (value === undefined) continue;
    await sql`select setval(${sequence}::regclass, ${value}::bigint, false)`.execute(db);
  }
}

function entryOf({ header, end }: Moved) {
  const rows = Object.values(end.counts).reduce((sum, count) => sum + count, 0);
  return {
    actor: 'bot',
    action: 'house.imported',
    target: 'house',
    source: 'import',
    detail: { sha256: end.sha256, made_at: header.made_at, from: header.database, rows },
  };
}
