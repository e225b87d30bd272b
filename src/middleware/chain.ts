import type { MiddlewareRow } from '../resources/port.ts';

/**
 * What every model has unless it is told to have its own layers alone, or a row says otherwise: a row of
 * the same type takes its place, also one that is not active, which leaves it out. None of it holds back
 * what the model says, and none of it asks the database during a turn.
 */
export const defaultChain: readonly MiddlewareRow[] = [
  row('LoggingMiddleware', 10, {}),
  row('BudgetMiddleware', 15, {}),
  // Programs are held to the limits of the HTTP API, which knows their tokens.
  row('RateLimitMiddleware', 20, { burst: 0, exempt: ['token:'] }),
  row('ValidationMiddleware', 30, { max_input_length: 100_000, apply_to_output: false }),
  // As providers do it by themselves.
  row('RetryMiddleware', 60, { max_retries: 2, initial_delay: 0.5, max_delay: 30 }),
  row('ToolErrorHandlerMiddleware', 70, { max_retries: 1, retry_on: ['unreachable'] }),
];

function row(type: string, priority: number, config: MiddlewareRow['config']): MiddlewareRow {
  return { type, priority, config, isActive: true, isCritical: false };
}

/** The default layers that a model has beside rows of these types. */
export function impliedBy(rows: readonly { readonly type: string }[]): readonly MiddlewareRow[] {
  const named = new Set(rows.map(({ type }) => type));
  return defaultChain.filter(({ type }) => !named.has(type));
}

/** The rows that take effect, outermost first: those that are active, and default ones that no row replaces. */
export function chosen(
  rows: readonly MiddlewareRow[],
  defaults: readonly MiddlewareRow[] = impliedBy(rows),
): readonly MiddlewareRow[] {
  const all = [...rows.filter(({ isActive }) => isActive), ...defaults];
  return all.sort((a, b) => a.priority - b.priority || (a.type < b.type ? -1 : 1));
}
