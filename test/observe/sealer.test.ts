import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsPerSeal, type SealStore } from '../../src/observe/port.ts';
import { startSealer } from '../../src/observe/sealer.ts';
import { auditLog } from '../../src/store/audit.ts';
import { seal, sealStore } from '../../src/store/audit-seals.ts';
import { databases, openTestPostgres, type TestDatabase } from '../fakes/database.ts';
import { recordingLog } from '../fakes/recording-log.ts';

function entries(count: number) {
  return Array.from({ length: count }, (_, i) => ({ actor: 'web:ada', action: 'test', target: String(i) }));
}

/** Looks again until it is as expected; the test's own time limit ends it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe.each(Object.entries(databases))('the sealer on %s', (_name, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  it('seals what there is, batch by batch, and logs the hash of each seal', async () => {
    const audit = auditLog(database.db);
    await audit.append(entries(rowsPerSeal * 2 + 10));
    const { log, entries: logged } = recordingLog();
    const sealer = startSealer({ store: sealStore(database.db), log, everyMs: 10, minAgeMs: 0 });
    await until(async () => logged.length === 3);
    await sealer.stop();
    const found = await audit.verify();
    expect(found).toMatchObject({ ok: true, seals: 3, rows: rowsPerSeal * 2 + 10, unsealed: 0 });
    expect(logged.map(([event, fields]) => [event, fields.seal, fields.rows])).toEqual([
      ['audit_sealed', 1, rowsPerSeal],
      ['audit_sealed', 2, rowsPerSeal],
      ['audit_sealed', 3, 10],
    ]);
    expect(found.ok && found.hash).toBe(logged[2]?.[1].hash);
  });

  it('leaves young rows for the next round, but none when it is stopped', async () => {
    const audit = auditLog(database.db);
    await audit.append(entries(2));
    expect(await sealStore(database.db).seal(60_000)).toBeUndefined();
    const { log } = recordingLog();
    await startSealer({ store: sealStore(database.db), log, everyMs: 60_000 }).stop();
    expect(await audit.verify()).toMatchObject({ ok: true, seals: 4, unsealed: 0 });
  });

  it('goes on after a failure', async () => {
    const audit = auditLog(database.db);
    await audit.append(entries(1));
    const { log, entries: logged } = recordingLog();
    const real = sealStore(database.db);
    let calls = 0;
    const store: SealStore = {
      async seal(minAgeMs) {
        calls += 1;
        if (calls === 1) throw new Error('no connection');
        return await real.seal(minAgeMs);
      },
    };
    const sealer = startSealer({ store, log, everyMs: 10, minAgeMs: 0 });
    await until(async () => logged.length === 2);
    await sealer.stop();
    expect(logged.map(([event]) => event)).toEqual(['audit_sealing_failed', 'audit_sealed']);
    expect(await audit.verify()).toMatchObject({ ok: true, unsealed: 0 });
  });
});

describe('several sealers on one PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestPostgres();
  });
  afterAll(() => database.close());

  it('make one chain that never forks, while rows keep coming', async () => {
    const audit = auditLog(database.db);
    const { log, entries: logged } = recordingLog();
    const options = { store: sealStore(database.db), log, everyMs: 1, minAgeMs: 0 };
    const sealers = [startSealer(options), startSealer(options), startSealer(options)];
    for (let i = 0; i < 60; i += 1) await audit.append(entries(20));
    await until(async () => {
      const found = await audit.verify();
      return found.ok && found.unsealed === 0;
    });
    await Promise.all(sealers.map((sealer) => sealer.stop()));
    expect(logged.filter(([event]) => event !== 'audit_sealed')).toEqual([]);
    expect(await audit.verify()).toMatchObject({ ok: true, seals: logged.length, rows: 1200, unsealed: 0 });
    expect(logged.map(([, fields]) => fields.seal)).toEqual(logged.map((_, i) => i + 1));
    expect(logged.length).toBeGreaterThan(1);
  });

  it('let the one at work finish: a second one does nothing meanwhile', async () => {
    const audit = auditLog(database.db);
    await audit.append(entries(1));
    const store = sealStore(database.db);
    const reached = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const atWork = database.db.transaction().execute(async (trx) => {
      const made = await seal(trx, 0);
      reached.resolve();
      await finish.promise;
      return made;
    });
    await reached.promise;
    expect(await store.seal(0)).toBeUndefined();
    finish.resolve();
    expect(await atWork).toMatchObject({ rowCount: 1 });
    expect(await store.seal(0)).toBeUndefined();
    const { rows } = await sql<{ n: number }>`select n from audit_seals order by n`.execute(database.db);
    expect(rows.map(({ n }) => n)).toEqual(rows.map((_, i) => i + 1));
  });
});
