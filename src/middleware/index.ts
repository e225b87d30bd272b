import type { Middleware } from '../agent/middleware.ts';
import { ProviderError } from '../agent/provider.ts';
import type { Log, Metrics } from '../observe/port.ts';
import type { MiddlewareRow } from '../resources/port.ts';
import { logging } from './logging.ts';

/** What middleware may be built with. */
export interface MiddlewareParts {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Builds a layer from its stored config. */
type Build = (parts: MiddlewareParts, options: { readonly priority?: number }) => Middleware;

/** Every middleware type by its name: adding one is a file and a line here. */
export const middlewareTypes: Readonly<Record<string, Build>> = {
  LoggingMiddleware: logging,
};

/** Whether layers of this type can be built by this version. */
export function isBuilt(type: string): boolean {
  return Object.hasOwn(middlewareTypes, type);
}

/**
 * Fresh layers for one activation: those that are configured, and a log of what happens unless one is
 * configured. One that cannot be built is left out with a warning, or fails the turn when it is
 * critical: throws `ProviderError` `misconfigured`.
 */
export function layersFor(rows: readonly MiddlewareRow[], parts: MiddlewareParts): readonly Middleware[] {
  const layers = rows.flatMap((row) => {
    const build = Object.hasOwn(middlewareTypes, row.type) ? middlewareTypes[row.type] : undefined;
    if (build !== undefined) return [build(parts, { ...row.config, priority: row.priority })];
    if (row.isCritical) throw new ProviderError('misconfigured', missing(row.type));
    parts.log.warn('middleware_skipped', { type: row.type, reason: missing(row.type) });
    return [];
  });
  const hasLog = rows.some(({ type }) => type === 'LoggingMiddleware');
  return hasLog ? layers : [logging(parts), ...layers];
}

function missing(type: string): string {
  return `The middleware ${type} is not built into this version.`;
}
