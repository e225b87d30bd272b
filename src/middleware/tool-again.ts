import { setTimeout as sleep } from 'node:timers/promises';
import type { ToolAnswer, ToolInput, ToolNext } from '../agent/middleware.ts';
import type { Tool, ToolOutcome } from '../agent/tool.ts';

/** Why a call may be made again. `error`: the tool itself said that it failed. */
export const toolFailures = ['unreachable', 'timeout', 'error'] as const;
type ToolFailure = (typeof toolFailures)[number];

/** How a failed call is made again. */
export interface Again {
  readonly retries: number;
  readonly on: readonly ToolFailure[];
  /** How long to wait before the retry of this number, counted from 0. */
  readonly waitMs: (retry: number) => number;
  /** Names of tools; a `*` stands for any characters. Undefined: all. */
  readonly tools?: readonly string[] | undefined;
  readonly acted: () => void;
}

/** The last answer, and how often the call was made again. */
export interface Tried {
  readonly answer: ToolAnswer;
  readonly retries: number;
}

/**
 * Calls, and calls again while it fails in a way that may pass. Only what reads, and needed nobody's
 * approval, is called twice: whatever writes may have taken effect, and an approval is good for one run.
 */
export async function callAgain(
  again: Again,
  next: ToolNext,
  { input, signal }: { readonly input: ToolInput; readonly signal: AbortSignal },
): Promise<Tried> {
  const may =
    input.tool.effect === 'read' &&
    !input.approved &&
    input.isTriedAgain !== true &&
    isMeant(input.tool, again.tools);
  const given = may ? { ...input, isTriedAgain: true } : input;
  for (let retries = 0; ; retries += 1) {
    const answer = await next(given, signal);
    if (!may || retries >= again.retries || !isPassing(answer, again.on)) return { answer, retries };
    again.acted();
    await sleep(again.waitMs(retries), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function isPassing(answer: ToolAnswer, on: readonly ToolFailure[]): boolean {
  if (answer.type === 'ask' || !answer.ran || !answer.outcome.isError) return false;
  return on.includes(failureOf(answer.outcome));
}

function failureOf({ failure }: ToolOutcome): ToolFailure {
  return failure ?? 'error';
}

/** Whether a tool is one of those that are named, by the name that models use or by its server's. */
export function isMeant(
  tool: Pick<Tool, 'name' | 'sourceName'>,
  names: readonly string[] | undefined,
): boolean {
  if (names === undefined) return true;
  return names.some((name) => matches(name, tool.name) || matches(name, tool.sourceName));
}

/** In time linear to the name, whatever the pattern. */
function matches(pattern: string, name: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return pattern === name;
  const end = name.length - last.length;
  if (end < first.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
