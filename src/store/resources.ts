import { type RawBuilder, sql } from 'kysely';
import type { Field, Resource, Row, Values } from '../resources/definition.ts';
import {
  type ChangingRows,
  type ResourceStore,
  type RowQuery,
  type Rows,
  TakenError,
} from '../resources/rows.ts';
import { auditInsert } from './audit.ts';
import type { Database, Executor } from './database.ts';
import { toJson } from './json.ts';
import { orderOf, whereOf } from './resource-query.ts';

/** Resources of any kind in SQL, drawn from their definitions. `changed` hears of each new version. */
export function resourceStore(db: Database, changed: (version: number) => void): ResourceStore {
  return {
    ...reading(db),
    async change(work) {
      const { result, version } = await db.transaction().execute(async (trx) => {
        // Whoever holds this row is the only one who changes configuration.
        await sql`select version from config_version for update`.execute(trx);
        const writing = changing(trx);
        const result = await work(writing.rows);
        return { result, version: writing.wrote() ? await raiseVersion(trx) : undefined };
      });
      if (version !== undefined) changed(version);
      return result;
    },
  };
}

async function raiseVersion(db: Executor): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    update config_version set version = version + 1 returning version`.execute(db);
  return rows[0]?.version ?? 0;
}

function reading(db: Executor): Rows {
  return {
    async list(resource, query) {
      const where = whereOf(resource, query);
      const [rows, count] = [await page(db, resource, where, query), await counted(db, resource, where)];
      return { rows, count };
    },
    async find(resource, by) {
      const column = sql`t.${sql.ref('id' in by ? 'id' : columnOf(resource, resource.nameField))}::text`;
      const value = 'id' in by ? by.id.toLowerCase() : by.name;
      return await one(db, resource, sql`${column} = ${value}`);
    },
    first: (resource, name, value) =>
      one(db, resource, sql`t.${sql.ref(columnOf(resource, name))} = ${bound(resource, name, value)}`),
  };
}

async function one(
  db: Executor,
  resource: Resource,
  condition: RawBuilder<unknown>,
): Promise<Row | undefined> {
  const { rows } = await sql<Row>`${selectOf(resource)} where ${condition} limit 1`.execute(db);
  return rows[0] === undefined ? undefined : plain(rows[0]);
}

async function page(db: Executor, resource: Resource, where: RawBuilder<unknown>, query: RowQuery) {
  const { rows } = await sql<Row>`
    ${selectOf(resource)} where ${where} order by ${orderOf(resource, query.order)}
    limit ${query.limit} offset ${query.offset}`.execute(db);
  return rows.map(plain);
}

async function counted(db: Executor, resource: Resource, where: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count ${fromOf(resource)} where ${where}`.execute(db);
  return rows[0]?.count ?? 0;
}

function selectOf(resource: Resource): RawBuilder<unknown> {
  const fields = stored(resource).map(([name, field]) => sql`${shown(name, field)} as ${sql.ref(name)}`);
  const columns = sql.join([...fields, ...common]);
  return sql`select ${columns} ${fromOf(resource)}`;
}

const common = [
  sql`t.id`,
  sql`t.tags`,
  sql`t.created`,
  sql`t.last_updated`,
  sql`(extract(epoch from t.last_updated) * 1000000)::bigint::text as revision`,
];

function fromOf(resource: Resource): RawBuilder<unknown> {
  const joins = stored(resource).flatMap(([name, { relation }]) =>
    relation === undefined
      ? []
      : [
          sql`left join ${sql.table(relation.table)} as ${sql.ref(`r_${name}`)}
            on ${sql.ref(`r_${name}`)}.id = t.${sql.ref(`${name}_id`)}`,
        ],
  );
  return sql`from ${sql.table(resource.table)} t ${sql.join(joins, sql` `)}`;
}

function shown(name: string, { relation }: Field): RawBuilder<unknown> {
  if (relation === undefined) return sql`t.${sql.ref(name)}`;
  const other = sql.ref(`r_${name}`);
  return sql`case when ${other}.id is null then null
    else jsonb_build_object('id', ${other}.id, 'name', ${other}.${sql.ref(relation.nameColumn)}) end`;
}

/** Times as ISO 8601. */
function plain(row: Row): Row {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Date ? value.toISOString() : value,
  ]);
  return Object.fromEntries(entries);
}

function stored(resource: Resource): readonly (readonly [string, Field])[] {
  return Object.entries(resource.fields).filter(([, field]) => field.column !== 'virtual');
}

function columnOf(resource: Resource, name: string): string {
  return resource.fields[name]?.relation === undefined ? name : `${name}_id`;
}

/** A value as a parameter of its column's type. */
function bound(resource: Resource, name: string, value: unknown): RawBuilder<unknown> {
  const column = name === 'tags' ? 'jsonb' : resource.fields[name]?.column;
  if (value === null) return sql`null`;
  if (column === 'jsonb') return sql`${toJson(value)}::jsonb`;
  return column === 'uuid' ? sql`${value}::uuid` : sql`${value}`;
}

/** Rows within a transaction; `wrote` once anything was changed. */
function changing(trx: Executor): { readonly rows: ChangingRows; readonly wrote: () => boolean } {
  let wrote = false;
  const { list, find, first } = reading(trx);
  const reread = async (resource: Resource, id: string): Promise<Row> => {
    const row = await find(resource, { id });
    if (row === undefined) throw new Error(`${resource.path}/${id} is not there`);
    return row;
  };
  const rows: ChangingRows = {
    list,
    find,
    first,
    async insert(resource, values) {
      wrote = true;
      return await reread(resource, await insert(trx, resource, values));
    },
    async update(resource, id, values) {
      wrote = true;
      await update(trx, resource, { id, values });
      return await reread(resource, id);
    },
    async note(resource, id, values) {
      await update(trx, resource, { id, values, isNote: true });
      return await reread(resource, id);
    },
    raise() {
      wrote = true;
    },
    async remove(resource, id) {
      wrote = true;
      await sql`delete from ${sql.table(resource.table)} where id = ${id}::uuid`.execute(trx);
    },
    record: (entry) => auditInsert(trx, [entry]),
  };
  return { rows, wrote: () => wrote };
}

async function insert(db: Executor, resource: Resource, values: Values): Promise<string> {
  const names = Object.keys(values);
  const columns = sql.join(names.map((name) => sql.ref(columnOf(resource, name))));
  const bounds = sql.join(names.map((name) => bound(resource, name, values[name])));
  const { rows } = await taken(
    sql<{ id: string }>`
      insert into ${sql.table(resource.table)} (${columns}) values (${bounds}) returning id`.execute(db),
  );
  return rows[0]?.id ?? '';
}

interface Update {
  readonly id: string;
  readonly values: Values;
  /** The row keeps its revision. */
  readonly isNote?: boolean;
}

async function update(
  db: Executor,
  resource: Resource,
  { id, values, isNote = false }: Update,
): Promise<void> {
  const sets = Object.keys(values).map(
    (name) => sql`${sql.ref(columnOf(resource, name))} = ${bound(resource, name, values[name])}`,
  );
  // Two changes within a microsecond must differ: the time is also the row's revision.
  const stamp = sql`last_updated = greatest(clock_timestamp(), last_updated + interval '1 microsecond')`;
  await taken(
    sql`update ${sql.table(resource.table)} set ${sql.join(isNote ? sets : [...sets, stamp])} where id = ${id}::uuid`.execute(
      db,
    ),
  );
}

async function taken<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    throw takenOf(error) ?? error;
  }
}

/** PostgreSQL names the columns in the error's detail: `Key (name)=(x) already exists.` */
function takenOf(error: unknown): TakenError | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== '23505') return undefined;
  const detail = 'detail' in error ? String(error.detail) : '';
  const columns = /^Key \(([^)]+)\)=/.exec(detail)?.[1]?.split(', ') ?? [];
  return new TakenError(columns, { cause: error });
}
