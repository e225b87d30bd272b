import type { Route, RouteRequest, RouteResponse } from '../chat/route.ts';
import { isLocalRequest } from './loopback.ts';

/** How one thing that the bot needs or uses stands. */
export interface Check {
  readonly status: 'ok' | 'failed' | 'absent' | 'starting';
  readonly detail?: string;
}

export interface HealthReport {
  /** Required: without it the bot is not ready. */
  readonly database: Check;
  readonly redis: Check;
  readonly model: Check;
  readonly servers: Readonly<Record<string, Check>>;
}

export interface HealthOptions {
  readonly report: () => Promise<HealthReport>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
  /** True for a caller that may read everything, from wherever. */
  readonly mayRead: (authorization: string | undefined) => Promise<boolean>;
  /** Callers on this machine read the details without a token; in LAB only. */
  readonly showDetails: boolean;
  /** False once the process shuts down. */
  readonly accepting: () => boolean;
}

/**
 * `/health/live`, `/health/ready`, `/metrics`. Strangers learn how each part stands and no more:
 * details name servers and repeat errors.
 */
export function healthRoutes(options: HealthOptions): readonly Route[] {
  const { report, metrics, accepting, showDetails } = options;
  const mayRead = async (request: RouteRequest, whenLocal: boolean) =>
    (whenLocal && isLocalRequest(request)) || (await options.mayRead(request.headers.authorization));
  return [
    { method: 'GET', path: '/health/live', handle: async () => json(200, { status: 'ok' }) },
    {
      method: 'GET',
      path: '/health/ready',
      async handle(request) {
        const [checks, isTrusted] = await Promise.all([report(), mayRead(request, showDetails)]);
        const ready = accepting() && checks.database.status === 'ok';
        const parts = isTrusted ? checks : statusesOf(checks);
        return json(ready ? 200 : 503, { status: ready ? 'ready' : 'not_ready', ...parts });
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      async handle(request) {
        if (!(await mayRead(request, true)))
          return json(401, { detail: 'Metrics need an API token from here.', code: 'unauthorized' });
        const { contentType, body } = await metrics();
        return { status: 200, headers: { 'content-type': contentType }, body };
      },
    },
  ];
}

/** The report without its details; servers are counted by status. */
function statusesOf({ database, redis, model, servers }: HealthReport) {
  const byStatus = Object.groupBy(Object.values(servers), (server) => server.status);
  const counts = Object.entries(byStatus).map(([status, group]) => [status, group.length]);
  const bare = ({ status }: Check) => ({ status });
  return {
    database: bare(database),
    redis: bare(redis),
    model: bare(model),
    servers: Object.fromEntries(counts),
  };
}

function json(status: number, body: unknown): RouteResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}

export interface HealthParts {
  /** Rejects unless the database answers. */
  readonly database: () => Promise<{ readonly kind: string }>;
  /** Undefined without one. */
  readonly redis: (() => Promise<Check>) | undefined;
  /** The model that answers; asked only while the database is there. */
  readonly model: () => Promise<Check>;
  readonly servers: () => Readonly<Record<string, Check>>;
}

/** Looks at everything that the bot needs or uses. Never rejects. */
export async function lookAround({ database, redis, model, servers }: HealthParts): Promise<HealthReport> {
  const databaseCheck = await database().then(({ kind }): Check => ({ status: 'ok', detail: kind }), failed);
  return {
    database: databaseCheck,
    redis: redis === undefined ? { status: 'absent', detail: 'not configured' } : await redis(),
    model: databaseCheck.status === 'ok' ? await model().catch(failed) : unknown,
    servers: servers(),
  };
}

const unknown: Check = { status: 'failed', detail: 'unknown while the database is away' };

function failed(error: unknown): Check {
  return { status: 'failed', detail: error instanceof Error ? error.message : String(error) };
}
