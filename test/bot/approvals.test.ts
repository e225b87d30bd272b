import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opsServer, restartCalls } from './ops-server.ts';
import { conversationOf, onDatabases, openStage, type Stage } from './stage.ts';

describe.each(Object.entries(onDatabases))('a call that changes something, on %s', (_name, env) => {
  const ops = opsServer();
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ servers: [ops], env: await env() });
  });
  afterAll(() => stage.close());

  it('waits, runs once when approved with exactly what was shown, and the turn goes on', async () => {
    stage.llm.script({ text: 'I will restart it.', ...restartCalls('db1') }, { text: 'It is up again.' });
    const asked = await stage.ask('restart db1', 'approve');
    expect(asked).toMatchObject({ http: 202, status: 'waiting', approval_ids: [expect.any(String)] });
    expect(asked.response).toBe('I will restart it.\n\nI need approval before I run this.');
    expect(ops.restarted).toEqual([]);

    const before = await stage.thread('approve');
    expect(before.turn.approvals).toMatchObject([
      {
        id: asked.approval_ids[0],
        tool: 'ops__restart',
        effect: 'write',
        arguments: '{\n  "host": "db1"\n}',
        asked_by: 'Admin token',
        state: 'pending',
      },
    ]);

    expect(await stage.decide(asked.approval_ids[0], 'approve')).toMatchObject({
      http: 200,
      approval: { state: 'approved', decided_by: 'Admin token' },
    });
    const after = await stage.settled('approve');
    expect(after.turn).toMatchObject({ turn_id: asked.turn_id, status: 'done' });
    expect(after.messages.at(-1)).toMatchObject({ kind: 'answer', text: 'It is up again.' });
    expect(ops.restarted).toEqual(['db1']);
  });

  it('answers a second decision with the outcome of the first', async () => {
    const [approval] = (await stage.thread('approve')).turn.approvals;
    expect(await stage.decide(approval?.id, 'deny')).toMatchObject({
      http: 409,
      code: 'already_decided',
      approval: { state: 'approved' },
    });
    await stage.settled('approve');
    expect(ops.restarted).toEqual(['db1']);
  });

  it('is not run when denied, and the model hears why', async () => {
    stage.llm.script(restartCalls('db2'), { text: 'Then I leave it.' });
    const asked = await stage.ask('restart db2', 'deny');
    expect(await stage.decide(asked.approval_ids[0], 'deny', 'it is the primary')).toMatchObject({
      http: 200,
      approval: { state: 'denied', reason: 'it is the primary' },
    });
    const after = await stage.settled('deny');
    expect(after.messages.at(-1)?.text).toBe('Then I leave it.');
    expect(conversationOf(stage.llm.requests.at(-1)).at(-1)).toMatch(
      /^tool: .*Not run: Admin token denied it\. Their reason: “it is the primary”/s,
    );
    expect(ops.restarted).toEqual(['db1']);
  });

  it('lets one of two simultaneous decisions win', async () => {
    stage.llm.script(restartCalls('db3'), { text: 'Done.' });
    const { approval_ids } = await stage.ask('restart db3', 'race');
    const decisions = await Promise.all(
      ['approve', 'approve', 'approve'].map(() => stage.decide(approval_ids[0], 'approve')),
    );
    expect(decisions.map((decision) => decision.http).sort()).toEqual([200, 409, 409]);
    await stage.settled('race');
    expect(ops.restarted.filter((host) => host === 'db3')).toEqual(['db3']);
  });

  it.each(['6f9619ff-8b86-4d01-b42d-00cf4fc964ff', 'no-such-id', "1' or true"])(
    'does not know the approval %s',
    async (id) => {
      expect(await stage.decide(encodeURIComponent(id), 'approve')).toMatchObject({ http: 404 });
    },
  );
});

describe('a server that nobody vouches for', () => {
  const ops = opsServer({ isTrusted: false });
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ servers: [ops] });
  });
  afterAll(() => stage.close());

  it('is asked about even for a tool that it calls read-only', async () => {
    stage.llm.script({ calls: [{ name: 'ops__look', arguments: '{}' }] }, { text: 'I looked.' });
    const asked = await stage.ask('look', 'wild');
    expect(asked).toMatchObject({ http: 202, status: 'waiting' });
    expect(ops.looks()).toBe(0);
    await stage.decide(asked.approval_ids[0], 'approve');
    expect((await stage.settled('wild')).turn.status).toBe('done');
    expect(ops.looks()).toBe(1);
  });
});
