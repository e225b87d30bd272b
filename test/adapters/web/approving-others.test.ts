import { afterAll, beforeAll, expect, it } from 'vitest';
import { opsServer, restartCalls } from '../../bot/ops-server.ts';
import { openStage, type Stage } from '../../bot/stage.ts';

const ops = opsServer();
let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ servers: [ops], env: { AI_OPS_ENV: 'NONPROD' } });
});
afterAll(() => stage.close());

async function get(path: string, cookie?: string): Promise<unknown> {
  const url = `/plugins/ai-ops/api/${path}`;
  const answer = await (cookie === undefined
    ? stage.bot.fetch(url)
    : fetch(stage.bot.url + url, { headers: { cookie } }));
  return answer.json();
}

it('outside LAB another person finds what waits, and its asker sees that another must decide', async () => {
  stage.llm.script(restartCalls('db1'), restartCalls('db2'), { text: 'They are up.' });
  const first = await stage.ask('restart db1', 'one');
  const second = await stage.ask('restart db2', 'two');
  const [older, newer] = [first.approval_ids[0], second.approval_ids[0]];
  const link = await fetch(await stage.bot.newConsoleLink(), { redirect: 'manual' });
  const cookie = link.headers.getSetCookie()[0]?.split(';')[0] ?? '';

  const mine = { tool: 'ops__restart', state: 'pending', may_decide: false };
  expect(await get('approvals/')).toMatchObject({
    approvals: [
      { ...mine, id: newer, thread_id: 'two', turn_id: second.turn_id },
      { ...mine, id: older, thread_id: 'one', turn_id: first.turn_id },
    ],
  });
  const theirs = { id: older, may_decide: true, arguments: '{\n  "host": "db1"\n}' };
  expect(await get(`approvals/${older}/`, cookie)).toMatchObject({
    approval: theirs,
    turn_id: first.turn_id,
  });
  expect(await get('approvals/', cookie)).toMatchObject({ approvals: [{ id: newer }, { id: older }] });
  expect(await get('approvals/nobody-knows/', cookie)).toMatchObject({ code: 'not_found' });
  expect((await stage.thread('one')).messages).toContainEqual(
    expect.objectContaining({ role: 'tool', tool: 'ops__restart', status: 'waiting' }),
  );
});
