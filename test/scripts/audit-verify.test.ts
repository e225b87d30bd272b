import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLog } from '../../src/store/audit.ts';
import { sealStore } from '../../src/store/audit-seals.ts';
import type { OpenDatabase } from '../../src/store/database.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { childEnv } from '../fakes/child-env.ts';
import { createPostgresDatabase, openTestPostgres, type TestDatabase } from '../fakes/database.ts';
import { layEmbedded } from '../fakes/templates.ts';

const script = fileURLToPath(new URL('../../scripts/audit-verify.ts', import.meta.url));

/** Runs the command with these variables: its exit code and what it said. */
function check(env: Readonly<Record<string, string>>): Promise<{ code: unknown; said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script], { env: { ...childEnv(), ...env } }, (error, out, errors) => {
      resolve({ code: error === null ? 0 : error.code, said: `${out}${errors}`.trimEnd() });
    });
  });
}

async function appendSealed({ db }: OpenDatabase): Promise<string> {
  await auditLog(db).append([{ actor: 'web:ada', action: 'test', target: 'x' }]);
  return (await sealStore(db).seal(0))?.hash ?? '';
}

describe('the command that checks the audit log', () => {
  let postgres: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    postgres = await openTestPostgres();
    folder = await mkdtemp(join(tmpdir(), 'ai-ops-verify-'));
  });
  afterAll(async () => {
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('says that it holds, and then where it is broken', async () => {
    const hash = await appendSealed(postgres);
    const env = { DATABASE_URL: postgres.url };
    expect(await check(env)).toEqual({
      code: 0,
      said: `The audit log holds: seals 1, sealed rows 1, rows not sealed yet 0, hash of the last seal ${hash}.`,
    });
    await sql`alter table audit_log disable trigger all`.execute(postgres.db);
    await sql`delete from audit_log`.execute(postgres.db);
    expect(await check(env)).toEqual({
      code: 1,
      said: 'The audit log is broken at seal 1. Under seal 1 (1 row, ids 1 to 1) a row was deleted.',
    });
  });

  it('checks an embedded database that nobody uses, and sends who uses it to the bot', async () => {
    const dataDir = join(folder, 'data');
    await layEmbedded(dataDir, 'migrated');
    const database = await openEmbedded(dataDir);
    await migrate(database.db);
    await appendSealed(database);
    const busy = await check({ DATA_DIR: dataDir });
    await database.close();
    expect(busy.code).toBe(2);
    expect(busy.said).toMatch(/^The embedded database is in use by process \d+ /);
    expect(busy.said).toContain('let the bot check: GET /api/plugins/ai-ops/audit/verify/');
    const free = await check({ DATA_DIR: dataDir });
    expect(free).toEqual({ code: 0, said: expect.stringContaining('The audit log holds: seals 1,') });
  });

  it('makes no database where there is none', async () => {
    const found = await check({ DATA_DIR: join(folder, 'nowhere') });
    expect(found).toEqual({
      code: 2,
      said: expect.stringMatching(/^There is no database in .+\. Set DATA_DIR/),
    });
    expect(await readdir(folder)).not.toContain('nowhere');
  });

  it.each([
    ['the environment is wrong', { DATABASE_URL: 'db' }, 'DATABASE_URL must be a URL'],
    ['nothing answers', { DATABASE_URL: 'postgres://x:secret@127.0.0.1:1/x' }, 'Check DATABASE_URL'],
  ])('has its own exit code when %s', async (_what, env, sentence) => {
    const { code, said } = await check(env);
    expect(code).toBe(2);
    expect(said).toContain(sentence);
    expect(said).not.toContain('secret');
  });

  it('says what to do when the tables are not there', async () => {
    const found = await check({ DATABASE_URL: await createPostgresDatabase() });
    expect(found).toEqual({ code: 2, said: expect.stringContaining('Start this version of the bot once') });
  });
});
