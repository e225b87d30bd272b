import type { Dispatch } from '../agent/dispatch.ts';
import type { EndedCall } from '../agent/loop.ts';
import type { ToolInput } from '../agent/middleware.ts';
import type { Listener } from '../agent/think.ts';
import type { ActiveTurn } from './activation.ts';
import { type ClearContext, clearWith } from './clearance.ts';
import type { BotParts } from './parts.ts';
import { askedFor } from './questions.ts';

/** The innermost layer of a turn's tool calls: policy, the journal, and what people see of it. */
export function dispatchFor(
  parts: BotParts,
  active: ActiveTurn,
  said: Pick<ClearContext, 'words' | 'heard'>,
): Dispatch {
  const clear = clearWith(parts.policy, active.approvals, {
    now: () => parts.clock.now(),
    isUnattended: active.turn.isUnattended ?? false,
    readsOnly: active.turn.readsOnly ?? false,
    ...said,
  });
  return {
    clear,
    asked: ({ call }: ToolInput) =>
      askedFor(active.approvals, { callId: call.id, asker: active.turn.asker.principal }),
    needed: active.journal.needed,
    async begin(input: ToolInput, approvalId: string | undefined) {
      await active.journal.begin(
        input,
        parts.policy.digest(input.tool.name, input.call.arguments),
        approvalId,
      );
    },
    toolStart(call: {
      readonly id: string;
      readonly name: string;
      readonly arguments: string;
      readonly isQuiet: boolean;
    }) {
      active.lease.check();
      if (call.isQuiet) return;
      active.preview?.show({
        type: 'tool_start',
        callId: call.id,
        tool: call.name,
        arguments: call.arguments,
      });
    },
    toolProgress(call: { readonly id: string; readonly name: string }, text: string) {
      active.preview?.show({ type: 'tool_progress', callId: call.id, tool: call.name, text });
    },
  };
}

const summaryCharacters = 200;

/** Shows people that a call has ended, and how its result begins. */
export function endedOf({ preview }: ActiveTurn): (call: EndedCall) => void {
  return ({ id, name, ok, durationMs, text }) => {
    const summary = text.slice(0, summaryCharacters);
    preview?.show({ type: 'tool_end', callId: id, tool: name, ok, durationMs, summary });
  };
}

/** Shows people what the model says while it speaks. */
export function listenerOf({ preview, lease }: ActiveTurn): Listener {
  return {
    text: (text: string) => preview?.show({ type: 'text', text }),
    reasoning: (text: string) => preview?.show({ type: 'reasoning', text }),
    restart: (reason: string) => {
      lease.check();
      preview?.show({ type: 'restart', reason });
    },
  };
}
