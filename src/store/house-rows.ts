import { type RawBuilder, sql } from 'kysely';
import { type Database, DatabaseError, type Executor } from './database.ts';
import { type Column, isLeased, leaseColumns, type Table } from './house-catalog.ts';
import type { Tell } from './house-export.ts';
import { type HouseEnd, HouseError, readHouse } from './house-file.ts';

export interface Carried {
  readonly house: { readonly file: string; readonly end: HouseEnd };
  readonly tables: readonly Table[];
  /** Rows of the file that are in the database already. */
  readonly rowsDone: number;
  readonly tell: Tell;
}

/**
 * Brings in all rows that are not there yet. Each batch commits together with the note of how far it came.
 * Throws `HouseError` where the file turns out not to be the one that was checked.
 */
export async function carry(db: Database, { house, tables, rowsDone, tell }: Carried): Promise<void> {
  const byName = new Map(tables.map((table) => [table.name, table]));
  let done = rowsDone;
  for await (const { table: name, rows, ofTable } of rowBatches(house, rowsDone)) {
    const table = byName.get(name);
    if (table === undefined) throw new HouseError(`The backup ${house.file} has rows of no table: ${name}.`);
    const step = { hash: house.end.sha256, table: name, from: done, to: done + rows.length };
    await db.transaction().execute(async (trx) => {
      await advance(trx, step);
      await insertRows(trx, table, rows);
    });
    done = step.to;
    tell(name, ofTable, house.end.counts[name]);
  }
}

interface Batch {
  readonly table: string;
  readonly rows: readonly string[];
  /** Rows of this table up to here, those brought in before included. */
  readonly ofTable: number;
}

const rowsAtOnce = 500;
const charactersAtOnce = 2_000_000;

/** The rows after the first `skip`, in batches of a bounded size, each of one table. */
async function* rowBatches({ file, end }: Carried['house'], skip: number): AsyncGenerator<Batch> {
  let table = '';
  let [seen, ofTable, characters] = [0, 0, 0];
  let rows: string[] = [];
  const take = (): Batch => {
    const batch = { table, rows, ofTable };
    rows = [];
    characters = 0;
    return batch;
  };
  for await (const line of readHouse(file)) {
    if (line.type === 'end' && line.end.sha256 !== end.sha256) throw new HouseError(changed(file));
    if (line.type !== 'row') continue;
    if (line.table !== table) {
      if (rows.length > 0) yield take();
      table = line.table;
      ofTable = 0;
    }
    seen += 1;
    ofTable += 1;
    if (seen <= skip) continue;
    rows.push(line.row);
    characters += line.row.length;
    if (rows.length >= rowsAtOnce || characters >= charactersAtOnce) yield take();
  }
  if (rows.length > 0) yield take();
}

function changed(file: string): string {
  return `The backup ${file} was replaced by another one while it was read. Run the import again with --replace.`;
}

interface Progress {
  readonly hash: string;
  readonly table: string;
  readonly from: number;
  readonly to: number;
}

async function advance(db: Executor, { hash, table, from, to }: Progress): Promise<void> {
  const { rows } = await sql`
    update house_moves set rows_done = ${to}::bigint, table_name = ${table}
    where file_hash = ${hash} and state = 'moving' and rows_done = ${from}::bigint returning file_hash`.execute(
    db,
  );
  if (rows.length === 0)
    throw new DatabaseError('Another import works on this database at the same time. Leave it to that one.');
}

/** Inserts rows as the backup holds them, but for leases: nobody holds one in the new house. */
async function insertRows(db: Executor, table: Table, rows: readonly string[]): Promise<void> {
  const columns = table.columns.filter((column) => !column.isGenerated);
  const names = sql.join(columns.map(({ name }) => sql.id(name)));
  const given = isLeased(table) ? sql`d.doc - ${sql.lit(`{${leaseColumns.join(',')}}`)}::text[]` : sql`d.doc`;
  await sql`
    insert into ${sql.table(table.name)} (${names}) overriding system value
    select ${sql.join(columns.map(columnValue))}
    from jsonb_array_elements(${`[${rows.join(',')}]`}::jsonb) with ordinality as d (doc, n)
      cross join lateral jsonb_populate_record(null::${sql.table(table.name)}, ${given}) r
    order by d.n`.execute(db);
}

/** A JSON column is taken as it stands, which keeps JSON's null apart from NULL. */
function columnValue({ name, isJson }: Column): RawBuilder<unknown> {
  return isJson ? sql`d.doc -> ${sql.lit(name)}` : sql`r.${sql.id(name)}`;
}
