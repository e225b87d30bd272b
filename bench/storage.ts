import type pg from 'pg';
import { median } from './statistics.ts';
import type { Subject } from './subject.ts';
import { messagesPerTurn } from './work.ts';

/** What one turn costs the database. */
export interface Storage {
  readonly subject: Subject['name'];
  readonly history: number;
  /** Transactions that wrote or locked something: each is one commit, and waits for the disk. */
  readonly commits: number;
  /** Of write-ahead log. */
  readonly bytes: number;
}

/** A turn at a time, so that the write-ahead log tells what it wrote; medians, because the server writes too. */
export async function measureStorage(
  subject: Subject,
  history: number,
  options: { readonly database: pg.Client; readonly turns: number; readonly signal: AbortSignal },
): Promise<Storage> {
  const { database, turns, signal } = options;
  const thread = `storage-${history}`;
  await subject.seed([thread], history - messagesPerTurn);
  await subject.turn(thread);
  const written: Position[] = [];
  for (let turn = 0; turn < turns; turn++) {
    signal.throwIfAborted();
    const before = await position(database);
    await subject.turn(thread);
    const after = await position(database);
    written.push({
      bytes: after.bytes - before.bytes,
      transactions: after.transactions - before.transactions,
    });
  }
  return {
    subject: subject.name,
    history,
    commits: median(written.map(({ transactions }) => transactions)),
    bytes: median(written.map(({ bytes }) => bytes)),
  };
}

interface Position {
  readonly bytes: number;
  readonly transactions: number;
}

/** Of the whole server. Looking at it writes nothing. */
async function position(database: pg.Client): Promise<Position> {
  const { rows } = await database.query<{ bytes: string; transactions: string }>(`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text as bytes,
      pg_snapshot_xmax(pg_current_snapshot())::text as transactions`);
  return { bytes: Number(rows[0]?.bytes), transactions: Number(rows[0]?.transactions) };
}
