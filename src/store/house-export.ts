import { type RawBuilder, sql } from 'kysely';
import { DatabaseError, type Executor, type OpenDatabase } from './database.ts';
import { requireWholeHouse } from './house.ts';
import { type Column, readMigrations, readTables, sequencesOf, type Table } from './house-catalog.ts';
import { type HouseEnd, type HousePart, type Sequences, writeHouse } from './house-file.ts';

/** Hears how many rows of a table have been dealt with, and of how many where that is known. */
export type Tell = (table: string, rows: number, of?: number) => void;

/**
 * Writes everything in the database into one file, as of one moment: on PostgreSQL beside running bots.
 * Changes nothing. Throws `DatabaseError` where there is nothing to carry.
 */
export async function exportHouse(database: OpenDatabase, file: string, tell: Tell): Promise<HouseEnd> {
  return await database.db.transaction().execute(async (trx) => {
    for (const statement of snapshot) await sql.raw(statement).execute(trx);
    const migrations = await readMigrations(trx);
    if (migrations.length === 0) throw new DatabaseError(nobodyHome);
    await requireWholeHouse(trx);
    const tables = await readTables(trx);
    const header = {
      migrations,
      tables: tables.map((table) => table.name),
      database: database.kind,
      made_at: new Date().toISOString(),
    };
    return await writeHouse(file, header, everything(trx, tables, tell));
  });
}

const nobodyHome =
  'The bot has never run on this database, so there is nothing to export. Check DATABASE_URL or DATA_DIR.';

/** Sorting a big table would take longer than a query may; its index gives the order at once. */
const snapshot = [
  'set transaction isolation level repeatable read, read only',
  `set local timezone = 'UTC'`,
  'set local enable_sort = off',
  'set local statement_timeout = 0',
  'set local idle_in_transaction_session_timeout = 0',
];

async function* everything(
  db: Executor,
  tables: readonly Table[],
  tell: Tell,
): AsyncGenerator<HousePart, void> {
  for (const table of tables) {
    let count = 0;
    for await (const rows of rowsOf(db, table)) {
      count += rows.length;
      yield { type: 'rows', table: table.name, rows };
    }
    tell(table.name, count);
  }
  yield { type: 'sequences', sequences: await readSequences(db, tables) };
}

const rowsAtFirst = 10;
const rowsAtMost = 100;
const charactersAtOnce = 1_000_000;

/** As many rows at a time as make a bounded amount of text, judged by those before. */
async function* rowsOf(db: Executor, table: Table): AsyncGenerator<readonly string[]> {
  await sql`declare house no scroll cursor for ${rowsAsText(table)}`.execute(db);
  let limit = rowsAtFirst;
  for (;;) {
    const { rows } = await sql<{ row: string }>`fetch forward ${sql.lit(limit)} from house`.execute(db);
    if (rows.length > 0) yield rows.map(({ row }) => row);
    if (rows.length < limit) break;
    const characters = rows.reduce((sum, { row }) => sum + row.length, 0);
    limit = Math.min(rowsAtMost, Math.ceil((charactersAtOnce * rows.length) / characters));
  }
  await sql`close house`.execute(db);
}

/**
 * A JSON column that is NULL is left out, because one that holds JSON's null reads the same; so are
 * computed columns.
 */
function rowsAsText({ name, columns, key }: Table): RawBuilder<unknown> {
  const left = columns.flatMap(leftOut);
  const order = key.length === 0 ? sql`` : sql`order by ${sql.join(key.map((column) => columnOf(column)))}`;
  return sql`
    select (to_jsonb(t) - array_remove(array[${sql.join(left)}]::text[], null))::text as row
    from ${sql.table(name)} t ${order}`;
}

function leftOut({ name, isJson, isGenerated }: Column): readonly RawBuilder<unknown>[] {
  if (isGenerated) return [sql.lit(name)];
  return isJson ? [sql`case when ${columnOf(name)} is null then ${sql.lit(name)} end`] : [];
}

function columnOf(name: string): RawBuilder<unknown> {
  return sql`t.${sql.id(name)}`;
}

/** Read last, they are past every row of the snapshot. */
async function readSequences(db: Executor, tables: readonly Table[]): Promise<Sequences> {
  const entries: [string, string][] = [];
  for (const [name, sequence] of sequencesOf(tables)) {
    const { rows } = await sql<{ next: string }>`
      select (case when is_called then last_value + 1 else last_value end)::text as next from ${sql.raw(sequence)}`.execute(
      db,
    );
    entries.push([name, rows[0]?.next ?? '1']);
  }
  return Object.fromEntries(entries);
}
