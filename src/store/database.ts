import { type Kysely, sql, type Transaction } from 'kysely';

/** The database handle that repositories take; SQL is written by hand, so tables need no types. */
export type Database = Kysely<unknown>;

/** A database or a transaction: the same code runs inside or outside of one. */
export type Executor = Database | Transaction<unknown>;

/** An open database. */
export interface OpenDatabase {
  readonly db: Database;
  readonly kind: 'postgresql' | 'embedded';
  /** The one channel on which processes of this database wake each other; also heard within a process. */
  listen(channel: string, hear: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** The database could not be opened or prepared. The message is one sentence that says what to do. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}

/** Rejects unless the database answers. */
export async function ping(db: Executor): Promise<void> {
  await sql`select 1`.execute(db);
}

/** What time it is for the database. */
export async function databaseTime(db: Executor): Promise<Date> {
  const { rows } = await sql<{ now: string }>`select clock_timestamp()::text as now`.execute(db);
  return new Date(rows[0]?.now ?? '');
}
