import type { Route, RouteResponse } from '../chat/route.ts';
import { isLoopbackAddress } from './loopback.ts';

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
  /** True for a caller that may read metrics from elsewhere than loopback. */
  readonly mayRead: (authorization: string | undefined) => Promise<boolean>;
  /** False once the process shuts down. */
  readonly accepting: () => boolean;
}

/** `/health/live`, `/health/ready`, `/metrics`. */
export function healthRoutes({ report, metrics, mayRead, accepting }: HealthOptions): readonly Route[] {
  return [
    { method: 'GET', path: '/health/live', handle: async () => json(200, { status: 'ok' }) },
    {
      method: 'GET',
      path: '/health/ready',
      async handle() {
        const checks = await report();
        const ready = accepting() && checks.database.status === 'ok';
        return json(ready ? 200 : 503, { status: ready ? 'ready' : 'not_ready', ...checks });
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      async handle(request) {
        const allowed =
          isLoopbackAddress(request.remoteAddress) || (await mayRead(request.headers.authorization));
        if (!allowed)
          return json(401, { detail: 'Metrics need an API token from here.', code: 'unauthorized' });
        const { contentType, body } = await metrics();
        return { status: 200, headers: { 'content-type': contentType }, body };
      },
    },
  ];
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
  /** The name of the model that answers; undefined when none is configured. */
  readonly model: () => Promise<string | undefined>;
  readonly servers: () => Readonly<Record<string, Check>>;
}

/** Looks at everything that the bot needs or uses. Never rejects. */
export async function lookAround({ database, redis, model, servers }: HealthParts): Promise<HealthReport> {
  const databaseCheck = await database().then(({ kind }): Check => ({ status: 'ok', detail: kind }), failed);
  const name = databaseCheck.status === 'ok' ? await model().catch(() => undefined) : undefined;
  return {
    database: databaseCheck,
    redis: redis === undefined ? { status: 'absent', detail: 'not configured' } : await redis(),
    model:
      name === undefined ? { status: 'absent', detail: 'none configured' } : { status: 'ok', detail: name },
    servers: servers(),
  };
}

function failed(error: unknown): Check {
  return { status: 'failed', detail: error instanceof Error ? error.message : String(error) };
}
