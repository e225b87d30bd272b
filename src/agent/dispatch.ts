import type { ToolInput, ToolNext } from './middleware.ts';
import type { Tool } from './tool.ts';

/** Whether a call may run now: policy, and what people have decided about exactly this call. */
export type Clearance =
  | { readonly type: 'run'; readonly approvalId?: string }
  | { readonly type: 'refuse'; readonly text: string }
  /** `reason`: one sentence beyond the tool's effect; empty where the effect says it all. */
  | { readonly type: 'ask'; readonly reason: string };

export interface Dispatch {
  clear(input: ToolInput): Clearance;
  /** Stores that a call which can write begins, and spends its approval. Throws when it may not. */
  begin(input: ToolInput, approvalId: string | undefined): Promise<void>;
  toolStart(call: { readonly id: string; readonly name: string; readonly arguments: string }): void;
  toolEnd(call: {
    readonly id: string;
    readonly name: string;
    readonly ok: boolean;
    readonly durationMs: number;
    readonly text: string;
  }): void;
}

/**
 * The innermost layer of every tool call: policy decides, the beginning of a write is stored, the
 * tool runs. Middleware outside of it may only add to what it asks.
 */
export function dispatchWith(dispatch: Dispatch): ToolNext {
  return async (input, signal) => {
    const clearance = dispatch.clear(input);
    if (clearance.type === 'ask') return clearance;
    if (clearance.type === 'refuse') {
      return { type: 'result', ran: false, outcome: { text: clearance.text, isError: true } };
    }
    const isSpent = clearance.approvalId !== undefined;
    if (isSpent || input.tool.effect !== 'read') await dispatch.begin(input, clearance.approvalId);
    signal.throwIfAborted();
    return { type: 'result', ran: true, outcome: await runShown(dispatch, input, signal) };
  };
}

async function runShown(dispatch: Dispatch, { call, tool }: ToolInput, signal: AbortSignal) {
  dispatch.toolStart({ id: call.id, name: call.name, arguments: JSON.stringify(call.arguments) });
  const startedAt = performance.now();
  const outcome = await runSafely(tool, call.arguments, signal);
  const durationMs = Math.round(performance.now() - startedAt);
  dispatch.toolEnd({ id: call.id, name: call.name, ok: !outcome.isError, durationMs, text: outcome.text });
  return outcome;
}

/** A tool that throws against its contract fails alone; only an abort passes. */
async function runSafely(tool: Tool, args: ToolInput['call']['arguments'], signal: AbortSignal) {
  try {
    return await tool.run(args, signal);
  } catch (error) {
    signal.throwIfAborted();
    return {
      text: `${tool.name} failed: ${error instanceof Error ? error.message : String(error)}`,
      isError: true,
    };
  }
}
