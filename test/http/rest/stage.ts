import { sql } from 'kysely';
import type { Gate, Identity } from '../../../src/chat/identity.ts';
import type { RateLimits } from '../../../src/http/rate-limits.ts';
import { restRoutes } from '../../../src/http/rest/index.ts';
import { createHttpServer } from '../../../src/http/server.ts';
import type { Resource } from '../../../src/resources/definition.ts';
import { resources as allResources } from '../../../src/resources/index.ts';
import { createResources } from '../../../src/resources/manage.ts';
import type { World } from '../../../src/resources/world.ts';
import { auditLog } from '../../../src/store/audit.ts';
import { ledger } from '../../../src/store/ledger.ts';
import { resourceStore } from '../../../src/store/resources.ts';
import { usageLog } from '../../../src/store/usage-sums.ts';
import type { TestDatabase } from '../../fakes/database.ts';
import { silentLog } from '../../fakes/log.ts';
import { allPermissions, fakeWorld } from '../../fakes/world.ts';

/** A real server with the REST API on a real database. */
export interface Stage {
  readonly url: string;
  /** Events of the HTTP edge's log that are failures. */
  readonly failures: readonly unknown[];
  /** Who was refused which permission that belongs to no resource. */
  readonly denied: readonly string[];
  /** Sends JSON as `ada`, who may everything, unless the headers say somebody else. */
  send(method: string, path: string, options?: Sending): Promise<Answer>;
  close(): Promise<void>;
}

export interface Sending {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body; undefined when it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly json: any;
}

export interface StageOptions {
  readonly resources?: readonly Resource[];
  readonly permissions?: ReadonlySet<string>;
  readonly world?: Partial<World>;
  readonly showDetails?: boolean;
  readonly publicUrl?: string;
  readonly limits?: RateLimits;
}

export const api = '/api/plugins/ai-ops';

export async function startStage(database: TestDatabase, options: StageOptions = {}): Promise<Stage> {
  const { resources = allResources, permissions = allPermissions, showDetails = false } = options;
  const failures: unknown[] = [];
  const denied: string[] = [];
  const log = {
    ...silentLog,
    error: (event: string, fields?: object) => void failures.push({ event, ...fields }),
  };
  const routes = restRoutes({
    resources: createResources({
      resources,
      store: resourceStore(database.db, () => {}),
      world: fakeWorld({ permissions, ...options.world }),
    }),
    gate: fakeGate(permissions, denied),
    audit: auditLog(database.db),
    usage: usageLog(database.db),
    traces: ledger(database.db),
    clearToolCache: async () => 2,
    version: '0.1.0',
    showDetails,
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
  });
  const limits = { requestsPerMinute: 1_000_000, failuresPerMinute: 1_000_000, ...options.limits };
  const server = await createHttpServer({ routes, log, showDetails, limits });
  const url = await server.listen('127.0.0.1', 0);
  return {
    url,
    failures,
    denied,
    send: (method, path, sending) => send(new URL(path, url), method, sending),
    close: () => server.close(),
  };
}

async function send(url: URL, method: string, { body, headers }: Sending = {}): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { authorization: 'Token ada', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Knows `Token ada`, who may everything, `Token viewer`, who sees models, and `Token nobody`, who may nothing. */
function fakeGate(all: ReadonlySet<string>, denied: string[]): Gate {
  const known: Readonly<Record<string, Identity>> = {
    ada: identity('ada', all),
    viewer: identity('viewer', ['ai_ops.view_llmmodel']),
    nobody: identity('nobody', []),
  };
  return {
    sessionCookie: 'ai_ops_session',
    identify: async ({ headers }) =>
      known[/^(?:Token|Bearer) +(\S+)$/.exec(headers.authorization ?? '')?.[1] ?? ''],
    denied: ({ identity: { author }, permission }) => void denied.push(`${author.principal} ${permission}`),
    signIn: async () => undefined,
    signOut: async () => {},
  };
}

function identity(name: string, permissions: Iterable<string>): Identity {
  return {
    author: { principal: `token:${name}`, name },
    via: 'token',
    permissions: new Set(permissions),
    groups: [],
  };
}

/** What the examples of the definitions refer to, and rows of what nobody can create. */
export async function prepare(stage: Stage, { db }: TestDatabase): Promise<void> {
  await stage.send('POST', `${api}/llm-providers/`, { body: [{ name: 'ollama' }, { name: 'azure_ai' }] });
  await stage.send('POST', `${api}/llm-models/`, { body: { name: 'gpt-4o' } });
  await sql`insert into settings (name) values ('agent_recursion_limit')`.execute(db);
  await sql`with person as (insert into people (name, email) values ('Ada', 'ada@example.com') returning id)
    insert into identities (principal, person_id, name) select 'web:ada', id, 'Ada' from person`.execute(db);
}
