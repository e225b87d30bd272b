import { randomUUID } from 'node:crypto';
import { estimateTokens } from '../agent/budget.ts';
import type { Message, ToolMessage, UserMessage } from '../agent/messages.ts';
import { type OpenCall, openCalls, type Step, stepMessages } from '../agent/steps.ts';
import type { Checkpoint } from '../sessions/port.ts';
import type { Outcome } from './outcome.ts';
import type { Approval } from './port.ts';

export interface Remembered {
  readonly question: UserMessage;
  /** All steps, the answer's own included. */
  readonly steps: readonly Step[];
  readonly outcome: Outcome;
  readonly approvals: readonly Approval[];
  readonly prev: string | undefined;
  readonly replaces: string | undefined;
}

/**
 * What later turns will know of this one. Every call has a result, because vendors refuse histories
 * with open calls: one that waits for people says so, one that was cut off says that.
 */
export function checkpointOf(remembered: Remembered): Checkpoint {
  const messages = [
    remembered.question,
    ...closedMessages(remembered),
    ...closing(remembered.outcome),
  ].filter(saysSomething);
  return {
    id: randomUUID(),
    tokens: estimateTokens(messages),
    messages,
    ...(remembered.prev === undefined ? {} : { prev: remembered.prev }),
    ...(remembered.replaces === undefined ? {} : { replaces: remembered.replaces }),
  };
}

function closedMessages({ steps, approvals, outcome }: Remembered): readonly Message[] {
  const open = openCalls(steps);
  if (open.length === 0) return stepMessages(steps);
  const closed = open.map((item) => openResult(item, approvals, outcome));
  return stepMessages([
    ...steps,
    ...closed.map((message) => ({ type: 'result', message, durationMs: 0, ran: false }) as const),
  ]);
}

function openResult(
  { call, asked, begun }: OpenCall,
  approvals: readonly Approval[],
  outcome: Outcome,
): ToolMessage {
  const pending = approvals.find((approval) => approval.callId === call.id && approval.state === 'pending');
  const text =
    outcome.state === 'waiting' && pending !== undefined
      ? waitingText(pending)
      : begun.length > 0
        ? 'Cut off: it may have taken effect. Check before you do it again.'
        : 'Not run: the turn ended before.';
  const through = asked.name === call.name ? {} : { tool: call.name };
  return { role: 'tool', callId: call.id, name: asked.name, ...through, text, isError: true };
}

function waitingText({ id, need, askedBy }: Approval): string {
  if (need === undefined) return `Not run yet: waiting for approval ${id}.`;
  const what = { sign_in: 'sign in to', form: 'fill in a form of', link: 'open a page of' }[need.type];
  return `No result yet: waiting for ${askedBy.name} to ${what} ${need.server} (${id}).`;
}

/** The answer itself is a model step; every other end is told as the bot's own words. */
function closing(outcome: Outcome): readonly Message[] {
  if (outcome.state === 'waiting') return [];
  if (outcome.step !== undefined && outcome.state === 'done' && outcome.step.message.text.trim() !== '')
    return [];
  return [{ role: 'assistant', text: `(${outcome.text})`, calls: [] }];
}

function saysSomething(message: Message): boolean {
  return message.role !== 'assistant' || message.calls.length > 0 || message.text.trim() !== '';
}
