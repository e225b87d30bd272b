import { UnavailableError } from '../chat/errors.ts';
import type { Gate, Identity } from '../chat/identity.ts';
import { isLocalRequest } from '../chat/local-request.ts';
import type { Route, RouteRequest, RouteResponse } from '../chat/route.ts';

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
  /** The chat platforms that tell how they stand; absent where there are none. */
  readonly platforms?: Readonly<Record<string, Check>>;
}

export interface HealthOptions {
  readonly report: () => Promise<HealthReport>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
  /** Tells who sends a token: those who may see MCP servers read everything, from wherever. */
  readonly gate: Pick<Gate, 'identify' | 'denied'>;
  /** Callers on this machine read the details without a token; in LAB only. */
  readonly showDetails: boolean;
  /** False once the process shuts down. */
  readonly accepting: () => boolean;
}

/** What the details and the metrics need, which name servers and repeat their errors. */
const PERMISSION = 'ai_ops.view_mcpserver';

/** Says that a token that was sent is none; also with an answer that needs none. */
const ASK = { 'www-authenticate': 'Token' } as const;

const UNSURE = 'The bot cannot reach its database, so it cannot tell who asks. Try again in a moment.';

/**
 * `/health/live`, `/health/ready`, `/metrics`. Strangers learn how each part stands and no more. A wrong
 * token does not make readiness fail: whoever probes with one that was taken away stops no replica.
 */
export function healthRoutes(options: HealthOptions): readonly Route[] {
  const { report, metrics, accepting, showDetails, gate } = options;
  return [
    { method: 'GET', path: '/health/live', handle: async () => json(200, { status: 'ok' }) },
    {
      method: 'GET',
      path: '/health/ready',
      isLimited: 'failures',
      async handle(request) {
        const [checks, reader] = await Promise.all([report(), readerOf(request, showDetails, gate)]);
        const ready = accepting() && checks.database.status === 'ok';
        const parts = mayRead(reader) ? checks : statusesOf(checks);
        const body = { status: ready ? 'ready' : 'not_ready', ...parts };
        return json(ready ? 200 : 503, body, reader === 'unknown' ? ASK : {});
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      isLimited: 'failures',
      async handle(request) {
        const reader = await readerOf(request, true, gate);
        if (!mayRead(reader)) return refuse(reader, request, gate);
        const { contentType, body } = await metrics();
        return { status: 200, headers: { 'content-type': contentType }, body };
      },
    },
  ];
}

/**
 * Who reads: somebody on this machine, somebody whose token is known, nobody who says so, somebody with a
 * wrong token, or somebody of whom nobody can tell while the database is away.
 */
type Reader = 'local' | Identity | 'nobody' | 'unknown' | 'unsure';

async function readerOf(
  request: RouteRequest,
  whenLocal: boolean,
  gate: HealthOptions['gate'],
): Promise<Reader> {
  if (whenLocal && isLocalRequest(request)) return 'local';
  if (request.headers.authorization === undefined) return 'nobody';
  try {
    return (await gate.identify(request)) ?? 'unknown';
  } catch (error) {
    if (error instanceof UnavailableError) return 'unsure';
    throw error;
  }
}

function mayRead(reader: Reader): boolean {
  return typeof reader === 'string' ? reader === 'local' : reader.permissions.has(PERMISSION);
}

function refuse(reader: Reader, request: RouteRequest, gate: HealthOptions['gate']): RouteResponse {
  if (typeof reader === 'string') {
    if (reader === 'unsure')
      return json(503, { detail: UNSURE, code: 'unavailable' }, { 'retry-after': '1' });
    return json(401, { detail: 'Metrics need a valid API token from here.', code: 'unauthenticated' }, ASK);
  }
  gate.denied({ identity: reader, permission: PERMISSION, request });
  const detail = `This needs the permission ${PERMISSION}; ask an administrator to grant it.`;
  return json(403, { detail, code: 'forbidden' });
}

/** The report without its details; servers are counted by status. */
function statusesOf({ database, redis, model, servers, platforms }: HealthReport) {
  const byStatus = Object.groupBy(Object.values(servers), (server) => server.status);
  const counts = Object.entries(byStatus).map(([status, group]) => [status, group.length]);
  const bare = ({ status }: Check) => ({ status });
  return {
    database: bare(database),
    redis: bare(redis),
    model: bare(model),
    servers: Object.fromEntries(counts),
    ...(platforms === undefined
      ? {}
      : {
          platforms: Object.fromEntries(
            Object.entries(platforms).map(([name, check]) => [name, bare(check)]),
          ),
        }),
  };
}

function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): RouteResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** The report as people outside LAB see it: what failed, and that the log says why. */
export function withoutDetails(report: HealthReport): HealthReport {
  const masked = (check: Check): Check =>
    check.status === 'failed' ? { ...check, detail: 'not well; the bot’s log says why' } : check;
  const all = (checks: Readonly<Record<string, Check>>) =>
    Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, masked(check)] as const));
  return {
    database: masked(report.database),
    redis: masked(report.redis),
    model: masked(report.model),
    servers: all(report.servers),
    ...(report.platforms === undefined ? {} : { platforms: all(report.platforms) }),
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
  readonly platforms?: () => Readonly<Record<string, Check>>;
}

/** Looks at everything that the bot needs or uses. Never rejects. */
export async function lookAround({
  database,
  redis,
  model,
  servers,
  platforms,
}: HealthParts): Promise<HealthReport> {
  const databaseCheck = await database().then(({ kind }): Check => ({ status: 'ok', detail: kind }), failed);
  return {
    database: databaseCheck,
    redis: redis === undefined ? { status: 'absent', detail: 'not configured' } : await redis(),
    model: databaseCheck.status === 'ok' ? await model().catch(failed) : unknown,
    servers: servers(),
    ...(platforms === undefined ? {} : { platforms: platforms() }),
  };
}

const unknown: Check = { status: 'failed', detail: 'unknown while the database is away' };

function failed(error: unknown): Check {
  return { status: 'failed', detail: error instanceof Error ? error.message : String(error) };
}
