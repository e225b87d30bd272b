import { sql } from 'kysely';
import type { AuditVerification } from '../observe/port.ts';
import { auditLog } from './audit.ts';
import type { Executor, OpenDatabase } from './database.ts';
import { latestMove } from './house.ts';
import { readMigrations, readTables, type Table } from './house-catalog.ts';
import { empty, findLife, requireNoBot } from './house-empty.ts';
import type { Tell } from './house-export.ts';
import { type HouseEnd, HouseError, type HouseHeader, readHouse, type Sequences } from './house-file.ts';
import { putBack, takeAway } from './house-references.ts';
import { carry } from './house-rows.ts';
import { failed, settle } from './house-settle.ts';
import { migrate } from './migrate.ts';

/** A backup that was read to its end and found whole. */
export interface CheckedHouse {
  readonly file: string;
  readonly header: HouseHeader;
  readonly sequences: Sequences;
  readonly end: HouseEnd;
}

/** Reads a whole backup before anything is done with it. Throws `HouseError` where it is not whole. */
export async function checkHouse(file: string): Promise<CheckedHouse> {
  let header: HouseHeader | undefined;
  let sequences: Sequences = {};
  for await (const line of readHouse(file)) {
    if (line.type === 'header') header = line.header;
    if (line.type === 'sequences') sequences = line.sequences;
    if (line.type === 'end' && header !== undefined) return { file, header, sequences, end: line.end };
  }
  throw new HouseError(`The backup ${file} has no end.`);
}

export interface ImportOptions {
  /** Gives up what is in the database. */
  readonly replace: boolean;
  readonly tell: Tell;
}

/** `already`: this very file was brought in before, and nothing was changed. */
export type Imported =
  | Already
  | { readonly type: 'imported'; readonly resumedAt: number; readonly audit: AuditVerification };

interface Already {
  readonly type: 'already';
  readonly at: Date;
}

/** How many rows of the backup were there before. */
interface Begun {
  readonly type: 'begun';
  readonly resumedAt: number;
}

/**
 * Brings a checked backup into the database, in many transactions, each of which notes how far it came:
 * one that was killed goes on there when it is run again. Until it ends, no bot starts on the database.
 * Throws `HouseError` with nothing changed but the tables brought up to date, where it may not begin.
 */
export async function importHouse(
  database: OpenDatabase,
  house: CheckedHouse,
  { replace, tell }: ImportOptions,
): Promise<Imported> {
  const { db } = database;
  await requireNoBot(database, db);
  await migrate(db);
  requireSameMigrations(house, await readMigrations(db));
  const tables = inOrderOf(house, await readTables(db));
  const begun = await db.transaction().execute((trx) => begin({ database, trx, house, tables, replace }));
  if (begun.type === 'already') return begun;
  await carry(db, { house, tables, rowsDone: begun.resumedAt, tell }).catch(async (error: unknown) => {
    if (error instanceof HouseError) await failed(db);
    throw error;
  });
  const wrong = await db.transaction().execute((trx) => settle(trx, house, tables));
  if (wrong === undefined)
    return { type: 'imported', resumedAt: begun.resumedAt, audit: await auditLog(db).verify() };
  await failed(db);
  throw new HouseError(
    `The table ${wrong} does not hold as many rows as the backup: something else wrote into the database. Run the import again with --replace, and with no bot running.`,
  );
}

function requireSameMigrations({ file, header }: CheckedHouse, own: readonly string[]): void {
  const unknown = header.migrations.filter((name) => !own.includes(name));
  if (unknown.length > 0)
    throw new HouseError(
      `The backup ${file} comes from a newer version of the bot (${unknown.join(', ')}). Import it with that version.`,
    );
  const missing = own.filter((name) => !header.migrations.includes(name));
  if (missing.length > 0)
    throw new HouseError(
      `The backup ${file} comes from an older version of the bot (without ${missing.join(', ')}). Start this version once where it comes from and export with this version; or import it with the version that made it and start this version there.`,
    );
}

/** The tables of the backup, in its order. */
function inOrderOf({ file, header }: CheckedHouse, tables: readonly Table[]): readonly Table[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  return header.tables.map((name) => {
    const table = byName.get(name);
    if (table !== undefined) return table;
    throw new HouseError(
      `The backup ${file} has a table ${name} that is not the bot’s. Export again from a database that the bot has to itself.`,
    );
  });
}

interface Beginning {
  readonly database: OpenDatabase;
  readonly trx: Executor;
  readonly house: CheckedHouse;
  readonly tables: readonly Table[];
  readonly replace: boolean;
}

async function begin({ database, trx, house, tables, replace }: Beginning): Promise<Already | Begun> {
  await sql`lock table house_moves in exclusive mode`.execute(trx);
  await requireNoBot(database, trx);
  const move = await latestMove(trx);
  const isSame = move?.hash === house.end.sha256;
  if (isSame && move.state === 'moving') return { type: 'begun', resumedAt: move.rowsDone };
  if (!replace) {
    if (isSame && move.finishedAt !== null) return { type: 'already', at: move.finishedAt };
    if (move !== undefined && move.state !== 'finished') throw new HouseError(otherMove);
    await requireNew(trx, tables);
  }
  await empty(trx, tables);
  if (move !== undefined && move.state !== 'finished') await putBack(trx, move.loose);
  const loose = await takeAway(trx, inOrderOf(house, await readTables(trx)));
  await sql`delete from house_moves`.execute(trx);
  await sql`insert into house_moves (file_hash, loose)
    values (${house.end.sha256}, ${JSON.stringify(loose)}::jsonb)`.execute(trx);
  return { type: 'begun', resumedAt: 0 };
}

const otherMove =
  'An import into this database did not come to its end. If it was of another file, run the import again with that one; or give --replace, which empties the database first.';

async function requireNew(db: Executor, tables: readonly Table[]): Promise<void> {
  const lived = await findLife(db, tables);
  if (lived === undefined) return;
  throw new HouseError(
    `This database is in use already: there is something in ${lived}. Choose an empty one, or give --replace, which deletes all that is in it.`,
  );
}
