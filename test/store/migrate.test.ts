import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, DatabaseError } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createPostgresDatabase, databases, type TestDatabase } from '../fakes/database.ts';

const folder = new URL('../../migrations/', import.meta.url);
const everyMigration = (await readdir(folder)).map((file) => file.replace('.ts', '')).sort();

const program = new URL('./programs/migrator.ts', import.meta.url).pathname;

/** Migrations that stand after those of the program. */
function extended(more: Readonly<Record<string, Migration>>) {
  return {
    async getMigrations() {
      const files = await Promise.all(
        everyMigration.map(async (name) => [name, await import(`../../migrations/${name}.ts`)] as const),
      );
      return { ...Object.fromEntries(files), ...more };
    },
  };
}

async function tables(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' order by 1`.execute(db);
  return rows.map((row) => row.name);
}

function makes(table: string): Migration {
  return { up: (db: Kysely<unknown>) => db.schema.createTable(table).addColumn('id', 'integer').execute() };
}

const breaks: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('half_done').addColumn('id', 'integer').execute();
    await sql`select 1 / 0`.execute(db);
  },
};

describe.each(Object.entries(databases))('migrations on %s', (_name, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  it('run once', async () => {
    const before = await tables(database.db);
    expect(before).toContain('turns');
    expect(await migrate(database.db)).toEqual([]);
    expect(await tables(database.db)).toEqual(before);
  });

  it('leave nothing behind when one fails, of that one or of those before it', async () => {
    const before = await tables(database.db);
    const provider = extended({ '9002-a': makes('second'), '9003-b': breaks, '9004-c': makes('fourth') });
    const failing = migrate(database.db, provider);
    await expect(failing).rejects.toBeInstanceOf(DatabaseError);
    await expect(failing).rejects.toThrow(
      /^The database could not be brought up to date; nothing was changed \(.+\)\.$/,
    );
    expect(await tables(database.db)).toEqual(before);
  });

  it('run from where the database stands, in order', async () => {
    const provider = extended({ '9002-a': makes('second'), '9003-b': makes('third') });
    expect(await migrate(database.db, provider)).toEqual(['9002-a', '9003-b']);
    expect(await migrate(database.db, provider)).toEqual([]);
  });

  it('refuse a database that a newer version has brought further', async () => {
    await expect(migrate(database.db)).rejects.toThrow('9002-a');
  });
});

describe('migrations by several processes', () => {
  it('are run by one of them', async () => {
    const url = await createPostgresDatabase();
    const at = String(Date.now() + 2500);
    const runs = Array.from({ length: 3 }, () => promisify(execFile)(process.execPath, [program, url, at]));
    const applied = (await Promise.all(runs)).map(({ stdout }) => JSON.parse(stdout));
    expect(applied.sort()).toEqual([[], [], everyMigration]);
  });
});
