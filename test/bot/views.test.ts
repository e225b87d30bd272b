import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/agent/steps.ts';
import type { Approval, StoredTurn } from '../../src/bot/port.ts';
import { conversationView } from '../../src/bot/views.ts';

const at = new Date(0);
const asker = { principal: 'token:ada', name: 'Ada' };
const calls = [{ id: 'c1', name: 'ops__restart', arguments: {} }] as const;
const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
const asked: Step = {
  type: 'model',
  message: { role: 'assistant', text: 'A restart should help.', calls },
  stop: 'tool_calls',
  usage,
  model: 'm',
  durationMs: 1,
};

function approval(id: string, state: Approval['state']): Approval {
  return {
    id,
    state,
    turnId: 'turn',
    threadId: 'web:a:t',
    callId: 'c1',
    tool: 'ops__restart',
    effect: 'write',
    arguments: {},
    digest: 'd',
    askedBy: asker,
    policyVersion: '1',
    deciders: { permission: 'approve' },
    spent: state === 'approved',
    expiresAt: at,
  };
}

function turn(id: string, state: StoredTurn['state'], approvals: readonly Approval[] = []): StoredTurn {
  const steps = [{ step: asked, storedAt: at }];
  return { id, threadId: 'web:a:t', state, asker, question: 'restart', createdAt: at, steps, approvals };
}

const view = (...turns: readonly StoredTurn[]) => conversationView('web:a:t', turns, 0);

describe('a conversation', () => {
  it('asks about what is still open, not about what was decided before', () => {
    const { messages } = view(turn('t1', 'waiting', [approval('1', 'approved'), approval('2', 'pending')]));
    expect(messages.at(-1)).toMatchObject({ kind: 'approval', text: 'I need approval before I run this.' });
  });

  it('tells a call that waits for approval from one that runs', () => {
    const status = (stored: StoredTurn) => view(stored).messages.find(({ role }) => role === 'tool');
    expect(status(turn('t1', 'waiting', [approval('1', 'pending')]))).toMatchObject({ status: 'waiting' });
    expect(status(turn('t1', 'running', [approval('1', 'approved')]))).toMatchObject({ status: 'running' });
  });

  it('shows other arguments only of a call that ran with them, or still may', () => {
    const edited = {
      ...approval('1', 'approved'),
      edited: { arguments: { host: 'db2' }, digest: 'e' },
      decidedBy: { principal: 'token:bob', name: 'Bob' },
    };
    const result = (ran: boolean): Step => ({
      type: 'result',
      message: { role: 'tool', callId: 'c1', name: 'ops__restart', text: 'x', isError: false },
      durationMs: 1,
      ran,
    });
    const shown = (...steps: readonly Step[]) => {
      const stored = turn('t1', 'running', [edited, { ...approval('2', 'denied'), response: 'No.' }]);
      const all = [...stored.steps, ...steps.map((step) => ({ step, storedAt: at }))];
      return view({ ...stored, steps: all }).messages.find(({ role }) => role === 'tool');
    };
    expect(shown()).toHaveProperty('edited.by', 'Bob');
    expect(shown(result(true))).toHaveProperty('edited.by', 'Bob');
    expect(shown(result(false))).not.toHaveProperty('edited');
  });

  it('carries the status of every turn, also of one that spoke beside a call and still runs', () => {
    const { turns } = view(turn('t1', 'running'), turn('t2', 'queued'));
    expect(turns).toMatchObject([
      { id: 't1', status: 'running' },
      { id: 't2', status: 'queued' },
    ]);
  });
});
