import { isRecord } from '../../../src/chat/json.ts';
import type { PlanStep } from '../../../src/chat/live.ts';

/** The tool by which models write their plan, as LangChain names it. */
const PLAN_TOOL = 'write_todos';
const STATUSES: readonly PlanStep['status'][] = ['pending', 'in_progress', 'completed'];

/** The plan that a tool call writes; undefined: it is another call, or writes none. */
export function planIn(call: {
  readonly tool: string;
  readonly arguments: string;
}): readonly PlanStep[] | undefined {
  if (call.tool !== PLAN_TOOL) return undefined;
  const given = readJson(call.arguments);
  const listed: unknown = isRecord(given) ? given.todos : undefined;
  if (!Array.isArray(listed) || listed.length === 0) return undefined;
  const steps = listed.flatMap((item: unknown) => stepOf(item) ?? []);
  return steps.length === listed.length ? steps : undefined;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function stepOf(item: unknown): PlanStep | undefined {
  if (!isRecord(item)) return undefined;
  const status = STATUSES.find((known) => known === item.status);
  return typeof item.content === 'string' && status !== undefined
    ? { text: item.content, status }
    : undefined;
}
