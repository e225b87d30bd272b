import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { Pool, PoolClient } from 'pg';

/**
 * A pool whose statements are prepared once per connection and planned no more: the bot sends the same
 * few statements over and over. Poolers that give each transaction another connection must support
 * this (PgBouncer from 1.21 on does, `max_prepared_statements`).
 */
export function preparing(pool: Pool): PostgresPool {
  const names = new Map<string, string>();
  const prepared = new WeakMap<PoolClient, PostgresPoolClient>();
  const nameOf = (text: string) => {
    const name = names.get(text) ?? `ai_ops_${names.size}`;
    names.set(text, name);
    return name;
  };
  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect();
      const known = prepared.get(client) ?? withNames(client, nameOf);
      prepared.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}

function withNames(client: PoolClient, nameOf: (text: string) => string): PostgresPoolClient {
  function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query(text: unknown, values: readonly unknown[] = []): unknown {
    if (typeof text !== 'string') throw new Error('Cursors are not used here.');
    if (values.length === 0) return client.query(text);
    return client.query({ name: nameOf(text), text, values: [...values] });
  }
  return { query, release: (destroy) => client.release(destroy) };
}
