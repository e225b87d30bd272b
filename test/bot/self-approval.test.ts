import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { OpenDatabase } from '../../src/store/database.ts';
import { openPostgresql } from '../../src/store/postgresql.ts';
import type { TestBot } from '../fakes/bot.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';
import { opsServer, restartCalls } from './ops-server.ts';
import { type Door, openDoor, openStage, type Stage, until } from './stage.ts';

type Send = (path: string, init?: RequestInit) => Promise<Response>;

/** The person at the console: another one than the holder of the admin token. */
async function signIn(bot: TestBot): Promise<Send> {
  const response = await fetch(await bot.newConsoleLink(), { redirect: 'manual' });
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const headers = { cookie, 'sec-fetch-site': 'same-origin' };
  return (path, init) => fetch(new URL(path, bot.url), { ...init, headers });
}

const tokenSchema = z.object({ token: z.string() });

/** As the program that has a token, which somebody makes now. */
async function withToken(bot: TestBot, by: Send, name: string): Promise<Send> {
  const body = JSON.stringify({ name, permissions: ['*'] });
  const made = await by('/api/plugins/ai-ops/api-tokens/', { method: 'POST', body });
  const { token } = tokenSchema.parse(await made.json());
  const headers = { authorization: `Token ${token}` };
  return (path, init) => fetch(new URL(path, bot.url), { ...init, headers });
}

describe('outside LAB', () => {
  const ops = opsServer();
  let stage: Stage;
  let person: Send;
  let operator: Door;
  let database: OpenDatabase;
  beforeAll(async () => {
    const url = await createPostgresDatabase('migrated');
    stage = await openStage({ servers: [ops], env: { AI_OPS_ENV: 'NONPROD', DATABASE_URL: url } });
    person = await signIn(stage.bot);
    operator = openDoor(person);
    database = await openPostgresql({ url, log: silentLog, poolSize: 2, connectTimeoutMs: 5000 });
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  it('nobody approves what they asked for themselves', async () => {
    stage.llm.script(restartCalls('db1'), { text: 'It is up.' });
    const { approval_ids } = await stage.ask('restart db1', 't');
    expect(await stage.decide(approval_ids[0], 'approve')).toMatchObject({ http: 403, code: 'forbidden' });
    const edit = { decision: 'edit', arguments: { host: 'db2' } };
    expect(await stage.say(approval_ids[0], edit)).toMatchObject({ http: 403, code: 'forbidden' });
    const respond = { decision: 'respond', message: 'It is up.' };
    expect(await stage.say(approval_ids[0], respond)).toMatchObject({ http: 403, code: 'forbidden' });
    expect((await stage.thread('t')).turn.approvals).toMatchObject([{ state: 'pending' }]);
    expect(ops.restarted).toEqual([]);
  });

  it('somebody else does', async () => {
    const [approval] = (await stage.thread('t')).turn.approvals;
    expect(await operator.decide(approval?.id, 'approve')).toMatchObject({
      http: 200,
      approval: { decided_by: 'Operator' },
    });
    await stage.settled('t');
    expect(ops.restarted).toEqual(['db1']);
  });

  it('everybody may take back what they asked for', async () => {
    stage.llm.script(restartCalls('db2'), { text: 'I left it.' });
    const { approval_ids } = await stage.ask('restart db2', 'back');
    expect(await stage.decide(approval_ids[0], 'deny')).toMatchObject({ http: 200 });
    await stage.settled('back');
    expect(ops.restarted).toEqual(['db1']);
  });

  it('nobody approves by a token of theirs, or by one that it made', async () => {
    const program = await withToken(stage.bot, person, 'first');
    const child = openDoor(await withToken(stage.bot, program, 'second'));
    stage.llm.script(restartCalls('db4'), { text: 'I left it.' });
    const { approval_ids } = await child.ask('restart db4', 'tokens');
    for (const door of [operator, openDoor(program), child])
      expect(await door.decide(approval_ids[0], 'approve')).toMatchObject({ http: 403, code: 'forbidden' });
    expect(await operator.decide(approval_ids[0], 'deny')).toMatchObject({ http: 200 });
    await child.settled('tokens');
    expect(ops.restarted).toEqual(['db1']);
  });

  it('nobody approves what a token of theirs asked for that is gone by now', async () => {
    const program = await withToken(stage.bot, person, 'short-lived');
    const door = openDoor(program);
    stage.llm.script(restartCalls('db5'), { text: 'I left it.' });
    const { approval_ids } = await door.ask('restart db5', 'gone');
    const heard = stage.llm.requests.length;
    await sql`delete from api_tokens where name = 'short-lived'`.execute(database.db);
    expect(await operator.decide(approval_ids[0], 'approve')).toMatchObject({ http: 403, code: 'forbidden' });
    expect(await operator.decide(approval_ids[0], 'deny')).toMatchObject({ http: 200 });
    await until(() => stage.llm.requests.length > heard);
    expect(ops.restarted).toEqual(['db1']);
  });

  it('nobody approves what another identity of theirs asked for', async () => {
    stage.llm.script(restartCalls('db3'), { text: 'I left it.' });
    const { approval_ids } = await stage.ask('restart db3', 'two');
    await sql`with person as (insert into people (name) values ('Ada') returning id)
      insert into identities (principal, person_id)
        select principal, id from person, unnest(array['token:admin', 'web:operator']) principal`.execute(
      database.db,
    );
    expect(await operator.decide(approval_ids[0], 'approve')).toMatchObject({ http: 403, code: 'forbidden' });
    expect(await operator.decide(approval_ids[0], 'deny')).toMatchObject({ http: 200 });
    await stage.settled('two');
    expect(ops.restarted).toEqual(['db1']);
  });
});
