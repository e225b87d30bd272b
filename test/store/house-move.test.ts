import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLog } from '../../src/store/audit.ts';
import { sealStore } from '../../src/store/audit-seals.ts';
import type { Database, OpenDatabase } from '../../src/store/database.ts';
import { exportHouse } from '../../src/store/house-export.ts';
import { checkHouse, importHouse } from '../../src/store/house-import.ts';
import { freshDatabases, type TestDatabase } from '../fakes/database.ts';
import { addThread, everything, openFolder, rowsIn, run, silent } from './houses.ts';

/** A table that no code knows: it refers to itself and to one that refers back, and computes a column. */
const annex = [
  `create table annex (
    id bigint generated always as identity primary key,
    parent bigint references annex,
    room uuid,
    doubled bigint generated always as (id * 2) stored,
    note jsonb,
    size numeric,
    bits bytea,
    words text[],
    at timestamptz default 'infinity'
  )`,
  `create table annex_rooms (id uuid primary key, first bigint not null references annex)`,
  `alter table annex add constraint annex_room foreign key (room) references annex_rooms deferrable initially deferred`,
];

const annexRows = [
  // The first refers to the last, far beyond one batch.
  `insert into annex (parent, note, size, bits, words)
    select case when n = 1 then 1500 else greatest(n - 1, 1) end,
      case n % 3 when 0 then null when 1 then 'null'::jsonb else jsonb_build_object('n', n, 'empty', null) end,
      12345678901234567890.123456789 + n, decode('00ff', 'hex'), array['a', null, '{"b"}']
    from generate_series(1, 1500) n`,
  `insert into annex_rooms values ('00000000-0000-4000-8000-000000000001', 7)`,
  `update annex set room = '00000000-0000-4000-8000-000000000001' where id = 3`,
];

async function addSealed(db: Database, targets: readonly string[]): Promise<void> {
  await auditLog(db).append(targets.map((target) => ({ actor: 'web:ada', action: 'test', target })));
  await sealStore(db).seal(0);
}

const pairs = [
  ['embedded', 'postgresql'],
  ['postgresql', 'embedded'],
] as const;

describe.each(pairs)('a house moved from %s to %s', (from, to) => {
  let folder: Awaited<ReturnType<typeof openFolder>>;
  let file: string;
  let source: TestDatabase;
  let target: TestDatabase;
  beforeAll(async () => {
    folder = await openFolder();
    file = join(folder.path, 'backup.jsonl.gz');
    source = await freshDatabases[from]();
    target = await freshDatabases[to]();
    for (const { db } of [source, target]) await run(db, annex);
    await run(source.db, annexRows);
    await addThread(source.db, 'a');
    await sql`delete from outbox`.execute(source.db);
    await addThread(source.db, 'b');
    await addSealed(source.db, ['x', 'y']);
    await addSealed(source.db, ['z']);
  });
  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
    await folder.drop();
  });

  const bringIn = async (replace = false, database: OpenDatabase = target) =>
    await importHouse(database, await checkHouse(file), { replace, tell: silent });

  it('is the same row by row, but for leases, which nobody holds', async () => {
    await exportHouse(source, file, silent);
    const imported = await bringIn();
    expect(imported).toMatchObject({
      type: 'imported',
      resumedAt: 0,
      audit: { ok: true, seals: 2, rows: 3 },
    });
    await sql`update threads set owner = null, until = null`.execute(source.db);
    await sql`update outbox set owner = null, until = null`.execute(source.db);
    const [before, after] = [await everything(source.db), await everything(target.db)];
    expect({ ...after, audit_log: before.audit_log }).toEqual(before);
    expect(before.annex).toHaveLength(1500);
  });

  it('has one more audit entry, which tells where it came from', async () => {
    const { rows } = await auditLog(target.db).list({ action: 'house.imported' }, { limit: 9, offset: 0 });
    expect(rows).toMatchObject([
      { actor: 'bot', source: 'import', detail: { from, rows: expect.any(Number) } },
    ]);
    const entries = await rowsIn(target.db, 'audit_log');
    expect(entries).toEqual(expect.arrayContaining([...(await rowsIn(source.db, 'audit_log'))]));
    expect(entries).toHaveLength(4);
  });

  it('goes on counting where it stood, not where its rows end', async () => {
    await addThread(target.db, 'c');
    const { rows } = await sql<{
      id: string;
    }>`select id::text as id from outbox where thread_id = 'c'`.execute(target.db);
    expect(rows).toEqual([{ id: '3' }]);
    await sql`update threads set owner = null, until = null`.execute(target.db);
  });

  it('keeps its references, also those that were taken away for the move', async () => {
    const constraints = async ({ db }: OpenDatabase) => {
      const { rows } = await sql<{ definition: string }>`
        select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) as definition
        from pg_constraint where contype = 'f' order by 1`.execute(db);
      return rows;
    };
    expect(await constraints(target)).toEqual(await constraints(source));
    await expect(sql`insert into annex (parent) values (99999)`.execute(target.db)).rejects.toThrow();
  });

  it('is not brought in a second time', async () => {
    const before = await everything(target.db);
    expect(await bringIn()).toMatchObject({ type: 'already', at: expect.any(Date) });
    expect(await everything(target.db)).toEqual(before);
  });

  it('gives way to another one only when told to', async () => {
    await addSealed(source.db, ['later']);
    await exportHouse(source, file, silent);
    const before = await everything(target.db);
    await expect(bringIn()).rejects.toThrow(/is in use already.+--replace/);
    expect(await everything(target.db)).toEqual(before);
    expect(await bringIn(true)).toMatchObject({ type: 'imported', audit: { ok: true, seals: 3 } });
    const [there, here] = [await everything(source.db), await everything(target.db)];
    expect({ ...here, audit_log: there.audit_log }).toEqual(there);
  });

  it('has its guards again after it gave way', async () => {
    await expect(sql`delete from audit_log`.execute(target.db)).rejects.toThrow('append-only');
    await expect(sql`delete from audit_seals`.execute(target.db)).rejects.toThrow('is refused');
  });

  it('says where its audit log is broken, for that is carried as it is', async () => {
    await run(source.db, [
      'alter table audit_log disable trigger user',
      `update audit_log set target = 'forged' where target = 'y'`,
      'alter table audit_log enable trigger user',
    ]);
    await exportHouse(source, file, silent);
    const imported = await bringIn(true);
    expect(imported).toMatchObject({ audit: { ok: false, brokenSeal: 1, flaw: 'row_changed' } });
  });
});
