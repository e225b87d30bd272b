import { createHash } from 'node:crypto';
import { canonicalJson } from '../agent/json.ts';
import type { AuditFlaw, AuditRow, Seal } from './port.ts';

/** A place in the chain to go on from. */
export interface Head {
  readonly n: number;
  readonly hash: string;
  /** Sealed rows that were seen up to here. */
  readonly rows: number;
  /** Seals up to here whose rows retention has removed. */
  readonly pruned: number;
}

/** A seal with the rows that say they are under it, by rising id. One row too many is enough. */
export interface Link {
  readonly seal: Seal;
  /** Retention has deleted its rows. */
  readonly isPruned: boolean;
  readonly rows: readonly AuditRow[];
}

/** The first thing that is wrong. */
export interface Broken {
  readonly brokenSeal: number;
  readonly flaw: AuditFlaw;
  readonly reason: string;
}

/** Before the first seal. */
export const beginning: Head = { n: 0, hash: '0'.repeat(64), rows: 0, pruned: 0 };

/** The seal over these rows (at least one, by rising id) that continues the chain at `head`. */
export function sealRows(
  head: Pick<Head, 'n' | 'hash'>,
  rows: readonly [AuditRow, ...AuditRow[]],
  sealedAt: string,
): Seal {
  const seal = {
    n: head.n + 1,
    firstId: rows[0].id,
    lastId: (rows.at(-1) ?? rows[0]).id,
    rowCount: rows.length,
    rowsHash: rowsHash(rows),
    prevHash: head.hash,
    sealedAt,
  };
  return { ...seal, hash: sealHash(seal) };
}

/**
 * SHA-256 in hexadecimal over one line for each row, by rising id, each ended by a line feed. A line is
 * the row's canonical JSON: keys sorted, nothing absent, no spaces. It is what an export says of the
 * row, without `seal`.
 */
export function rowsHash(rows: readonly AuditRow[]): string {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(`${lineOf(row)}\n`);
  return hash.digest('hex');
}

function lineOf(row: AuditRow): string {
  const { id, at, actor, action, target, detail, source, address, threadId, turnId } = row;
  return canonicalJson({ id, at, actor, action, target, detail, source, address, threadId, turnId });
}

/** SHA-256 in hexadecimal over the canonical JSON of everything a seal says but its own hash. */
export function sealHash(seal: Omit<Seal, 'hash'>): string {
  const { n, firstId, lastId, rowCount, rowsHash, prevHash, sealedAt } = seal;
  const text = canonicalJson({ n, firstId, lastId, rowCount, rowsHash, prevHash, sealedAt });
  return createHash('sha256').update(text).digest('hex');
}

/** The chain one link further, or what is wrong with that link. */
export function follow(head: Head, link: Link): Head | Broken {
  const { seal, rows } = link;
  const broken = sealFlaw(head, seal) ?? pruningFlaw(head, link) ?? rowsFlaw(link);
  const pruned = head.pruned + (link.isPruned ? 1 : 0);
  return broken ?? { n: seal.n, hash: seal.hash, rows: head.rows + rows.length, pruned };
}

function sealFlaw(head: Head, seal: Seal): Broken | undefined {
  if (seal.n !== head.n + 1) {
    const reason = `Seal ${head.n + 1} is missing: the next one is seal ${seal.n}.`;
    return { brokenSeal: head.n + 1, flaw: 'seal_missing', reason };
  }
  if (seal.hash !== sealHash(seal)) {
    const reason = `Seal ${seal.n} was changed: its hash is not that of what it says.`;
    return { brokenSeal: seal.n, flaw: 'seal_changed', reason };
  }
  if (seal.prevHash !== head.hash) {
    const before = head.n === 0 ? 'the beginning of the chain' : `seal ${head.n}`;
    const reason = `The chain is broken at seal ${seal.n}: it does not continue ${before}, so one of the two was made anew.`;
    return { brokenSeal: seal.n, flaw: 'chain_broken', reason };
  }
  return undefined;
}

/** Retention takes the oldest first: a gap in the middle is no retention. */
function pruningFlaw(head: Head, { seal, isPruned }: Link): Broken | undefined {
  if (!isPruned || head.pruned === head.n) return undefined;
  const reason = `Seal ${seal.n} was emptied although older ones are kept: retention takes the oldest first.`;
  return { brokenSeal: seal.n, flaw: 'pruned_out_of_order', reason };
}

/** Of a pruned seal no row is left; if any is, they must be the sealed ones. */
function rowsFlaw({ seal, isPruned, rows }: Link): Broken | undefined {
  if (isPruned && rows.length === 0) return undefined;
  const name = `seal ${seal.n} (${seal.rowCount} ${seal.rowCount === 1 ? 'row' : 'rows'}, ids ${seal.firstId} to ${seal.lastId})`;
  const broken = (flaw: AuditFlaw, reason: string) => ({ brokenSeal: seal.n, flaw, reason });
  if (rows.length < seal.rowCount) {
    return broken('row_deleted', `Under ${name} ${missing(seal.rowCount - rows.length)} deleted.`);
  }
  if (rows.length > seal.rowCount) {
    return broken('row_added', `Under ${name} a row was added after it was sealed.`);
  }
  if (rowsHash(rows) !== seal.rowsHash) {
    return broken('row_changed', `Under ${name} a row was changed after it was sealed.`);
  }
  return undefined;
}

function missing(count: number): string {
  return count === 1 ? 'a row was' : `${count} rows were`;
}

/** Rows are under a seal after the last one, or under a number that no seal has. */
export function strayRow(head: Head, n: number, id: string): Broken {
  const reason = `Seal ${n} is missing: row ${id} is under it, and the chain ends at seal ${head.n}.`;
  return { brokenSeal: n, flaw: 'seal_missing', reason };
}
