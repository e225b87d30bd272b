import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { Pool, PoolClient } from 'pg';

/**
 * A pool whose statements are prepared once per connection and planned no more: the bot sends the same
 * few statements over and over. Poolers that give each transaction another connection must support
 * this (PgBouncer from 1.21 on does, `max_prepared_statements`).
 */
export function preparing(pool: Pool, lost: (error: Error) => void): PostgresPool {
  const names = new Map<string, string>();
  const prepared = new WeakMap<PoolClient, PostgresPoolClient>();
  const nameOf = (text: string) => {
    const name = names.get(text) ?? (names.size < mostStatements ? `ai_ops_${names.size}` : undefined);
    if (name !== undefined) names.set(text, name);
    return name;
  };
  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect();
      const known = prepared.get(client);
      if (known !== undefined) return known;
      // A client in use has no listener of the pool's: cut off, it would end the process.
      client.on('error', lost);
      const made = withNames(client, nameOf);
      prepared.set(client, made);
      return made;
    },
    end: () => pool.end(),
  };
}

/** Lists with filters have any number of texts; each prepared one costs memory on every connection. */
const mostStatements = 300;

/**
 * After these a connection must not be used again: the server ends it (SQLSTATE 57P01 to 57P03), or it
 * still waits for an answer that `query_timeout` gave up.
 */
function endsConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return /^57P0[1-3]$/.test(code) || error.message === 'Query read timeout';
}

function withNames(client: PoolClient, nameOf: (text: string) => string | undefined): PostgresPoolClient {
  let isBroken = false;
  function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query(text: unknown, values: readonly unknown[] = []): unknown {
    if (typeof text !== 'string') throw new Error('Cursors are not used here.');
    const result =
      values.length === 0
        ? client.query(text)
        : client.query({ name: nameOf(text), text, values: [...values] });
    return result.catch((error: unknown) => {
      isBroken ||= endsConnection(error);
      throw error;
    });
  }
  return { query, release: (destroy) => client.release(destroy || isBroken) };
}
