import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLog } from '../../src/store/audit.ts';
import { sealStore } from '../../src/store/audit-seals.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { writeHouse } from '../../src/store/house-file.ts';
import { openPostgresql } from '../../src/store/postgresql.ts';
import { opsServer, restartCalls } from '../bot/ops-server.ts';
import { conversationOf, openDoor, openStage, type Stage } from '../bot/stage.ts';
import { startTestBot } from '../fakes/bot.ts';
import { createPostgresDatabase, openTestPostgres } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';
import { layEmbedded } from '../fakes/templates.ts';
import { everything, openFolder, run, runScript } from '../store/houses.ts';

type Variables = Readonly<Record<string, string>>;

/** All rows, seen by a process that has the database to itself. */
async function look({ DATABASE_URL: url, DATA_DIR: dataDir = '' }: Variables) {
  const database =
    url === undefined
      ? await openEmbedded(dataDir)
      : await openPostgresql({ url, log: silentLog, poolSize: 1, connectTimeoutMs: 5000 });
  try {
    return await everything(database.db);
  } finally {
    await database.close();
  }
}

/** Without the audit entry that the import itself wrote. */
function withoutImports(rows: Awaited<ReturnType<typeof look>>) {
  return { ...rows, audit_log: rows.audit_log?.filter((row) => !row.includes('"house.imported"')) };
}

/** A house with conversations moves, a bot lives in it, and it moves back. */
describe('a house that moves to PostgreSQL and back', { timeout: 180_000 }, () => {
  const ops = opsServer();
  let folder: Awaited<ReturnType<typeof openFolder>>;
  let old: Variables;
  let fresh: Variables;
  let back: Variables;
  let stage: Stage;
  let waiting: string | undefined;
  beforeAll(async () => {
    folder = await openFolder();
    old = { DATA_DIR: join(folder.path, 'old') };
    fresh = { DATA_DIR: join(folder.path, 'fresh'), DATABASE_URL: await createPostgresDatabase() };
    back = { DATA_DIR: join(folder.path, 'back') };
    stage = await openStage({ servers: [ops], dataDir: old.DATA_DIR ?? '' });
  });
  afterAll(async () => {
    await stage.close();
    await folder.drop();
  });

  const backup = (name: string) => join(folder.path, `${name}.jsonl.gz`);
  const exported = (name: string, env: Variables) => runScript('export', [backup(name)], env).ended;
  const imported = (name: string, env: Variables, ...more: readonly string[]) =>
    runScript('import', [backup(name), ...more], env).ended;

  async function liveIn({ DATA_DIR: dataDir = '', ...more }: Variables) {
    const bot = await startTestBot({ env: { ...stage.env, ...more }, dataDir });
    return { ...openDoor(bot.fetch), stop: bot.stop };
  }

  it('is lived in first, so that there is something to carry', async () => {
    stage.llm.script({ calls: [{ name: 'ops__look', arguments: '{}' }] }, { text: 'All is well.' });
    await stage.ask('How is it?', 'looks');
    stage.llm.script(restartCalls('db1'), { text: 'Restarted.' });
    const asked = await stage.ask('Restart db1', 'restarts');
    await stage.decide(asked.approval_ids[0], 'approve');
    await stage.settled('restarts');
    stage.llm.script(restartCalls('db2'));
    waiting = (await stage.ask('Restart db2', 'waits')).approval_ids[0];
    expect(ops.restarted).toEqual(['db1']);
  });

  it('is not exported from under a bot that runs on the embedded database', async () => {
    const { code, said } = await exported('early', old);
    expect(said).toContain('stop the bot first');
    expect(code).toBe(1);
  });

  it('arrives as it was, also where a bot has been started once to see whether it runs', async () => {
    await stage.bot.stop();
    await (await liveIn(fresh)).stop();
    expect(await exported('old', old)).toMatchObject({
      code: 0,
      said: expect.stringMatching(/\n {2}turns: 3\n/),
    });
    const { code, said } = await imported('old', fresh);
    expect(said).toMatch(
      /\n {2}turns: 3\n[\s\S]*Done: each table has as many rows as the backup.+Redis is not carried/,
    );
    expect(code).toBe(0);
    expect(withoutImports(await look(fresh))).toEqual(await look(old));
  });

  it('is lived in on: the history is there, and a question from before is answered', async () => {
    const bot = await liveIn(fresh);
    stage.llm.script({ text: 'Still well.' });
    expect(await bot.ask('And now?', 'looks')).toMatchObject({ http: 200, response: 'Still well.' });
    expect(conversationOf(stage.llm.requests.at(-1))).toEqual([
      'user: How is it?',
      'assistant: (calls)',
      'tool: all is well',
      'assistant: All is well.',
      'user: And now?',
    ]);
    stage.llm.script({ text: 'That one as well.' });
    expect(await bot.decide(waiting, 'approve')).toMatchObject({ http: 200 });
    expect((await bot.settled('waits')).messages.at(-1)?.text).toBe('That one as well.');
    expect(ops.restarted).toEqual(['db1', 'db2']);
    expect(await imported('old', fresh, '--replace')).toMatchObject({
      code: 1,
      said: expect.stringContaining('A bot uses this database'),
    });
    expect(await exported('beside', fresh)).toMatchObject({ code: 0 });
    await bot.stop();
  });

  it('is not given up for a backup by mistake', async () => {
    expect(await exported('new', fresh)).toMatchObject({ code: 0 });
    const before = await look(fresh);
    expect(await imported('new', fresh)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/in use already.+--replace/),
    });
    expect(await look(fresh)).toEqual(before);
  });

  it('moves back with what came since', async () => {
    expect(await imported('new', back)).toMatchObject({ code: 0 });
    expect(withoutImports(await look(back))).toEqual(withoutImports(await look(fresh)));
    const bot = await liveIn(back);
    stage.llm.script({ text: 'Home again.' });
    expect(await bot.ask('Where are you?', 'waits')).toMatchObject({ response: 'Home again.' });
    const thread = await bot.thread('waits');
    expect(thread.messages.map(({ text }) => text)).toContain('That one as well.');
    await bot.stop();
  });

  it('goes back to the day of its backup with --replace', async () => {
    expect(await imported('old', back, '--replace')).toMatchObject({ code: 0 });
    expect(withoutImports(await look(back))).toEqual(await look(old));
  });
});

describe.each(['export', 'import'] as const)('npm run %s', (name) => {
  let folder: Awaited<ReturnType<typeof openFolder>>;
  beforeAll(async () => {
    folder = await openFolder();
  });
  afterAll(() => folder.drop());

  it.each([
    ['no file', []],
    ['two files', ['a', 'b']],
    ['an unknown option', ['a', '--force']],
  ])('with %s says how it is used', async (_what, args) => {
    const { code, said } = await runScript(name, args, { DATA_DIR: folder.path }).ended;
    expect(said).toContain(`Usage: npm run ${name} -- <file>`);
    expect(code).toBe(2);
  });

  it('with a wrong environment names the variable', async () => {
    const { code, said } = await runScript(name, ['a'], { DATABASE_URL: 'mysql://x' }).ended;
    expect(said).toContain('DATABASE_URL must be a URL like postgres://');
    expect(code).toBe(2);
  });

  it('keeps the password to itself', async () => {
    const env = { DATABASE_URL: 'postgres://ada:sesame@127.0.0.1:9/none' };
    const file = join(folder.path, 'whole.jsonl.gz');
    await writeHouse(file, { migrations: [], tables: [], database: 'embedded', made_at: '' }, nothing());
    const { code, said } = await runScript(name, [file], env).ended;
    expect(said).toContain('The database at 127.0.0.1:9/none cannot be used');
    expect(said).not.toContain('sesame');
    expect(code).toBe(1);
  });

  it('without what it reads from says so', async () => {
    const { code, said } = await runScript(name, [join(folder.path, 'none')], { DATA_DIR: folder.path })
      .ended;
    expect(said).toMatch(/There is no database in|none cannot be read/);
    expect(code).toBe(1);
  });
});

async function* nothing() {}

describe('npm run import with a damaged file', () => {
  it('does not even open the database', async () => {
    const folder = await openFolder();
    const file = join(folder.path, 'backup.jsonl.gz');
    await writeFile(file, 'damaged');
    const { code, said } = await runScript('import', [file], { DATABASE_URL: 'postgres://127.0.0.1:9/none' })
      .ended;
    expect(said).toContain('was cut off or altered');
    expect(code).toBe(1);
    await folder.drop();
  });
});

describe('npm run import of a house whose audit log was forged', { timeout: 180_000 }, () => {
  it('carries it as it is, and fails naming the seal that is broken', async () => {
    const folder = await openFolder();
    const source = await openTestPostgres();
    const args = [join(folder.path, 'backup.jsonl.gz')];
    await auditLog(source.db).append([{ actor: 'web:ada', action: 'test', target: 'x' }]);
    await sealStore(source.db).seal(0);
    await run(source.db, [
      'alter table audit_log disable trigger user',
      `update audit_log set actor = 'web:eve'`,
      'alter table audit_log enable trigger user',
    ]);
    const env = { DATABASE_URL: source.url, DATA_DIR: folder.path };
    expect(await runScript('export', args, env).ended).toMatchObject({ code: 0 });
    await layEmbedded(folder.path, 'empty');
    const { code, said } = await runScript('import', args, { DATA_DIR: folder.path }).ended;
    expect(said).toContain('the audit log is broken at seal 1');
    expect(code).toBe(1);
    const again = await runScript('import', args, { DATA_DIR: folder.path }).ended;
    expect(again).toMatchObject({ code: 0, said: expect.stringContaining('nothing was changed') });
    await Promise.all([source.close(), folder.drop()]);
  });
});
