import type { Middleware } from '../agent/middleware.ts';
import type { Log, Metrics } from '../observe/port.ts';
import { logging } from './logging.ts';

/** What middleware may be built with. */
export interface MiddlewareParts {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Every middleware type by its name: adding one is a file and a line here. */
export const middlewareTypes = {
  LoggingMiddleware: logging,
} as const;

/** The layers around every turn where nobody configured others; fresh instances for each activation. */
export function defaultMiddleware(parts: MiddlewareParts): readonly Middleware[] {
  return [middlewareTypes.LoggingMiddleware(parts)];
}
