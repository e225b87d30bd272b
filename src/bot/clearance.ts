import { randomUUID } from 'node:crypto';
import type { Clearance } from '../agent/dispatch.ts';
import type { JsonObject } from '../agent/json.ts';
import type { Question } from '../agent/loop.ts';
import type { ToolInput } from '../agent/middleware.ts';
import type { Tool } from '../agent/tool.ts';
import type { Author, ThreadId } from '../chat/inbound.ts';
import type { Approval } from './port.ts';

/** What the bot asks of policy. */
export interface Policy {
  /** Whether a call of this tool may run without asking people. */
  gate(tool: Tool): 'run' | 'ask';
  /** What an approval is bound to: the tool's name and its exact arguments. */
  digest(toolName: string, args: JsonObject): string;
  /** Changes whenever the tool's definition or effect does. */
  version(tool: Tool): string;
}

/** Decides about calls by policy and by the decisions stored for this turn. */
export function clearWith(policy: Policy, approvals: readonly Approval[]): (input: ToolInput) => Clearance {
  return ({ call, tool, begun }) => {
    const spent = new Set(begun.map((step) => step.approvalId));
    const asked = approvals.filter((approval) => approval.callId === call.id && !spent.has(approval.id));
    const latest = asked.findLast((approval) => isAbout(policy, approval, tool, call.arguments));
    if (latest === undefined) return ungated(policy, tool, begun.length > 0);
    switch (latest.state) {
      case 'approved':
        return { type: 'run', approvalId: latest.id };
      case 'pending':
        return { type: 'ask', reason: latest.note ?? '' };
      case 'denied':
        return { type: 'refuse', text: deniedText(latest) };
      case 'expired':
        return {
          type: 'refuse',
          text: 'Not run: nobody approved it in time. Tell the person; do not call it again by yourself.',
        };
      case 'cancelled':
        return { type: 'refuse', text: 'Not run: the request for approval was cancelled.' };
      default:
        return latest.state satisfies never;
    }
  };
}

function isAbout(policy: Policy, approval: Approval, tool: Tool, args: JsonObject): boolean {
  return (
    approval.digest === policy.digest(tool.name, args) && approval.policyVersion === policy.version(tool)
  );
}

export const interruptedNote =
  'An earlier attempt of exactly this call was interrupted and may have taken effect. Check before you approve it again.';

function ungated(policy: Policy, tool: Tool, interrupted: boolean): Clearance {
  if (interrupted && tool.effect !== 'read') return { type: 'ask', reason: interruptedNote };
  return policy.gate(tool) === 'run' ? { type: 'run' } : { type: 'ask', reason: '' };
}

function deniedText({ decidedBy, reason }: Approval): string {
  const who = decidedBy?.name ?? 'a person';
  const why = reason === undefined ? '' : ` Reason: ${reason}`;
  return `Not run: ${who} denied it.${why} Do not try it again unless asked to.`;
}

export interface AskContext {
  readonly turnId: string;
  readonly threadId: ThreadId;
  readonly asker: Author;
  readonly expiresAt: Date;
}

/** The approvals to store for questions that nobody has been asked yet. */
export function newApprovals(
  policy: Policy,
  questions: readonly Question[],
  known: readonly Approval[],
  context: AskContext,
): readonly Approval[] {
  const isAsked = ({ open, tool }: Question) =>
    known.some(
      (approval) =>
        approval.state === 'pending' &&
        approval.callId === open.call.id &&
        isAbout(policy, approval, tool, open.call.arguments),
    );
  return questions
    .filter((question) => !isAsked(question))
    .map(({ open, tool, reason }) => ({
      id: randomUUID(),
      turnId: context.turnId,
      threadId: context.threadId,
      callId: open.call.id,
      tool: tool.name,
      effect: tool.effect,
      arguments: open.call.arguments,
      digest: policy.digest(tool.name, open.call.arguments),
      ...(reason === '' ? {} : { note: reason }),
      askedBy: context.asker,
      policyVersion: policy.version(tool),
      state: 'pending' as const,
      spent: false,
      expiresAt: context.expiresAt,
    }));
}
