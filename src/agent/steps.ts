import { withBackground } from './background.ts';
import type { Charge } from './cost.ts';
import { toRun } from './indirect.ts';
import type { AssistantMessage, Message, ToolCall, ToolMessage, UserMessage } from './messages.ts';
import type { StopReason, Usage } from './provider.ts';
import type { Need } from './tool.ts';

/**
 * What a turn has done, in order. A turn's state is nothing but its stored steps, so that a restart,
 * a take-over or an answer days later goes on where the last step ended.
 */
export type Step = ModelStep | BegunStep | NeededStep | ResultStep | SaidStep;

/** A model call that ended. */
export interface ModelStep {
  readonly type: 'model';
  readonly message: AssistantMessage;
  readonly stop: StopReason;
  readonly usage: Usage;
  /** The model's name as configured. */
  readonly model: string;
  /** What `usage` is made of, by model, with what it costs; absent: no vendor told. */
  readonly charges?: readonly Charge[];
  readonly durationMs: number;
}

/** A call that can write, stored before it starts. Without a later result nobody knows whether it ran. */
export interface BegunStep {
  readonly type: 'begun';
  readonly callId: string;
  readonly digest: string;
  /** The approval it spends; absent when policy let it run by itself. */
  readonly approvalId?: string;
}

/**
 * A run that ended without a result, because the call needs something of the asker. It closes what had
 * begun: the call is run anew once they have answered, and may spend its approval again. What destroys
 * is not run twice on one approval: its beginning stays open, and people are asked once more.
 */
export interface NeededStep {
  readonly type: 'needed';
  readonly callId: string;
  readonly need: Need['type'];
  readonly durationMs: number;
  /** Set when what had begun is not closed. */
  readonly mayHaveRun?: true;
}

/** A tool call that ended, was refused, or was denied. */
export interface ResultStep {
  readonly type: 'result';
  readonly message: ToolMessage;
  readonly durationMs: number;
  /** False when the tool itself was not run: refused, denied, unknown, invalid. */
  readonly ran: boolean;
  /** It did not run, but the words are its own: what it gave to an earlier call. */
  readonly isCopy?: boolean;
  /** Set by the loop breaker. */
  readonly refusedAsRepeat?: boolean;
}

/** The asker's message that steered the running turn. */
export interface SaidStep {
  readonly type: 'said';
  readonly message: UserMessage;
  /** What the message stands in; nothing that the asker said. */
  readonly context?: string;
}

/** A call of the last model step that has no result yet. */
export interface OpenCall {
  /** As it is to be run. */
  readonly call: ToolCall;
  /** As the model made it, with the same id: what its vendor's history must show. */
  readonly asked: ToolCall;
  /** The begun steps of this call that nothing has closed, oldest first. */
  readonly begun: readonly BegunStep[];
}

/** The calls that the newest model step asked for and that have no result. */
export function openCalls(steps: readonly Step[]): readonly OpenCall[] {
  const at = steps.findLastIndex((step) => step.type === 'model');
  const last = steps[at];
  if (last?.type !== 'model') return [];
  const after = steps.slice(at + 1);
  const answered = new Set(after.map((step) => (step.type === 'result' ? step.message.callId : '')));
  return last.message.calls
    .filter((call) => !answered.has(call.id))
    .map((asked) => ({
      call: toRun(asked),
      asked,
      begun: begunOf(after, asked.id),
    }));
}

/** What has begun since the call was last found to need its asker. */
function begunOf(steps: readonly Step[], callId: string): readonly BegunStep[] {
  const closed = steps.findLastIndex(
    (step) => step.type === 'needed' && step.callId === callId && step.mayHaveRun !== true,
  );
  return steps
    .slice(closed + 1)
    .filter((step) => step.type === 'begun')
    .filter((step) => step.callId === callId);
}

/** All calls that the steps asked for, as they are to be run, oldest first. */
export function callsOf(steps: readonly Step[]): readonly ToolCall[] {
  return steps.flatMap((step) => (step.type === 'model' ? step.message.calls.map(toRun) : []));
}

/** How many model calls the turn has made. */
export function modelSteps(steps: readonly Step[]): number {
  return steps.filter((step) => step.type === 'model').length;
}

/**
 * The messages that the steps add to the conversation. A call's result stands right behind the
 * message that asked for it, in the order of the calls; what people said meanwhile comes after.
 */
export function stepMessages(steps: readonly Step[]): readonly Message[] {
  const messages: Message[] = [];
  let results: ResultStep[] = [];
  let said: UserMessage[] = [];
  let calls: readonly ToolCall[] = [];
  const flush = () => {
    const order = new Map(calls.map((call, index) => [call.id, index]));
    const place = (step: ResultStep) => order.get(step.message.callId) ?? 0;
    messages.push(...results.sort((a, b) => place(a) - place(b)).map((step) => step.message), ...said);
    [results, said, calls] = [[], [], []];
  };
  for (const step of steps) {
    if (step.type === 'model') {
      flush();
      messages.push(step.message);
      calls = step.message.calls;
    } else if (step.type === 'result') results.push(step);
    else if (step.type === 'said') said.push(saidMessage(step));
  }
  flush();
  return messages;
}

function saidMessage({ message, context }: SaidStep): UserMessage {
  return { ...message, text: withBackground(message.text, context) };
}
