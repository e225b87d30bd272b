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
