import type { Route } from '../../chat/route.ts';
import type { Ledger } from '../../middleware/port.ts';
import type { AuditLog, UsageLog } from '../../observe/port.ts';
import { auditRoutes } from './audit-routes.ts';
import type { RestContext } from './call.ts';
import { docsRoutes } from './docs-routes.ts';
import { listRoutes } from './list-routes.ts';
import { rootRoutes } from './root-routes.ts';
import { rowRoutes } from './row-routes.ts';
import { traceRoutes } from './trace-routes.ts';
import { usageRoutes } from './usage-routes.ts';

export { callerOf } from './call.ts';

export interface RestOptions extends RestContext {
  readonly audit: AuditLog;
  readonly usage: UsageLog;
  readonly traces: Pick<Ledger, 'trace'>;
  /** Forgets the tools of all MCP servers, and says of how many. */
  readonly clearToolCache: () => Promise<number>;
  /** Of the bot. */
  readonly version: string;
  /** LAB shows the API's description to strangers. */
  readonly showDetails: boolean;
}

/**
 * The REST face: all resources by their definitions, what clients of Nautobot ask besides, the audit
 * log, and the API's description. Errors are thrown and answered at the HTTP edge.
 */
export function restRoutes(options: RestOptions): readonly Route[] {
  const { resources, audit, usage, traces, version, clearToolCache, showDetails } = options;
  return [
    ...rootRoutes(options, { version, clearToolCache, audit }),
    ...auditRoutes(options, audit),
    ...usageRoutes(options, usage),
    ...traceRoutes(options, traces),
    ...resources.all.flatMap((resource) => [
      ...listRoutes(options, resource),
      ...rowRoutes(options, resource),
    ]),
    ...docsRoutes(options, { version, isOpen: showDetails }),
  ];
}
