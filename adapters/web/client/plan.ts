import type { PlanStep } from '../../../src/chat/live.ts';

/** The tool by which models write their plan. */
const TOOL = 'write_todos';
const STATUSES: readonly unknown[] = ['pending', 'in_progress', 'completed'] satisfies PlanStep['status'][];

/** The plan that a tool call writes; undefined: it is another call, or writes none. */
export function planIn(call: {
  readonly tool: string;
  readonly arguments: string;
}): readonly PlanStep[] | undefined {
  if (call.tool !== TOOL) return undefined;
  try {
    const { todos } = JSON.parse(call.arguments) as { readonly todos?: unknown };
    return Array.isArray(todos) && todos.length > 0 && todos.every(isTodo)
      ? todos.map(({ content, status }) => ({ text: content, status }))
      : undefined;
  } catch {
    return undefined;
  }
}

function isTodo(value: unknown): value is { content: string; status: PlanStep['status'] } {
  if (typeof value !== 'object' || value === null) return false;
  const { content, status } = value as { readonly content?: unknown; readonly status?: unknown };
  return typeof content === 'string' && STATUSES.includes(status);
}
