import type { Ask, ToolAnswer, ToolInput, ToolNext } from './middleware.ts';
import { needText } from './need.ts';
import type { CallContext, Need, Tool, ToolOutcome } from './tool.ts';

/** Whether a call may run now: policy, and what people have decided about exactly this call. */
export type Clearance =
  | { readonly type: 'run'; readonly approvalId?: string }
  | { readonly type: 'refuse'; readonly text: string }
  /** A person gave the result, so that the tool is not run. */
  | { readonly type: 'respond'; readonly text: string }
  /** `reason`: one sentence beyond the tool's effect; empty where the effect says it all. */
  | { readonly type: 'ask'; readonly reason: string };

/** What the asker of a call has said to its needs. */
export interface Asked {
  readonly context: CallContext;
  /** What they have been asked for and not answered yet. */
  readonly open?: Need;
}

/** A run that ended because the call needs something. */
export interface NeededRun {
  readonly need: Need;
  readonly durationMs: number;
  /** The approval that the run had spent. */
  readonly approvalId?: string;
}

export interface Dispatch {
  clear(input: ToolInput): Clearance;
  asked(input: ToolInput): Asked;
  /** Stores that a call which can write begins, and spends its approval. Throws when it may not. */
  begin(input: ToolInput, approvalId: string | undefined): Promise<void>;
  /** Stores that the run ended without a result, and gives back its approval. */
  needed(input: ToolInput, run: NeededRun): Promise<void>;
  toolStart(call: {
    readonly id: string;
    readonly name: string;
    readonly arguments: string;
    readonly isQuiet: boolean;
  }): void;
  /** The tool said how far it is. */
  toolProgress(call: { readonly id: string; readonly name: string }, text: string): void;
}

/**
 * The innermost layer of every tool call: the asker gives what the call cannot begin without, policy
 * decides, the beginning of a write is stored, the tool runs. Middleware outside of it may only add to
 * what it asks.
 */
export function dispatchWith(dispatch: Dispatch): ToolNext {
  return async (input, signal) => {
    const clearance = dispatch.clear(input);
    if (clearance.type === 'refuse') return refused(clearance.text);
    if (clearance.type === 'respond') return responded(clearance.text);
    const asked = dispatch.asked(input);
    const missing = await missingFor(input.tool, asked, signal);
    if (missing !== undefined) return missing;
    if (clearance.type === 'ask') return clearance;
    const { approvalId } = clearance;
    if (approvalId !== undefined || input.tool.effect !== 'read') await dispatch.begin(input, approvalId);
    signal.throwIfAborted();
    return await runOnce(dispatch, input, {
      context: asked.context,
      signal,
      ...(approvalId === undefined ? {} : { approvalId }),
    });
  };
}

/** What the asker must give before the call can begin, or why it cannot begin at all. */
async function missingFor(
  tool: Tool,
  { context, open }: Asked,
  signal: AbortSignal,
): Promise<ToolAnswer | undefined> {
  if (open !== undefined) return askFor(open);
  try {
    const need = await tool.needs?.(context);
    if (need === undefined) return undefined;
    const text = needText(need, context.answers);
    return text === undefined ? askFor(need) : refused(`Not run: ${text}`);
  } catch (error) {
    signal.throwIfAborted();
    return refused(failureText(tool, error));
  }
}

interface Run {
  readonly context: CallContext;
  readonly signal: AbortSignal;
  readonly approvalId?: string;
}

async function runOnce(dispatch: Dispatch, input: ToolInput, run: Run): Promise<ToolAnswer> {
  const { call, tool } = input;
  const isQuiet = tool.isQuiet === true;
  dispatch.toolStart({ id: call.id, name: call.name, arguments: JSON.stringify(call.arguments), isQuiet });
  const startedAt = performance.now();
  const progress = (text: string) =>
    dispatch.toolProgress({ id: call.id, name: call.name }, input.shownAs?.(text) ?? text);
  const found = await runSafely(tool, call.arguments, { ...run, context: { ...run.context, progress } });
  const durationMs = Math.round(performance.now() - startedAt);
  const { need, ...rest } = found;
  const settled = need === undefined ? undefined : needText(need, run.context.answers);
  if (need !== undefined && settled === undefined) {
    const spent = run.approvalId === undefined ? {} : { approvalId: run.approvalId };
    await dispatch.needed(input, { need, durationMs, ...spent });
    return askFor(need);
  }
  const outcome = settled === undefined ? rest : { text: `No result: ${settled}`, isError: true };
  return { type: 'result', ran: true, outcome };
}

/** A tool that throws against its contract fails alone; only an abort passes. */
async function runSafely(
  tool: Tool,
  args: ToolInput['call']['arguments'],
  { signal, context }: Run,
): Promise<ToolOutcome> {
  try {
    return await tool.run(args, signal, context);
  } catch (error) {
    signal.throwIfAborted();
    return { text: failureText(tool, error), isError: true };
  }
}

function failureText(tool: Tool, error: unknown): string {
  return `${tool.name} failed: ${error instanceof Error ? error.message : String(error)}`;
}

function askFor(need: Need): Ask {
  return { type: 'ask', reason: '', need };
}

function responded(text: string): ToolAnswer {
  return { type: 'result', ran: false, isPersons: true, outcome: { text, isError: false } };
}

function refused(text: string): ToolAnswer {
  return { type: 'result', ran: false, outcome: { text, isError: true } };
}
