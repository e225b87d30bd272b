import { canonicalJson } from '../agent/json.ts';
import type { ApprovalCard } from '../chat/reply.ts';
import type { Approval } from './port.ts';

/** An approval as people see it. */
export function toCard(approval: Approval): ApprovalCard {
  return {
    id: approval.id,
    tool: approval.tool,
    effect: approval.effect,
    arguments: canonicalJson(approval.arguments, 2),
    askedBy: approval.askedBy.name,
    state: approval.state,
    expiresAt: approval.expiresAt.toISOString(),
    ...(approval.note === undefined ? {} : { note: approval.note }),
    ...(approval.decidedBy === undefined ? {} : { decidedBy: approval.decidedBy.name }),
    ...(approval.reason === undefined ? {} : { reason: approval.reason }),
  };
}

/** What stands above the questions. */
export function pleaFor(count: number): string {
  return count === 1
    ? 'I need approval before I run this.'
    : `I need approval before I run these ${count} calls.`;
}
