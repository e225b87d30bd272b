import { describe, expect, it } from 'vitest';
import { createApprovalsAnswer } from '../../../src/chat/admin/approvals.ts';
import type { ApprovalView, Bot } from '../../../src/chat/bot.ts';
import type { DeskCaller } from '../../../src/chat/desk.ts';
import type { ApprovalCard } from '../../../src/chat/reply.ts';

const card: ApprovalCard = {
  id: '0c9d11',
  tool: 'ops__scale',
  effect: 'write',
  arguments: '{\n  "replicas": 9\n}',
  askedBy: 'Alice',
  state: 'pending',
  expiresAt: '2027-01-01T00:00:00.000Z',
};
const bob: DeskCaller = {
  author: { principal: 'slack:T:bob', name: 'Bob' },
  permissions: new Set(['approve']),
  source: 'slack',
};

async function shown(more: Partial<ApprovalCard>, isAsker = false) {
  const approval = { ...card, ...more };
  const mayDecide = approval.state === 'pending';
  const view: ApprovalView = { threadId: 'slack:t', turnId: 't', approval, mayDecide, isAsker };
  const bot: Pick<Bot, 'pendingApprovals' | 'approval' | 'decide'> = {
    pendingApprovals: async () => [view],
    approval: async () => view,
    decide: async () => undefined,
  };
  const answer = createApprovalsAnswer({ bot, linkTo: async () => undefined });
  return await answer({ verb: 'show', id: approval.id, isSure: false, reason: '' }, bob);
}
const labels = async (more: Partial<ApprovalCard>, isAsker = false) => {
  const answer = await shown(more, isAsker);
  return 'buttons' in answer ? answer.buttons?.map(({ label }) => label) : undefined;
};

describe('one approval, as a command shows it', () => {
  it('is the call as it was approved, with what was changed', async () => {
    const text = JSON.stringify(
      await shown({ state: 'approved', decidedBy: 'Carol', edited: '{\n  "replicas": 3\n}' }),
    );
    expect(text).toContain(JSON.stringify('"replicas": 3').slice(1, -1));
    for (const line of ['- replicas: 9', '+ replicas: 3']) expect(text).toContain(line);
  });

  it('offers what may be said to it, and says where the rest is', async () => {
    expect(await labels({})).toEqual(['Approve', 'Deny']);
    expect(await labels({ allows: ['approve'] }, true)).toEqual(['Approve']);
    expect(await labels({ allows: ['edit', 'deny'] })).toEqual(['Deny']);
    expect(await labels({ allows: ['respond'] })).toEqual([]);
    expect(JSON.stringify(await shown({ allows: ['edit', 'respond'] }))).toContain(
      'It can be approved with changes or answered with your own words where it is asked',
    );
  });
});
