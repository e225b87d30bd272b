import { sql } from 'kysely';
import type { Executor } from './database.ts';

/** A table as the database itself describes it. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** The columns of its primary key, in order. */
  readonly key: readonly string[];
  readonly references: readonly Reference[];
}

export interface Column {
  readonly name: string;
  readonly isJson: boolean;
  /** Computed from the others, and so never written. */
  readonly isGenerated: boolean;
  /** What numbers it, quoted; null where nothing does. */
  readonly sequence: string | null;
}

/** A foreign key. */
export interface Reference {
  readonly table: string;
  readonly name: string;
  readonly target: string;
  /** As SQL, to make it anew. */
  readonly definition: string;
}

/** What belongs to the database and not to the house. */
const fixtures = [
  ...['kysely_migration', 'kysely_migration_lock', 'house_moves'],
  // Who has signed in where: only this installation's key opens it.
  ...['mcp_identities', 'mcp_clients', 'mcp_sign_ins'],
];

/** All tables of the house, each after those that it refers to wherever that can be. */
export async function readTables(db: Executor): Promise<readonly Table[]> {
  const { rows } = await sql<Table>`
    select c.relname as name, ${columns} as columns, ${key} as key, ${references} as references
    from pg_class c
    where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
      and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> all(${fixtures}::text[])
    order by c.relname`.execute(db);
  return inOrder(rows);
}

const columns = sql`coalesce((
  select jsonb_agg(jsonb_build_object('name', a.attname, 'isJson', a.atttypid = 'jsonb'::regtype,
    'isGenerated', a.attgenerated <> '',
    'sequence', pg_get_serial_sequence(c.oid::regclass::text, a.attname)) order by a.attnum)
  from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]')`;

const key = sql`coalesce((
  select jsonb_agg(a.attname order by k.n)
  from pg_index i cross join unnest(i.indkey::int2[]) with ordinality as k (attnum, n)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
  where i.indrelid = c.oid and i.indisprimary), '[]')`;

const references = sql`coalesce((
  select jsonb_agg(jsonb_build_object('table', c.relname, 'name', f.conname, 'target', t.relname,
    'definition', pg_get_constraintdef(f.oid)) order by f.conname)
  from pg_constraint f join pg_class t on t.oid = f.confrelid
  where f.conrelid = c.oid and f.contype = 'f'), '[]')`;

/** Where tables refer to each other in a circle, the first of them by name goes first. */
function inOrder(tables: readonly Table[]): readonly Table[] {
  const ordered: Table[] = [];
  const left = new Set(tables);
  while (left.size > 0) {
    const names = new Set([...left].map((table) => table.name));
    const isFree = ({ name, references: of }: Table) =>
      of.every(({ target }) => target === name || !names.has(target));
    const [first] = left;
    const next = [...left].find(isFree) ?? first;
    if (next === undefined) break;
    left.delete(next);
    ordered.push(next);
  }
  return ordered;
}

/** The names of what has been migrated, in order; none where the bot never was. */
export async function readMigrations(db: Executor): Promise<readonly string[]> {
  if (!(await isThere(db, 'kysely_migration'))) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map((row) => row.name);
}

/** Whether the database has a table of this name: one where the bot never was has none. */
export async function isThere(db: Executor, table: string): Promise<boolean> {
  const { rows } = await sql<{ isThere: boolean }>`
    select to_regclass(${table}) is not null as "isThere"`.execute(db);
  return rows[0]?.isThere ?? false;
}

/** Whether a row of the table can be leased to a process. */
export function isLeased({ columns: of }: Table): boolean {
  return leaseColumns.every((name) => of.some((column) => column.name === name));
}

export const leaseColumns = ['owner', 'until'] as const;

/** The sequences, quoted, by the name of the column that each of them numbers. */
export function sequencesOf(tables: readonly Table[]): readonly (readonly [string, string])[] {
  return tables.flatMap((table) =>
    table.columns.flatMap(({ name, sequence }) =>
      sequence === null ? [] : [[`${table.name}.${name}`, sequence] as const],
    ),
  );
}
