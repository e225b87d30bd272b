import { Kysely, PostgresDialect } from 'kysely';
import type { Log } from '../observe/port.ts';
import { DatabaseError, type OpenDatabase, ping } from './database.ts';
import { preparing } from './prepared.ts';

export interface PostgresqlOptions {
  readonly url: string;
  readonly log: Log;
  /** Connections kept at most. */
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
}

/** A server that vanished without a word is given up after this long. */
const queryTimeoutMs = 30_000;

/** Opens a pool on PostgreSQL 14 or newer. Throws `DatabaseError` when it cannot be reached. */
export async function openPostgresql(options: PostgresqlOptions): Promise<OpenDatabase> {
  const { default: pg } = await import('pg');
  const connection = { connectionString: options.url, connectionTimeoutMillis: options.connectTimeoutMs };
  const pool = new pg.Pool({
    ...connection,
    max: options.poolSize,
    application_name: 'ai-ops-bot',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    query_timeout: queryTimeoutMs,
  });
  pool.on('error', (error) => options.log.warn('database_connection_lost', { error }));
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({
      pool: preparing(pool, (error) => options.log.warn('database_connection_lost', { error })),
    }),
  });
  await ping(db).catch(async (error: unknown) => {
    await db.destroy();
    throw new DatabaseError(unreachable(options.url, error), { cause: error });
  });
  const listeners = new Set<() => Promise<void>>();
  return {
    db,
    kind: 'postgresql',
    async listen(channel, hear) {
      const end = listenWithReconnect({
        connect: () => new pg.Client({ ...connection, keepAlive: true, keepAliveInitialDelayMillis: 10_000 }),
        channel,
        hear,
        log: options.log,
      });
      listeners.add(end);
      return end;
    },
    async close() {
      await Promise.all([...listeners].map((end) => end()));
      await db.destroy();
    },
  };
}

function unreachable(url: string, error: unknown): string {
  return `The database at ${withoutPassword(url)} cannot be used (${reasonOf(error)}). Check DATABASE_URL and that PostgreSQL runs.`;
}

/** A host with several addresses fails once for each; the first failure tells enough. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}

/** The URL for people: host and database, no credentials. */
function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL';
  const { hostname, port, pathname } = new URL(url);
  return `${hostname || 'localhost'}:${port || '5432'}${pathname}`;
}

interface Listening {
  readonly connect: () => import('pg').Client;
  readonly channel: string;
  readonly hear: (payload: string) => void;
  readonly log: Log;
}

const reconnectAfterMs = 1000;

/** LISTEN on a connection of its own. While it is down nothing is heard: callers poll as well. */
function listenWithReconnect({ connect, channel, hear, log }: Listening): () => Promise<void> {
  let ended = false;
  let client: import('pg').Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    clearTimeout(timer);
    if (!ended) timer = setTimeout(() => void begin(), reconnectAfterMs);
  };
  const begin = async () => {
    const current = connect();
    client = current;
    current.on('notification', (message) => hear(message.payload ?? ''));
    current.on('error', (error) => log.warn('database_listen_lost', { error }));
    current.on('end', again);
    try {
      await current.connect();
      await current.query(`listen ${channel}`);
    } catch (error) {
      log.warn('database_listen_failed', { error });
      again();
    }
  };
  const first = begin();
  return async () => {
    ended = true;
    clearTimeout(timer);
    await first;
    await client?.end().catch(() => undefined);
  };
}
