import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestBot } from '../fakes/bot.ts';
import { opsServer, restartCalls } from './ops-server.ts';
import { type Door, openDoor, openStage, type Stage } from './stage.ts';

/** The person at the console: another one than the holder of the admin token. */
async function signIn(bot: TestBot): Promise<Door> {
  const response = await fetch(await bot.newConsoleLink(), { redirect: 'manual' });
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const headers = { cookie, 'sec-fetch-site': 'same-origin' };
  return openDoor((path, init) => fetch(new URL(path, bot.url), { ...init, headers }));
}

describe('outside LAB', () => {
  const ops = opsServer();
  let stage: Stage;
  let operator: Door;
  beforeAll(async () => {
    stage = await openStage({ servers: [ops], env: { AI_OPS_ENV: 'NONPROD' } });
    operator = await signIn(stage.bot);
  });
  afterAll(() => stage.close());

  it('nobody approves what they asked for themselves', async () => {
    stage.llm.script(restartCalls('db1'), { text: 'It is up.' });
    const { approval_ids } = await stage.ask('restart db1', 't');
    expect(await stage.decide(approval_ids[0], 'approve')).toMatchObject({ http: 403, code: 'forbidden' });
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
});
