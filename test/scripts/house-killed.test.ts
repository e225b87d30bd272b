import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLog } from '../../src/store/audit.ts';
import { sealStore } from '../../src/store/audit-seals.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { latestMove } from '../../src/store/house.ts';
import { exportHouse } from '../../src/store/house-export.ts';
import { migrate } from '../../src/store/migrate.ts';
import { spawnBot } from '../fakes/bot-process.ts';
import { freshDatabases, openTestPostgres, type TestDatabase } from '../fakes/database.ts';
import { layEmbedded } from '../fakes/templates.ts';
import { everything, openFolder, rowsIn, runScript } from '../store/houses.ts';

const rowsOfUsage = 5000;
const stopAt = 3000;

/** Scripts that are killed in the middle of a table. */
describe('a killed import', { timeout: 180_000 }, () => {
  let folder: Awaited<ReturnType<typeof openFolder>>;
  let file: string;
  let source: TestDatabase;
  let house: Readonly<Record<string, readonly string[]>>;
  beforeAll(async () => {
    folder = await openFolder();
    file = join(folder.path, 'backup.jsonl.gz');
    source = await freshDatabases.postgresql();
    await sql`insert into usage (turn_id, thread_id, principal, model, input_tokens, output_tokens,
        cache_read_tokens, cache_write_tokens, reasoning_tokens, duration_ms)
      select gen_random_uuid(), 't', 'web:ada', 'm', n, n, 0, 0, 0, n from generate_series(1, ${rowsOfUsage}::int) n`.execute(
      source.db,
    );
    await auditLog(source.db).append([{ actor: 'web:ada', action: 'test', target: 'x' }]);
    await sealStore(source.db).seal(0);
    await exportHouse(source, file, () => undefined);
    house = await everything(source.db);
  });
  afterAll(async () => {
    await source.close();
    await folder.drop();
  });

  /** Everything but the audit log, which has one entry more: that of the import. */
  function requireSame(rows: typeof house) {
    expect({ ...rows, audit_log: [] }).toEqual({ ...house, audit_log: [] });
    expect(rows.audit_log).toHaveLength(2);
  }

  it('goes on where it stopped on PostgreSQL', async () => {
    const target = await openTestPostgres();
    const env = { DATABASE_URL: target.url, DATA_DIR: folder.path };
    await target.db.connection().execute(async (gate) => {
      // The row at which it waits, for as long as this connection holds the lock.
      await sql`select pg_advisory_lock(7)`.execute(gate);
      await sql`create function wait_there() returns trigger language plpgsql as $$
        begin perform pg_advisory_xact_lock(7); return new; end $$`.execute(gate);
      await sql`create trigger wait_there before insert on usage for each row
        when (new.id = ${sql.lit(stopAt)}) execute function wait_there()`.execute(gate);
      const first = runScript('import', [file], env);
      const waiting = sql`select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`;
      await expect.poll(async () => (await waiting.execute(gate)).rows.length).toBe(1);
      first.child.kill('SIGKILL');
      expect((await first.ended).code).toBe(null);
      await sql`select pg_advisory_unlock(7)`.execute(gate);
    });
    const before = await rowsIn(target.db, 'usage');
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(stopAt);
    expect(await latestMove(target.db)).toMatchObject({ state: 'moving' });

    const bot = spawnBot(env);
    expect(await bot.ended).toBe(1);
    expect(bot.stderr()).toContain('An import into this database did not come to its end');

    const { code, said } = await runScript('import', [file], env).ended;
    expect(said).toMatch(/\d+ rows were there from an import before\./);
    expect(said).toContain('1 audit seals hold');
    expect(code).toBe(0);
    requireSame(await everything(target.db));
    await target.close();
  });

  it('goes on where it stopped on the embedded database', async () => {
    const env = { DATA_DIR: join(folder.path, 'embedded') };
    await layEmbedded(env.DATA_DIR, 'empty');
    const prepared = await openEmbedded(env.DATA_DIR);
    await migrate(prepared.db);
    await sql`create function wait_there() returns trigger language plpgsql as $$
      begin perform pg_sleep(2); return new; end $$`.execute(prepared.db);
    await sql`create trigger wait_there before insert on usage for each row
      when (new.id = ${sql.lit(stopAt)}) execute function wait_there()`.execute(prepared.db);
    await prepared.close();

    const first = runScript('import', [file], env);
    await expect.poll(() => first.said()).toContain('statuses');
    first.child.kill('SIGKILL');
    await first.ended;
    const between = await openEmbedded(env.DATA_DIR);
    const move = await latestMove(between.db);
    expect(move).toMatchObject({ state: 'moving' });
    const before = await rowsIn(between.db, 'usage');
    expect(before.length).toBeLessThan(stopAt);
    await between.close();

    const again = await runScript('import', [file], env).ended;
    expect(again.said).toContain('rows were there from an import before.');
    expect(again.code).toBe(0);
    const after = await openEmbedded(env.DATA_DIR);
    requireSame(await everything(after.db));
    await after.close();
  });
});

describe('a killed export', { timeout: 180_000 }, () => {
  it('leaves no backup but a part that is not taken for one, and starts again', async () => {
    const folder = await openFolder();
    const source = await openTestPostgres();
    const args = [join(folder.path, 'backup.jsonl.gz')];
    const env = { DATABASE_URL: source.url, DATA_DIR: folder.path };
    await source.db.transaction().execute(async (trx) => {
      await sql`lock table usage in access exclusive mode`.execute(trx);
      const first = runScript('export', args, env);
      await expect.poll(first.said).toContain('turns');
      first.child.kill('SIGKILL');
      await first.ended;
    });
    expect(await readdir(folder.path)).toEqual(['backup.jsonl.gz.part']);
    const part = `${args[0]}.part`;
    expect((await runScript('import', [part], env).ended).said).toContain('was cut off');
    expect(await runScript('export', args, env).ended).toMatchObject({ code: 0 });
    expect(await readdir(folder.path)).toEqual(['backup.jsonl.gz']);
    await Promise.all([source.close(), folder.drop()]);
  });
});
