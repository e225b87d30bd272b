import { sql } from 'kysely';
import type { Executor } from './database.ts';
import type { Reference, Table } from './house-catalog.ts';

/** Takes away the references that rows cannot keep while the tables are filled in this order, and tells them. */
export async function takeAway(db: Executor, tables: readonly Table[]): Promise<readonly Reference[]> {
  const loose = looseReferences(tables);
  for (const { table, name } of loose) {
    await sql`alter table ${sql.table(table)} drop constraint ${sql.id(name)}`.execute(db);
  }
  return loose;
}

/** Makes references anew; fails where a row does not keep one. */
export async function putBack(db: Executor, references: readonly Reference[]): Promise<void> {
  for (const { table, name, definition } of references) {
    await sql`alter table ${sql.table(table)} add constraint ${sql.id(name)} ${sql.raw(definition)}`.execute(
      db,
    );
  }
}

/** Those into the own table, and one of each circle of tables. */
function looseReferences(tables: readonly Table[]): readonly Reference[] {
  const before = new Set<string>();
  return tables.flatMap(({ name, references }) => {
    const loose = references.filter(({ target }) => !before.has(target));
    before.add(name);
    return loose;
  });
}
