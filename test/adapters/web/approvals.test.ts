import { afterEach, describe, expect, it } from 'vitest';
import { until } from './until.ts';
import { createWorld } from './world.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A turn of Alice's that asks before it restarts something. */
async function asking() {
  const world = await createWorld({
    script: () => [
      { ask: 'host__restart', arguments: { unit: 'nginx' }, note: 'Careful.' },
      { say: 'Restarted.' },
    ],
  });
  open.push(world.close);
  const answer = await world.call('POST', 'chat/', { message: 'restart it', thread_id: 't' });
  const [id] = answer.json.approval_ids as readonly string[];
  return { ...world, answer, path: `approvals/${id}/` };
}

describe('an approval', () => {
  it('is approved, and its turn goes on', async () => {
    const { call, path } = await asking();
    const decided = await call('POST', path, { decision: 'approve' });
    expect(decided.status).toBe(200);
    expect(decided.json).toMatchObject({
      approval: { state: 'approved', decided_by: 'Alice', tool: 'host__restart', note: 'Careful.' },
      turn_id: 'turn-1',
      thread_id: 't',
    });
    await until(async () => JSON.stringify((await call('GET', 'chat/t/')).json).includes('Restarted.'));
  });

  it('is shown in full to who waits for the answer', async () => {
    const { answer } = await asking();
    expect(answer.status).toBe(202);
    expect(answer.json.approvals).toMatchObject([
      { tool: 'host__restart', arguments: '{\n  "unit": "nginx"\n}', asked_by: 'Alice', state: 'pending' },
    ]);
  });

  it('is seen by everybody who may approve, newest first, until it is decided', async () => {
    const { call, path } = await asking();
    await call('POST', 'chat/', { message: 'again', thread_id: 'u' });
    const bob = { authorization: 'Token bob' };
    const list = async () => (await call('GET', 'approvals/', undefined, bob)).json.approvals;
    const older = { id: path.split('/')[1], tool: 'host__restart', may_decide: true, turn_id: 'turn-1' };
    expect(await list()).toMatchObject([{ turn_id: 'turn-3' }, older]);
    const { json } = await call('GET', path, undefined, bob);
    expect(json).toMatchObject({ approval: { ...older, asked_by: 'Alice' }, turn_id: 'turn-1' });
    expect(json).not.toHaveProperty('thread_id');
    expect((await call('GET', path)).json).toMatchObject({ thread_id: 't' });
    await call('POST', path, { decision: 'deny' }, bob);
    expect(await list()).toMatchObject([{ turn_id: 'turn-3' }]);
    expect((await call('GET', path)).json).toMatchObject({
      approval: { state: 'denied', may_decide: false },
    });
  });

  it('is not shown to people who may not approve', async () => {
    const { call, path } = await asking();
    const mute = { authorization: 'Token mute' };
    expect((await call('GET', 'approvals/', undefined, mute)).status).toBe(403);
    expect((await call('GET', path, undefined, mute)).status).toBe(403);
  });

  it('is denied with a reason, which stays with the conversation', async () => {
    const { call, path } = await asking();
    await call('POST', path, { decision: 'deny', reason: 'not today' });
    const { json } = await call('GET', 'chat/t/');
    const [, question] = json.messages as readonly { approvals?: readonly object[] }[];
    expect(question?.approvals).toMatchObject([{ state: 'denied', reason: 'not today' }]);
  });

  it('is decided once; who comes later sees the outcome', async () => {
    const { call, path } = await asking();
    await call('POST', path, { decision: 'approve' });
    const late = await call('POST', path, { decision: 'deny' });
    expect(late.status).toBe(409);
    expect(late.json).toMatchObject({
      code: 'already_decided',
      detail: 'This approval is no longer open: it is approved.',
      reference_id: expect.any(String),
      approval: { state: 'approved', decided_by: 'Alice' },
    });
  });

  it('decided by another person does not tell the name of the thread', async () => {
    const { call, path } = await asking();
    const decided = await call('POST', path, { decision: 'approve' }, { authorization: 'Token bob' });
    expect(decided.status).toBe(200);
    expect(decided.json).not.toHaveProperty('thread_id');
  });

  it('that nobody knows is not found', async () => {
    const { call } = await asking();
    expect((await call('POST', 'approvals/none/', { decision: 'approve' })).status).toBe(404);
    expect((await call('GET', 'approvals/none/')).status).toBe(404);
  });

  it('wants a decision', async () => {
    const { call, path } = await asking();
    expect((await call('POST', path, { decision: 'perhaps' })).json).toEqual({
      decision: [
        'Decide with "approve", "deny", "edit" or "respond"; answer a form with "answer" or "decline".',
      ],
    });
    expect((await call('POST', path, '{')).json).toMatchObject({ code: 'bad_json' });
  });

  it('may be refused to a person by the bot', async () => {
    const { path, gate, host } = await asking();
    const cookie = await signIn(host.url, gate.invite('Stranger'));
    const refused = await fetch(`${host.url}/plugins/ai-ops/api/${path}`, {
      method: 'POST',
      headers: { cookie, origin: host.url },
      body: '{"decision":"approve"}',
    });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({
      code: 'forbidden',
      detail: 'You may not decide about this tool.',
    });
  });
});

async function signIn(url: string, token: string): Promise<string> {
  const answer = await fetch(`${url}/console/sign-in?token=${token}`, { redirect: 'manual' });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}
