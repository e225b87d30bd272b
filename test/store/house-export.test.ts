import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { exportHouse } from '../../src/store/house-export.ts';
import { checkHouse, importHouse } from '../../src/store/house-import.ts';
import { freshDatabases } from '../fakes/database.ts';
import { openFolder, rowsIn, silent } from './houses.ts';

describe('an export on PostgreSQL', () => {
  it('holds one moment, while threads with their turns are written', async () => {
    const folder = await openFolder();
    const file = join(folder.path, 'backup.jsonl.gz');
    const source = await freshDatabases.postgresql();
    const target = await freshDatabases.embedded();
    let isDone = false;
    let written = 0;
    const writing = (async () => {
      while (!isDone) {
        written += 1;
        const [thread, turn] = [`t${written}`, randomUUID()];
        await source.db.transaction().execute(async (trx) => {
          await sql`insert into threads (thread_id, platform, started_by) values (${thread}, 'web', 'a')`.execute(
            trx,
          );
          await sql`insert into turns (id, thread_id, generation, state, asker, asker_name, question)
            values (${turn}, ${thread}, 0, 'done', 'a', 'A', 'Q')`.execute(trx);
          await sql`insert into usage (turn_id, thread_id, principal, model, input_tokens, output_tokens,
              cache_read_tokens, cache_write_tokens, reasoning_tokens, duration_ms)
            values (${turn}, ${thread}, 'a', 'm', 1, 1, 1, 1, 1, 1)`.execute(trx);
          await sql`update config_version set version = version + 1`.execute(trx);
        });
      }
    })();
    await expect.poll(() => written).toBeGreaterThan(50);
    const before = written;
    await exportHouse(source, file, silent);
    expect(written).toBeGreaterThan(before);
    isDone = true;
    await writing;
    await importHouse(target, await checkHouse(file), { replace: false, tell: silent });
    const count = async (table: string) => (await rowsIn(target.db, table)).length;
    const threads = await count('threads');
    const versions = await rowsIn(target.db, 'config_version');
    expect(threads).toBeGreaterThanOrEqual(before - 1);
    expect([await count('turns'), await count('usage')]).toEqual([threads, threads]);
    expect(versions).toEqual([expect.stringContaining(`"version": ${threads + 1},`)]);
    await Promise.all([source.close(), target.close()]);
    await folder.drop();
  });
});
