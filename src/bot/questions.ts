import { isSameNeed } from '../agent/need.ts';
import type { CallContext, Need, NeedAnswer } from '../agent/tool.ts';
import type { Principal } from '../chat/inbound.ts';
import type { ApprovalDecision, QuestionKind } from '../chat/reply.ts';
import type { Approval } from './port.ts';

/** What kind of question it is. */
export function kindOf({ need }: Pick<Approval, 'need'>): QuestionKind {
  return need?.type ?? 'approval';
}

/** What may be said to whether a call may run. */
export function allowsOf({ allows = ['approve', 'deny'] }: Approval): readonly ApprovalDecision[] {
  return allows;
}

/** What the asker of a call was asked for, and what they said, oldest first. */
export function askedFor(
  approvals: readonly Approval[],
  { callId, asker }: { readonly callId: string; readonly asker: Principal },
): { readonly context: CallContext; readonly open?: Need } {
  const own = approvals.filter((approval) => approval.callId === callId);
  const open = own.findLast(({ state }) => state === 'pending')?.need;
  return {
    context: { asker, answers: own.flatMap(answerIn) },
    ...(open === undefined ? {} : { open }),
  };
}

/** What is cancelled was asked anew, or never answered. */
function answerIn({ need, state, content }: Approval): readonly NeedAnswer[] {
  if (need === undefined) return [];
  switch (state) {
    case 'approved':
      return [{ need, action: 'accept', ...(content === undefined ? {} : { content }) }];
    case 'denied':
      return [{ need, action: 'decline' }];
    case 'expired':
      return [{ need, action: 'cancel' }];
    case 'pending':
    case 'cancelled':
      return [];
    default:
      return state satisfies never;
  }
}

/** Whether this need of the call is asked for already. */
export function isOpen(approvals: readonly Approval[], callId: string, need: Need): boolean {
  return approvals.some(
    (approval) =>
      approval.state === 'pending' &&
      approval.callId === callId &&
      approval.need !== undefined &&
      isSameNeed(approval.need, need),
  );
}
