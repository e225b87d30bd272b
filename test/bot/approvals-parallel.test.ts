import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opsServer, restartCalls } from './ops-server.ts';
import { conversationOf, openStage, type Stage } from './stage.ts';

describe('two calls of one step that change something', () => {
  const ops = opsServer();
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ servers: [ops] });
  });
  afterAll(() => stage.close());

  it('are decided one by one, each runs once, and the model hears of both together', async () => {
    stage.llm.script(restartCalls('db1', 'db2'), { text: 'Both are up.' });
    const asked = await stage.ask('restart both', 'both');
    expect(asked.response).toBe('I need approval before I run these 2 calls.');
    expect(asked.approval_ids).toHaveLength(2);

    await stage.decide(asked.approval_ids[1], 'approve');
    const between = await stage.settled('both');
    expect(between.turn.status).toBe('waiting');
    expect(ops.restarted).toEqual(['db2']);
    expect(stage.llm.requests).toHaveLength(1);

    await stage.decide(asked.approval_ids[0], 'approve');
    expect((await stage.settled('both')).turn.status).toBe('done');
    expect(ops.restarted).toEqual(['db2', 'db1']);
    expect(conversationOf(stage.llm.requests.at(-1)).slice(1)).toEqual([
      'assistant: (calls)',
      'tool: restarted db1',
      'tool: restarted db2',
    ]);
  });

  it('may be decided at the same moment', async () => {
    stage.llm.script(restartCalls('web1', 'web2'), { text: 'Done.' });
    const { approval_ids } = await stage.ask('restart both', 'moment');
    await Promise.all(approval_ids.map((id) => stage.decide(id, 'approve')));
    await stage.settled('moment');
    expect((await stage.settled('moment')).messages.at(-1)?.text).toBe('Done.');
    expect(ops.restarted.filter((host) => host.startsWith('web')).sort()).toEqual(['web1', 'web2']);
  });

  it('may be decided differently', async () => {
    stage.llm.script(restartCalls('yes', 'no'), { text: 'One of them.' });
    const { approval_ids } = await stage.ask('restart both', 'differently');
    await stage.decide(approval_ids[0], 'approve');
    await stage.decide(approval_ids[1], 'deny', 'not this one');
    await stage.settled('differently');
    expect(ops.restarted).toContain('yes');
    expect(ops.restarted).not.toContain('no');
    expect(conversationOf(stage.llm.requests.at(-1)).at(-1)).toContain('not this one');
  });

  it('lets a read beside them run at once', async () => {
    const look = { name: 'ops__look', arguments: '{}' };
    stage.llm.script({ calls: [look, ...restartCalls('db9').calls] }, { text: 'Done.' });
    const { approval_ids } = await stage.ask('look and restart', 'beside');
    expect(ops.looks()).toBe(1);
    expect(approval_ids).toHaveLength(1);
    await stage.decide(approval_ids[0], 'approve');
    await stage.settled('beside');
    expect(ops.looks()).toBe(1);
    expect(ops.restarted.at(-1)).toBe('db9');
  });
});
