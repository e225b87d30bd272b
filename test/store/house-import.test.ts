import { randomUUID } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireWholeHouse } from '../../src/store/house.ts';
import { exportHouse } from '../../src/store/house-export.ts';
import { type HousePart, readHouse, writeHouse } from '../../src/store/house-file.ts';
import { checkHouse, importHouse } from '../../src/store/house-import.ts';
import { channel } from '../../src/store/signals.ts';
import { freshDatabases, type TestDatabase } from '../fakes/database.ts';
import { addThread, everything, openFolder, rowsIn, run, silent } from './houses.ts';

describe.each(Object.entries(freshDatabases))('a backup brought into %s', (_name, open) => {
  let folder: Awaited<ReturnType<typeof openFolder>>;
  let file: string;
  let database: TestDatabase;
  beforeAll(async () => {
    folder = await openFolder();
    file = join(folder.path, 'backup.jsonl.gz');
    database = await open();
    await exportHouse(database, file, silent);
  });
  afterAll(async () => {
    await database.close();
    await folder.drop();
  });

  const bringIn = async (path: string, replace = false) =>
    await importHouse(database, await checkHouse(path), { replace, tell: silent });

  interface Edit {
    readonly migrations?: (names: readonly string[]) => readonly string[];
    readonly parts?: (parts: AsyncIterable<HousePart>) => AsyncIterable<HousePart>;
  }

  /** A whole backup that says something else. */
  async function variant({ migrations = (names) => names, parts = (same) => same }: Edit): Promise<string> {
    const path = join(folder.path, `${randomUUID()}.jsonl.gz`);
    const { header } = await checkHouse(file);
    const edited = { ...header, migrations: migrations(header.migrations) };
    await writeHouse(path, edited, parts(partsOf(file)));
    return path;
  }

  it('is refused when it comes from a newer version', async () => {
    const path = await variant({ migrations: (names) => [...names, '9999-wings'] });
    await expect(bringIn(path)).rejects.toThrow(/newer version of the bot \(9999-wings\)\. Import it with/);
  });

  it('is refused when it comes from an older version', async () => {
    const path = await variant({ migrations: (names) => names.slice(0, -1) });
    await expect(bringIn(path, true)).rejects.toThrow(/older version .+ export with this version/);
  });

  it.each([
    [
      'a model of an admin',
      `insert into llm_models (llm_provider_id, name) select id, 'm' from llm_providers`,
    ],
    ['a changed row', `update statuses set last_updated = now() + interval '1 s' where name = 'Healthy'`],
    ['an audit entry', `insert into audit_log (actor, action, target) values ('web:ada', 'x', 'y')`],
    [
      'a session',
      `insert into web_sessions (session_hash, principal, name, expires_at) values ('h', 'p', 'n', now())`,
    ],
  ])('is refused where there is %s, and nothing is changed', async (_what, statement) => {
    await bringIn(file, true);
    await run(database.db, [
      'alter table audit_log disable trigger user',
      'delete from audit_log',
      'delete from house_moves',
      'alter table audit_log enable trigger user',
      `insert into llm_providers (name) values ('custom') on conflict do nothing`,
      statement,
    ]);
    const before = await everything(database.db);
    await expect(bringIn(file)).rejects.toThrow(/is in use already/);
    expect(await everything(database.db)).toEqual(before);
  });

  it('that does not come to its end leaves a house that no bot enters, until it is brought in whole', async () => {
    const path = await variant({ parts: withBadRow });
    await expect(bringIn(path, true)).rejects.toThrow('threads');
    await expect(requireWholeHouse(database.db)).rejects.toThrow(/did not come to its end.+npm run import/);
    await expect(exportHouse(database, `${file}.2`, silent)).rejects.toThrow('did not come to its end');
    await expect(bringIn(file)).rejects.toThrow(/did not come to its end.+another file.+--replace/);
    expect(await bringIn(file, true)).toMatchObject({ type: 'imported' });
    await requireWholeHouse(database.db);
  });

  it('goes on behind the last batch that was committed, and tells so', async () => {
    const path = await variant({ parts: withAudit });
    const stop = new Error('stopped');
    const told: string[] = [];
    const stopping = importHouse(database, await checkHouse(path), {
      replace: true,
      tell(table, rows) {
        if (table === 'audit_log' && rows === 1000) throw stop;
      },
    });
    await expect(stopping).rejects.toBe(stop);
    const resumed = await importHouse(database, await checkHouse(path), {
      replace: false,
      tell: (table, rows, of) => told.push(`${table} ${rows}/${of}`),
    });
    expect(resumed).toMatchObject({
      type: 'imported',
      resumedAt: expect.any(Number),
      audit: { unsealed: 1201 },
    });
    expect(told.slice(0, 1)).toEqual(['audit_log 1200/1200']);
    expect(await rowsIn(database.db, 'audit_log')).toHaveLength(1201);
  });

  it('fails when the file is not the one that was checked, and can be begun anew', async () => {
    const path = await variant({});
    const house = await checkHouse(path);
    await rename(await variant({ parts: withAudit }), path);
    await expect(importHouse(database, house, { replace: true, tell: silent })).rejects.toThrow(
      /was replaced by another one.+--replace/,
    );
    await expect(requireWholeHouse(database.db)).rejects.toThrow('did not come to its end');
    await expect(bringIn(file)).rejects.toThrow('--replace');
    expect(await bringIn(file, true)).toMatchObject({ type: 'imported', resumedAt: 0 });
  });

  it('is left to another import that works on it at the same time', async () => {
    const path = await variant({ parts: withAudit });
    const house = await checkHouse(path);
    const hasten = sql`update house_moves set rows_done = rows_done + 1`;
    const ahead: Promise<unknown>[] = [];
    const tell = (table: string) => {
      if (table === 'config_version') ahead.push(hasten.execute(database.db));
    };
    await expect(importHouse(database, house, { replace: true, tell })).rejects.toThrow(
      'Another import works',
    );
    await Promise.all(ahead);
    await expect(bringIn(file)).rejects.toThrow('--replace');
    expect(await bringIn(file, true)).toMatchObject({ type: 'imported', resumedAt: 0 });
  });

  it('fails when something else wrote into the database meanwhile, and can be begun anew', async () => {
    const path = await variant({ parts: withAudit });
    const writing: Promise<unknown>[] = [];
    const disturbed = importHouse(database, await checkHouse(path), {
      replace: true,
      tell(table) {
        if (table === 'config_version') writing.push(run(database.db, [disturbance]));
      },
    });
    await expect(disturbed).rejects.toThrow(/dedupe_keys does not hold as many rows as the backup/);
    await Promise.all(writing);
    await expect(bringIn(path)).rejects.toThrow('--replace');
    expect(await bringIn(path, true)).toMatchObject({ type: 'imported', resumedAt: 0 });
  });
});

const disturbance = `insert into dedupe_keys (key, thread_id, seq) values ('meanwhile', 't', 1)`;

/** Rows and sequences of a backup, one by one. */
async function* partsOf(file: string): AsyncGenerator<HousePart> {
  for await (const line of readHouse(file)) {
    if (line.type === 'row') yield { type: 'rows', table: line.table, rows: [line.row] };
    if (line.type === 'sequences') yield line;
  }
}

async function* withBadRow(parts: AsyncIterable<HousePart>): AsyncGenerator<HousePart> {
  yield* parts;
  yield { type: 'rows', table: 'threads', rows: ['{"thread_id": null}'] };
}

async function* withAudit(parts: AsyncIterable<HousePart>): AsyncGenerator<HousePart> {
  const row = (n: number) =>
    `{"id": ${n}, "at": "2026-01-01T00:00:00+00:00", "actor": "a", "action": "b", "target": "c", "detail": {}, "source": "", "address": ""}`;
  const rows = Array.from({ length: 1200 }, (_, at) => row(at + 1));
  let isDone = false;
  for await (const part of parts) {
    if (part.type === 'sequences' && !isDone) {
      isDone = true;
      yield { type: 'rows', table: 'audit_log', rows };
      yield { type: 'sequences', sequences: { ...part.sequences, 'audit_log.id': '1201' } };
    } else yield part;
  }
}

describe('an import into PostgreSQL', () => {
  it('waits until nobody works on a thread there, and until no bot is connected', async () => {
    const folder = await openFolder();
    const file = join(folder.path, 'backup.jsonl.gz');
    const database = await freshDatabases.postgresql();
    await exportHouse(database, file, silent);
    const house = await checkHouse(file);
    const bringIn = () => importHouse(database, house, { replace: true, tell: silent });
    await addThread(database.db, 'busy');
    await expect(bringIn()).rejects.toThrow(/A bot uses this database: it works on a thread/);
    await sql`update threads set until = now()`.execute(database.db);
    const deaf = await database.listen(channel, silent);
    const listeners = sql`select from pg_stat_activity where query = ${`listen ${channel}`}
      and datname = current_database()`;
    await expect.poll(async () => (await listeners.execute(database.db)).rows.length).toBe(1);
    await expect(bringIn()).rejects.toThrow(/A bot uses this database: it is connected to it/);
    await deaf();
    await expect.poll(async () => (await listeners.execute(database.db)).rows.length).toBe(0);
    expect(await bringIn()).toMatchObject({ type: 'imported' });
    await Promise.all([database.close(), folder.drop()]);
  });
});
