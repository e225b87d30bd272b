import { canonicalJson } from './json.ts';
import type { ToolCall } from './messages.ts';
import { callsOf, type Step } from './steps.ts';

/** Two calls with the same key ask for the same thing. */
export function callKey(call: ToolCall): string {
  return `${call.name} ${canonicalJson(call.arguments)}`;
}

/** Tells which calls, as they are to be run, have already run as often as one turn may run them. */
export type Repeats = (call: ToolCall) => boolean;

/** Counts the calls of a turn that ran, and those asked for now, in order. */
export function countRepeats(steps: readonly Step[], maxRepeats: number): Repeats {
  const ran = new Set(
    steps.flatMap((step) => (step.type === 'result' && step.ran ? [step.message.callId] : [])),
  );
  const counts = new Map<string, number>();
  const add = (call: ToolCall) => counts.set(callKey(call), (counts.get(callKey(call)) ?? 0) + 1);
  for (const call of callsOf(steps)) if (ran.has(call.id)) add(call);
  return (call) => {
    const tooMany = (counts.get(callKey(call)) ?? 0) >= maxRepeats;
    add(call);
    return tooMany;
  };
}
