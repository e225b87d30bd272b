import { randomUUID } from 'node:crypto';
import type { Clearance } from '../agent/dispatch.ts';
import type { JsonObject } from '../agent/json.ts';
import type { Question } from '../agent/loop.ts';
import { askDecisions, type ToolInput } from '../agent/middleware.ts';
import type { Tool } from '../agent/tool.ts';
import type { Author, ThreadId } from '../chat/inbound.ts';
import type { Approval, Deciders } from './port.ts';
import { isOpen } from './questions.ts';

/** What the bot asks of policy. */
export interface Policy {
  /**
   * Whether this call may run without asking people; `words` is what the asker wrote, `heard` a tool
   * whose results, perhaps with the words of strangers, the model has read.
   */
  gate(call: {
    readonly tool: Tool;
    readonly arguments: JsonObject;
    readonly words: () => string;
    readonly heard: () => string | undefined;
  }): { readonly type: 'run' } | { readonly type: 'ask'; readonly reason: string };
  /** What an approval is bound to: the tool's name and its exact arguments. */
  digest(toolName: string, args: JsonObject): string;
  /** Changes whenever the tool's definition or effect does. */
  version(tool: Tool): string;
}

export interface ClearContext {
  readonly now: () => number;
  /** What the asker wrote. */
  readonly words: () => string;
  /** A tool whose untrusted results the model has read; undefined: none. */
  readonly heard: () => string | undefined;
  /** Nobody is there who sees what runs. */
  readonly isUnattended?: boolean;
  /** Nothing but a read is run, and nobody is asked. */
  readonly readsOnly?: boolean;
}

/**
 * Decides about calls by policy and by the decisions stored for this turn. An approval that was not
 * spent before its time was over is asked for again.
 */
export function clearWith(
  policy: Policy,
  approvals: readonly Approval[],
  { now, words, heard, isUnattended = false, readsOnly = false }: ClearContext,
): (input: ToolInput) => Clearance {
  return ({ call, tool, begun }) => {
    if (readsOnly) return readAlone(policy.gate({ tool, arguments: call.arguments, words, heard }), tool);
    const spent = new Set(begun.map((step) => step.approvalId));
    const asked = approvals.filter(
      (approval) => approval.callId === call.id && approval.need === undefined && !spent.has(approval.id),
    );
    const latest = asked.findLast((approval) => isAbout(policy, approval, tool, call.arguments));
    const isLate = latest?.state === 'approved' && latest.expiresAt.getTime() <= now();
    if (latest === undefined || isLate) {
      if (begun.length > 0 && tool.effect !== 'read') return { type: 'ask', reason: interruptedNote };
      const gated = policy.gate({ tool, arguments: call.arguments, words, heard });
      const runsUnseen = isUnattended && gated.type === 'run' && tool.effect !== 'read';
      return runsUnseen ? { type: 'ask', reason: unattendedNote } : gated;
    }
    switch (latest.state) {
      case 'approved':
        return { type: 'run', approvalId: latest.id };
      case 'pending':
        return { type: 'ask', reason: latest.note ?? '' };
      case 'denied':
        if (latest.response !== undefined)
          return { type: 'respond', text: responseText(latest, begun.length > 0) };
        return { type: 'refuse', text: refusal(deniedText(latest), begun.length > 0) };
      case 'expired':
        return { type: 'refuse', text: refusal(expiredText, begun.length > 0) };
      case 'cancelled':
        return { type: 'refuse', text: refusal('the request for approval was cancelled.', begun.length > 0) };
      default:
        return latest.state satisfies never;
    }
  };
}

/** What people would have to be asked for is not run either: nobody is there, and the turn is to end by itself. */
function readAlone(gated: ReturnType<Policy['gate']>, { effect }: Tool): Clearance {
  if (effect !== 'read') return { type: 'refuse', text: `Not run: ${readsOnlyText}` };
  if (gated.type === 'run') return gated;
  const why = gated.reason === '' ? 'People must approve it first.' : gated.reason;
  return { type: 'refuse', text: `Not run: ${why} ${nobodyText}` };
}

const readsOnlyText = 'this turn may only read. Suggest it to people instead.';
const nobodyText =
  'Nobody is there who could be asked; say that you could not look at it. People can ask for it in this thread.';

function isAbout(policy: Policy, approval: Approval, tool: Tool, args: JsonObject): boolean {
  const { digest } = approval.edited ?? approval;
  return digest === policy.digest(tool.name, args) && approval.policyVersion === policy.version(tool);
}

export const interruptedNote =
  'An earlier attempt of exactly this call was interrupted and may have taken effect. Check before you approve it again.';

const unattendedNote = 'A schedule asks for it: nothing but reads runs while nobody is there.';

const expiredText = 'nobody approved it in time. Tell the person; do not call it again by yourself.';

function refusal(why: string, mayHaveRun: boolean): string {
  if (!mayHaveRun) return `Not run: ${why}`;
  return `Not run again: ${why} The earlier attempt was cut off and may have taken effect; say so.`;
}

function deniedText({ decidedBy, reason }: Approval): string {
  const who = decidedBy?.name ?? 'a person';
  const why = reason === undefined ? '' : ` Their reason: “${reason}”.`;
  return `${who} denied it.${why} Do not try it again unless asked to.`;
}

/** Whose words they are is said before them: they are the result of no tool. */
function responseText({ decidedBy, response = '' }: Approval, mayHaveRun: boolean): string {
  const cutOff = mayHaveRun ? ' An earlier attempt was cut off and may have taken effect; say so.' : '';
  return `Not run. ${decidedBy?.name ?? 'A person'}, who was asked to approve it, answered in place of the tool.${cutOff} Their words:\n\n${response}`;
}

export interface AskContext {
  readonly turnId: string;
  readonly threadId: ThreadId;
  readonly asker: Author;
  readonly expiresAt: Date;
  /** Of whether a call may run; what it needs of its asker is theirs alone to give. */
  readonly deciders: Deciders;
}

/** The approvals to store for questions that nobody has been asked yet. */
export function newApprovals(
  policy: Policy,
  questions: readonly Question[],
  known: readonly Approval[],
  context: AskContext,
): readonly Approval[] {
  const isAsked = ({ open, tool, need }: Question) => {
    if (need !== undefined) return isOpen(known, open.call.id, need);
    return known.some(
      (approval) =>
        approval.state === 'pending' &&
        approval.need === undefined &&
        approval.callId === open.call.id &&
        isAbout(policy, approval, tool, open.call.arguments),
    );
  };
  const own = { permission: 'chat', only: [context.asker.principal] };
  return questions
    .filter((question) => !isAsked(question))
    .map(({ open, tool, reason, need, ...more }) => ({
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
      ...(need === undefined
        ? { deciders: context.deciders, ...sayable(tool, more) }
        : { need, deciders: own }),
      state: 'pending' as const,
      spent: false,
      expiresAt: context.expiresAt,
    }));
}

/** What may be said to it, and what other arguments must fit: as the tool was when it was asked. */
function sayable(
  { inputSchema }: Tool,
  { allows = askDecisions, argsSchemas = [] }: Pick<Question, 'allows' | 'argsSchemas'>,
): Pick<Approval, 'allows' | 'schemas'> {
  return { allows, ...(allows.includes('edit') ? { schemas: [inputSchema, ...argsSchemas] } : {}) };
}
