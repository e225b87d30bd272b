import { sql } from 'kysely';
import { DatabaseError, type Executor } from './database.ts';
import { isThere, type Reference } from './house-catalog.ts';

/** How far the latest import into a database has come. */
export interface HouseMove {
  readonly hash: string;
  readonly state: 'moving' | 'failed' | 'finished';
  readonly rowsDone: number;
  /** References that it took away, to be put back at its end. */
  readonly loose: readonly Reference[];
  readonly finishedAt: Date | null;
}

/** The latest import into this database; undefined where there was none. */
export async function latestMove(db: Executor): Promise<HouseMove | undefined> {
  if (!(await isThere(db, 'house_moves'))) return undefined;
  const { rows } = await sql<HouseMove>`
    select file_hash as hash, state, rows_done::float8 as "rowsDone", loose, finished_at as "finishedAt"
    from house_moves`.execute(db);
  return rows[0];
}

/** Throws `DatabaseError` while an import has not put everything into place. */
export async function requireWholeHouse(db: Executor): Promise<void> {
  const move = await latestMove(db);
  if (move === undefined || move.state === 'finished') return;
  throw new DatabaseError(
    'An import into this database did not come to its end, so that it holds only part of what belongs together. Run `npm run import` again with the same file, or with another one and --replace.',
  );
}
