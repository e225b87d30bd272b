import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry, AuditFilter, AuditRow } from '../../src/observe/port.ts';
import { auditInsert, auditLog } from '../../src/store/audit.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';

const turnId = randomUUID();
const written: readonly AuditEntry[] = [
  { actor: 'web:ada', action: 'llm-models.change', target: 'gpt', source: 'rest', address: '10.0.0.7' },
  { actor: 'web:ada', action: 'llm-models.delete', target: 'gpt', source: 'console' },
  { actor: 'slack:T:Bob', action: 'tool.call', target: 'host__100%_disk', threadId: 'slack:T:C:1', turnId },
  { actor: 'bot', action: 'approval.expired', target: '42', threadId: 'slack:T:C:1', detail: { ok: false } },
  { actor: 'bot', action: 'llm_models.change', target: 'gpt', source: 'bootstrap' },
];

describe.each(Object.entries(databases))('the audit log on %s', (_name, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
    await auditLog(database.db).append(written);
  });
  afterAll(() => database.close());

  const list = (filter: AuditFilter, page = { limit: 100, offset: 0 }) =>
    auditLog(database.db).list(filter, page);

  /** The places in `written` of what a filter finds. */
  async function found(filter: AuditFilter): Promise<readonly number[]> {
    const { rows, count } = await list(filter);
    expect(count).toBe(rows.length);
    const placeOf = (row: AuditRow) =>
      written.findIndex((entry) => entry.action === row.action && entry.target === row.target);
    return rows.map(placeOf);
  }

  it('keeps what it is told, and fills in the rest', async () => {
    const { rows } = await list({ action: 'approval.expired' });
    expect(rows).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        ...{ actor: 'bot', action: 'approval.expired', target: '42', detail: { ok: false } },
        ...{ source: '', address: '', threadId: 'slack:T:C:1' },
      },
    ]);
    expect((await list({ turnId })).rows[0]).toMatchObject({ detail: {}, turnId });
    expect((await list({ source: 'rest' })).rows[0]).toMatchObject({ address: '10.0.0.7' });
  });

  it('lists the newest first, page by page', async () => {
    expect(await found({})).toEqual([4, 3, 2, 1, 0]);
    const { count, rows } = await list({}, { limit: 2, offset: 1 });
    expect([count, rows.map((row) => row.action)]).toEqual([5, ['approval.expired', 'tool.call']]);
    expect(await list({}, { limit: 2, offset: 9 })).toEqual({ count: 5, rows: [] });
  });

  it.each([
    [{ actor: 'web:ada' }, [1, 0]],
    [{ actor: 'web:' }, []],
    [{ action: 'tool.call' }, [2]],
    [{ action: 'tool' }, []],
    [{ action: 'llm-models.*' }, [1, 0]],
    [{ action: 'llm_models.*' }, [4]],
    [{ action: '*' }, [4, 3, 2, 1, 0]],
    [{ target: 'gpt' }, [4, 1, 0]],
    [{ source: 'console' }, [1]],
    [{ threadId: 'slack:T:C:1' }, [3, 2]],
    [{ turnId }, [2]],
    [{ turnId: turnId.toUpperCase() }, [2]],
    [{ turnId: 'no such turn' }, []],
    [{ q: 'bOB' }, [2]],
    [{ q: '%_' }, [2]],
    [{ q: 'GPT' }, [4, 1, 0]],
    [{ q: 'change', actor: 'bot' }, [4]],
    [{ actor: 'web:ada', action: 'llm-models.*', source: 'rest', target: 'gpt', q: 'ada' }, [0]],
    [{ q: 'a\u0000da', action: '\ud800*' }, []],
  ] satisfies readonly (readonly [AuditFilter, readonly number[]])[])(
    'finds by %j',
    async (filter, expected) => {
      expect(await found(filter)).toEqual(expected);
    },
  );

  it('finds by time: from one moment, up to but without another', async () => {
    const at = new Date('2020-05-05T05:05:05Z');
    const later = new Date('2020-05-06T05:05:05Z');
    for (const time of [at, later]) {
      await sql`insert into audit_log (at, actor, action, target)
        values (${time}, 'old', ${time.toISOString()}, '')`.execute(database.db);
    }
    const actions = async (filter: AuditFilter) => (await list(filter)).rows.map((row) => row.action);
    expect(await actions({ actor: 'old', after: at, before: later })).toEqual([at.toISOString()]);
    expect(await actions({ after: later, before: new Date('2021-01-01') })).toEqual([later.toISOString()]);
    expect(await actions({ before: at })).toEqual([]);
    expect(await list({ after: at })).toMatchObject({ count: 7 });
  });

  it('is part of the transaction of a change: it vanishes with it', async () => {
    const entry = { actor: 'web:eve', action: 'undone', target: 'x' };
    const change = database.db.transaction().execute(async (trx) => {
      await auditInsert(trx, [entry]);
      throw new Error('not after all');
    });
    await expect(change).rejects.toThrow('not after all');
    expect(await found({ actor: 'web:eve' })).toEqual([]);
  });

  it('takes text that the database refuses, and no entries at all', async () => {
    await auditLog(database.db).append([]);
    const detail = { said: 'nul \u0000 and half \ud800' };
    await auditLog(database.db).append([{ actor: 'odd\u0000', action: 'odd', target: 'x', detail }]);
    const { rows } = await list({ action: 'odd' });
    expect(rows[0]).toMatchObject({ actor: 'odd', detail: { said: 'nul  and half \ufffd' } });
  });

  it('exports 5,000 rows oldest first, in small batches, each once, while more are written', async () => {
    const entries = Array.from({ length: 5000 }, (_, i) => ({
      actor: 'bulk',
      action: 'x',
      target: String(i),
    }));
    await auditLog(database.db).append(entries);
    const sizes: number[] = [];
    const targets: string[] = [];
    for await (const batch of auditLog(database.db).rows({ actor: 'bulk' })) {
      if (sizes.length === 3) await auditLog(database.db).append([{ actor: 'new', action: 'x', target: '' }]);
      sizes.push(batch.length);
      targets.push(...batch.map((row) => row.target));
    }
    expect(targets).toEqual(entries.map((entry) => entry.target));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
  });

  const refused: readonly (readonly [string, string])[] = [
    ['changing a row', `update audit_log set actor = 'web:eve' where actor = 'bot'`],
    ['changing a row while sealing it', `update audit_log set seal = 1, detail = '{"a":1}'`],
    ['taking a seal off', `update audit_log set seal = null where actor = 'sealed'`],
    ['sealing a row again', `update audit_log set seal = 2 where actor = 'sealed'`],
    ['deleting a row', `delete from audit_log where actor = 'bot'`],
    ['emptying it', `truncate audit_log`],
    ['changing a seal', `update audit_seals set hash = 'x'`],
    ['changing a seal while dating it', `update audit_seals set hash = 'x', pruned_at = now()`],
    ['deleting a seal', `delete from audit_seals`],
    ['emptying the seals', `truncate audit_seals`],
  ];

  describe('is append-only, so it refuses', () => {
    beforeAll(async () => {
      await sql`insert into audit_log (actor, action, target, seal) values ('sealed', 'x', '', 1)`.execute(
        database.db,
      );
      await sql`insert into audit_seals values (1, 1, 1, 1, 'a', 'b', 'c', now())`.execute(database.db);
    });

    it.each(refused)('%s', async (_what, statement) => {
      await expect(sql.raw(statement).execute(database.db)).rejects.toThrow(
        /append-only|are kept as they are/,
      );
    });

    it('nothing of a transaction that retention has announced as pruning, but seals stay even then', async () => {
      await database.db.transaction().execute(async (trx) => {
        await sql`select set_config('ai_ops.prune', 'on', true)`.execute(trx);
        await sql`delete from audit_log where actor = 'sealed'`.execute(trx);
        await sql`update audit_seals set pruned_at = now() where n = 1`.execute(trx);
      });
      expect(await found({ actor: 'sealed' })).toEqual([]);
      await expect(sql`delete from audit_log where actor = 'new'`.execute(database.db)).rejects.toThrow();
      await expect(sql`update audit_seals set pruned_at = null`.execute(database.db)).rejects.toThrow();
      const deleting = database.db.transaction().execute(async (trx) => {
        await sql`select set_config('ai_ops.prune', 'on', true)`.execute(trx);
        await sql`delete from audit_seals`.execute(trx);
      });
      await expect(deleting).rejects.toThrow('are kept as they are');
    });
  });
});
