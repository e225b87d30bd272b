import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sealHash } from '../../src/observe/audit-chain.ts';
import { type AuditVerification, rowsPerSeal } from '../../src/observe/port.ts';
import { auditInsert, auditLog } from '../../src/store/audit.ts';
import { sealStore } from '../../src/store/audit-seals.ts';
import type { Executor } from '../../src/store/database.ts';
import { databases, openTestPostgres, type TestDatabase } from '../fakes/database.ts';

let database: TestDatabase;

async function append(count: number): Promise<void> {
  const entries = Array.from({ length: count }, (_, i) => ({
    ...{ actor: 'web:ada', action: 'tool.call', target: `host__${i}`, source: 'chat', address: '10.0.0.7' },
    detail: { before: { b: 1, a: 0.1 }, after: null, n: i },
  }));
  await auditLog(database.db).append(entries);
}

const seal = () => sealStore(database.db).seal(0);
const verify = () => auditLog(database.db).verify();

/** Does what the guards refuse, as someone can who owns the tables. */
async function tamper(db: Executor, ...statements: readonly string[]): Promise<void> {
  const unguarded = ['audit_log', 'audit_seals'].map((table) => `alter table ${table} disable trigger all`);
  for (const statement of [...unguarded, ...statements]) await sql.raw(statement).execute(db);
}

/** What a check finds after these statements, which are then undone. */
async function foundAfter(...statements: readonly string[]): Promise<AuditVerification> {
  const trx = await database.db.startTransaction().execute();
  try {
    await tamper(trx, ...statements);
    return await auditLog(trx).verify();
  } finally {
    await trx.rollback().execute();
  }
}

const insertUnder = (n: number) =>
  `insert into audit_log (actor, action, target, seal) values ('web:eve', 'forged', 'x', ${n})`;

/** The seals' rows: ids 1-3, 4-7 and 8-12. */
const tamperings: readonly (readonly [string, readonly string[], object])[] = [
  [
    'a deleted row',
    ['delete from audit_log where id = 5'],
    {
      flaw: 'row_deleted',
      brokenSeal: 2,
      reason: 'Under seal 2 (4 rows, ids 4 to 7) a row was deleted.',
      seals: 1,
      rows: 3,
    },
  ],
  [
    'all rows of a seal deleted',
    ['delete from audit_log where seal = 2'],
    { flaw: 'row_deleted', brokenSeal: 2, reason: 'Under seal 2 (4 rows, ids 4 to 7) 4 rows were deleted.' },
  ],
  [
    'a row that lost its seal',
    ['update audit_log set seal = null where id = 12'],
    { flaw: 'row_deleted', brokenSeal: 3 },
  ],
  [
    'an added row',
    [insertUnder(1)],
    {
      flaw: 'row_added',
      brokenSeal: 1,
      reason: 'Under seal 1 (3 rows, ids 1 to 3) a row was added after it was sealed.',
      seals: 0,
      rows: 0,
    },
  ],
  [
    'thousands of added rows',
    [
      `insert into audit_log (actor, action, target, seal)
        select 'web:eve', 'forged', '', 2 from generate_series(1, 9000)`,
    ],
    { flaw: 'row_added', brokenSeal: 2 },
  ],
  [
    'a row in place of another',
    ['delete from audit_log where id = 9', insertUnder(3)],
    {
      flaw: 'row_changed',
      brokenSeal: 3,
      reason: 'Under seal 3 (5 rows, ids 8 to 12) a row was changed after it was sealed.',
    },
  ],
  ...[
    `at = at + interval '1 microsecond'`,
    `actor = 'web:eve'`,
    `action = 'tool.begin'`,
    `target = 'nothing'`,
    `detail = jsonb_set(detail, '{before,a}', '0.2')`,
    `source = 'rest'`,
    `address = ''`,
    `thread_id = 'web:x'`,
    `turn_id = gen_random_uuid()`,
  ].map(
    (change) =>
      [
        `a row changed by ${change}`,
        [`update audit_log set ${change} where id = 6`],
        { flaw: 'row_changed', brokenSeal: 2 },
      ] as const,
  ),
  [
    'two rows that changed places',
    [
      'update audit_log set id = 100 - id where seal = 2'.replace(
        'set id',
        'set target = target || id, address',
      ),
    ],
    { flaw: 'row_changed', brokenSeal: 2 },
  ],
  [
    'a deleted seal',
    ['delete from audit_seals where n = 2'],
    { flaw: 'seal_missing', brokenSeal: 2, reason: 'Seal 2 is missing: the next one is seal 3.' },
  ],
  ['a deleted first seal', ['delete from audit_seals where n = 1'], { flaw: 'seal_missing', brokenSeal: 1 }],
  [
    'a deleted last seal',
    ['delete from audit_seals where n = 3'],
    {
      flaw: 'seal_missing',
      brokenSeal: 3,
      reason: 'Seal 3 is missing: row 8 is under it, and the chain ends at seal 2.',
    },
  ],
  ['all seals deleted', ['delete from audit_seals'], { flaw: 'seal_missing', brokenSeal: 1 }],
  ['a row under a seal that never was', [insertUnder(0)], { flaw: 'seal_missing', brokenSeal: 0 }],
  ...[
    `row_count = 3`,
    `first_id = 1`,
    `last_id = 8`,
    `rows_hash = repeat('0', 64)`,
    `prev_hash = repeat('0', 64)`,
    `hash = repeat('0', 64)`,
    `sealed_at = sealed_at - interval '1 day'`,
  ].map(
    (change) =>
      [
        `a seal changed by ${change}`,
        [`update audit_seals set ${change} where n = 2`],
        {
          flaw: 'seal_changed',
          brokenSeal: 2,
          reason: 'Seal 2 was changed: its hash is not that of what it says.',
        },
      ] as const,
  ),
  [
    'a row deleted together with its place in the count',
    ['delete from audit_log where id = 5', 'update audit_seals set row_count = 3 where n = 2'],
    { flaw: 'seal_changed', brokenSeal: 2 },
  ],
];

describe.each(Object.entries(databases))('the chain of seals on %s', (_name, open) => {
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  it('covers every row once, and says how many wait for a seal', async () => {
    expect(await verify()).toEqual({
      ok: true,
      seals: 0,
      rows: 0,
      pruned: 0,
      unsealed: 0,
      hash: '0'.repeat(64),
    });
    await append(rowsPerSeal + 3);
    expect(await seal()).toMatchObject({
      n: 1,
      firstId: '1',
      lastId: String(rowsPerSeal),
      rowCount: rowsPerSeal,
    });
    expect(await verify()).toMatchObject({ ok: true, seals: 1, rows: rowsPerSeal, unsealed: 3 });
    const second = await seal();
    expect(second).toMatchObject({ n: 2, rowCount: 3 });
    expect(await seal()).toBeUndefined();
    expect(await verify()).toEqual({
      ...{ ok: true, seals: 2, rows: rowsPerSeal + 3, pruned: 0, unsealed: 0 },
      hash: second?.hash,
    });
  });

  it('holds over many seals, read a few at a time', async () => {
    for (let i = 0; i < 6; i += 1) {
      await append(rowsPerSeal);
      await seal();
    }
    for (let i = 0; i < 550; i += 1) {
      await append(1);
      await seal();
    }
    expect(await verify()).toMatchObject({ ok: true, seals: 556, rows: 6550 });
    await tamper(database.db, 'update audit_log set actor = actor || 1 where id = 6549');
    expect(await verify()).toMatchObject({ ok: false, brokenSeal: 555, seals: 554, rows: 6548 });
  });

  it('lets retention delete the rows of a seal, which stays in the chain', async () => {
    for (const count of [3, 4, 5]) {
      await append(count);
      await seal();
    }
    await database.db.transaction().execute(async (trx) => {
      await sql`select set_config('ai_ops.prune', 'on', true)`.execute(trx);
      await sql`delete from audit_log where seal <= 2`.execute(trx);
      await sql`update audit_seals set pruned_at = now() where n <= 2`.execute(trx);
    });
    expect(await verify()).toMatchObject({ ok: true, seals: 3, rows: 5 });
    await append(1);
    expect(await seal()).toMatchObject({ n: 4 });
    expect(await verify()).toMatchObject({ ok: true, seals: 4, rows: 6 });
    await tamper(database.db, insertUnder(2));
    expect(await verify()).toMatchObject({ ok: false, flaw: 'row_deleted', brokenSeal: 2 });
  });

  it('is found out when a seal and its rows are made anew', async () => {
    for (const count of [3, 4, 5]) {
      await append(count);
      await seal();
    }
    await tamper(
      database.db,
      'delete from audit_log where seal >= 2',
      'delete from audit_seals where n >= 2',
    );
    const { rows } = await sql<{ hash: string }>`select hash from audit_seals`.execute(database.db);
    const forged = {
      firstId: '4',
      lastId: '7',
      rowCount: 4,
      rowsHash: 'f'.repeat(64),
      prevHash: 'e'.repeat(64),
    };
    const sealedAt = '2026-01-01T00:00:00.000000Z';
    const hash = sealHash({ n: 2, ...forged, sealedAt });
    await sql`insert into audit_seals values (2, 4, 7, 4, ${forged.rowsHash}, ${forged.prevHash}, ${hash},
      ${sealedAt})`.execute(database.db);
    expect(rows[0]?.hash).not.toBe(forged.prevHash);
    expect(await verify()).toMatchObject({ ok: false, flaw: 'chain_broken', brokenSeal: 2, seals: 1 });
  });
});

describe.each(Object.entries(databases))('checking the chain on %s finds and names', (_name, open) => {
  beforeAll(async () => {
    database = await open();
    for (const count of [3, 4, 5]) {
      await append(count);
      await seal();
    }
  });
  afterAll(() => database.close());

  it.each(tamperings)('%s', async (_what, statements, expected) => {
    expect(await foundAfter(...statements)).toMatchObject({ ok: false, ...expected });
    expect(await verify()).toMatchObject({ ok: true, seals: 3, rows: 12 });
  });
});

describe('transactions on PostgreSQL meanwhile', () => {
  beforeEach(async () => {
    database = await openTestPostgres();
  });
  afterEach(() => database.close());

  it('that end late have their rows sealed by a later seal, though the ids are lower', async () => {
    const ready = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const late = database.db.transaction().execute(async (trx) => {
      await auditInsert(trx, [{ actor: 'late', action: 'x', target: '' }]);
      ready.resolve();
      await finish.promise;
    });
    await ready.promise;
    await append(3);
    expect(await seal()).toMatchObject({ n: 1, firstId: '2', lastId: '4', rowCount: 3 });
    finish.resolve();
    await late;
    expect(await verify()).toMatchObject({ ok: true, seals: 1, unsealed: 1 });
    expect(await seal()).toMatchObject({ n: 2, firstId: '1', lastId: '1', rowCount: 1 });
    expect(await verify()).toMatchObject({ ok: true, seals: 2, rows: 4, unsealed: 0 });
  });

  it('that prune while the chain is checked are no flaw', async () => {
    for (let i = 0; i < 30; i += 1) {
      await append(300);
      await seal();
    }
    const checks = Array.from({ length: 5 }, verify);
    for (let n = 1; n <= 30; n += 1) {
      await database.db.transaction().execute(async (trx) => {
        await sql`select set_config('ai_ops.prune', 'on', true)`.execute(trx);
        await sql`delete from audit_log where seal = ${n}`.execute(trx);
        await sql`update audit_seals set pruned_at = now() where n = ${n}`.execute(trx);
      });
    }
    for (const found of await Promise.all(checks)) expect(found).toMatchObject({ ok: true, seals: 30 });
  });
});
