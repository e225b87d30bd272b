import { describe, expect, it } from 'vitest';
import type { BegunStep } from '../../src/agent/steps.ts';
import { clearWith, interruptedNote, newApprovals, type Policy } from '../../src/bot/clearance.ts';
import type { Approval } from '../../src/bot/port.ts';
import { call, tool } from '../agent/stage.ts';

const policy: Policy = {
  gate({ tool: wanted }) {
    if (wanted.effect === 'read') return { type: 'run' };
    return { type: 'ask', reason: 'It changes things.' };
  },
  digest: (name, args) => `${name} ${JSON.stringify(args)}`,
  version: ({ effect }) => effect,
};
const write = tool('restart', undefined, 'write');
const asked = call('a', 'restart', { host: 'db1' });
const now = Date.parse('2026-01-01T12:00:00Z');
const ada = { principal: 'slack:t:ada', name: 'Ada' };

const approval = (more: Partial<Approval>): Approval => ({
  id: 'yes',
  turnId: 't',
  threadId: 'slack:c',
  callId: 'a',
  tool: 'restart',
  effect: 'write',
  arguments: asked.arguments,
  digest: policy.digest('restart', asked.arguments),
  askedBy: ada,
  policyVersion: 'write',
  deciders: { permission: 'approve' },
  state: 'pending',
  spent: false,
  expiresAt: new Date(now + 1000),
  ...more,
});

function clear(
  approvals: readonly Approval[],
  {
    effect = write,
    begun = [],
  }: { readonly effect?: typeof write; readonly begun?: readonly BegunStep[] } = {},
) {
  return clearWith(policy, approvals, { now: () => now, words: () => '', heard: () => undefined })({
    call: asked,
    tool: effect,
    begun,
    approved: false,
  });
}

describe('whether a call may run', () => {
  it('is asked of policy where nobody has decided', () => {
    expect(clear([])).toEqual({ type: 'ask', reason: 'It changes things.' });
    expect(clear([], { effect: tool('restart') })).toEqual({ type: 'run' });
  });

  it('does not say “not run” of a call that had begun before it was denied', () => {
    const begun: readonly BegunStep[] = [{ type: 'begun', callId: 'a', digest: 'd', approvalId: 'spent' }];
    expect(clear([approval({ state: 'denied', decidedBy: ada })], { begun })).toMatchObject({
      type: 'refuse',
      text: expect.stringMatching(/^Not run again: Ada denied it\..*may have taken effect/),
    });
  });

  it('follows the decision about exactly this call', () => {
    expect(clear([approval({ state: 'approved' })])).toEqual({ type: 'run', approvalId: 'yes' });
    expect(clear([approval({ state: 'denied', decidedBy: ada, reason: 'no' })])).toMatchObject({
      type: 'refuse',
      text: expect.stringContaining('Ada denied it. Their reason: “no”'),
    });
    expect(clear([approval({ state: 'expired' })]).type).toBe('refuse');
    expect(clear([approval({ state: 'pending' })]).type).toBe('ask');
  });

  it.each([
    ['other arguments', { digest: 'restart {"host":"db2"}' }],
    ['another version of the tool', { policyVersion: 'destructive' }],
    ['another call', { callId: 'b' }],
  ])('does not follow an approval of %s', (_what, more) => {
    expect(clear([approval({ state: 'approved', ...more })]).type).toBe('ask');
  });

  it('does not follow an approval whose time was over before it was used', () => {
    const late = approval({ state: 'approved', expiresAt: new Date(now) });
    expect(clear([late])).toEqual({ type: 'ask', reason: 'It changes things.' });
    const context = {
      ...{ turnId: 't', threadId: 'slack:c', asker: ada, expiresAt: new Date(now + 1000) },
      deciders: { permission: 'approve' },
    };
    const question = { open: { call: asked, asked, begun: [] }, tool: write, reason: 'It changes things.' };
    expect(newApprovals(policy, [question], [late], context)).toHaveLength(1);
  });
});

describe('a call that began and whose end nobody saw', () => {
  const begun: readonly BegunStep[] = [{ type: 'begun', callId: 'a', digest: 'd', approvalId: 'yes' }];

  it('is put to people when it changes something, even if policy would let it run', () => {
    expect(clear([approval({ state: 'approved' })], { begun })).toEqual({
      type: 'ask',
      reason: interruptedNote,
    });
  });

  it('runs again by a new approval only', () => {
    const approvals = [approval({ state: 'approved' }), approval({ id: 'again', state: 'approved' })];
    expect(clear(approvals, { begun })).toEqual({ type: 'run', approvalId: 'again' });
  });

  it('is simply repeated when it only reads', () => {
    expect(clear([], { begun, effect: tool('restart') })).toEqual({ type: 'run' });
  });
});
