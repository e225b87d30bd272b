import { canonicalJson } from '../agent/json.ts';
import type { Need } from '../agent/tool.ts';
import type { ApprovalCard } from '../chat/reply.ts';
import type { Approval } from './port.ts';
import { allowsOf, kindOf } from './questions.ts';

/** An approval as people see it; what the asker alone is asked for is not in it. */
export function toCard(approval: Approval): ApprovalCard {
  return {
    id: approval.id,
    kind: kindOf(approval),
    ...(approval.need === undefined ? {} : { server: approval.need.server }),
    tool: approval.tool,
    effect: approval.effect,
    arguments: canonicalJson(approval.arguments, 2),
    askedBy: approval.askedBy.name,
    state: approval.state,
    expiresAt: approval.expiresAt.toISOString(),
    ...(approval.note === undefined ? {} : { note: approval.note }),
    ...(approval.decidedBy === undefined ? {} : { decidedBy: approval.decidedBy.name }),
    ...(approval.reason === undefined ? {} : { reason: approval.reason }),
    ...(approval.need === undefined ? { allows: allowsOf(approval) } : {}),
    ...(approval.edited === undefined ? {} : { edited: canonicalJson(approval.edited.arguments, 2) }),
    ...(approval.response === undefined ? {} : { response: approval.response }),
  };
}

/** What stands above the questions. */
export function pleaFor(asked: readonly Approval[]): string {
  const count = asked.filter(({ need }) => need === undefined).length;
  const needs = asked.flatMap(({ need, askedBy }) =>
    need === undefined ? [] : [needText(need, askedBy.name)],
  );
  return [...approvalText(count), ...new Set(needs)].join('\n\n');
}

function approvalText(count: number): readonly string[] {
  if (count === 0) return [];
  return count === 1
    ? ['I need approval before I run this.']
    : [`I need approval before I run these ${count} calls.`];
}

function needText({ type, server }: Need, asker: string): string {
  switch (type) {
    case 'sign_in':
      return `I need ${asker} to sign in to ${server} before I can go on.`;
    case 'form':
      return `${server} asks ${asker} to fill in a form before I can go on.`;
    case 'link':
      return `${server} asks ${asker} to open a page before I can go on.`;
    default:
      return type satisfies never;
  }
}
