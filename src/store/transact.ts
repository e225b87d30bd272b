import type { Database, Executor } from './database.ts';

/** PostgreSQL ended one of two transactions: each waited for the other, or they could not be put in an order. */
const lostCodes: ReadonlySet<unknown> = new Set(['40P01', '40001']);

/** One transaction, begun once more where PostgreSQL ended it for another's sake: `work` may run twice. */
export async function transact<T>(db: Database, work: (trx: Executor) => Promise<T>): Promise<T> {
  try {
    return await db.transaction().execute(work);
  } catch (error) {
    if (!isLost(error)) throw error;
    return await db.transaction().execute(work);
  }
}

function isLost(error: unknown): boolean {
  return error instanceof Error && lostCodes.has(Reflect.get(error, 'code'));
}
