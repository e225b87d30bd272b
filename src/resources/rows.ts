import type { AuditEntry } from '../observe/port.ts';
import type { Resource, Row, Values } from './definition.ts';

/** How a filter compares; texts compare without regard to case only where it says so. */
export type Comparison =
  | 'is'
  /** A relation by its id alone. */
  | 'is_id'
  | 'is_not'
  | 'same'
  | 'contains'
  | 'contains_not'
  | 'starts'
  | 'ends'
  | 'above'
  | 'from'
  | 'below'
  | 'to'
  | 'empty';

/** One condition. Several values: any of them; a relation is compared by id or by name. */
export interface Filter {
  readonly field: string;
  readonly comparison: Comparison;
  readonly values: readonly string[];
}

/** Which rows, in which order. */
export interface RowQuery {
  readonly filters: readonly Filter[];
  /** Part of any of the resource's search fields. */
  readonly q?: string;
  /** Field names; a `-` before one turns it round. Empty: the resource's own order. */
  readonly order: readonly string[];
  readonly limit: number;
  readonly offset: number;
}

/** Rows of another resource that point to a row, or what else is closed with it. */
export interface Dependents {
  readonly resource: Resource;
  readonly field: string;
  readonly onDelete: 'cascade' | 'protect' | 'clear' | 'close';
  readonly count: number;
  /** The first names of them. */
  readonly names: readonly string[];
}

/** Rows as stored, inside or outside a transaction. */
export interface Rows {
  list(
    resource: Resource,
    query: RowQuery,
  ): Promise<{ readonly count: number; readonly rows: readonly Row[] }>;
  /** By id, or by its unique name. */
  find(resource: Resource, by: { readonly id: string } | { readonly name: string }): Promise<Row | undefined>;
  /** The first row with this value. */
  first(resource: Resource, field: string, value: unknown): Promise<Row | undefined>;
}

/** Rows within a change. Each method throws `TakenError` when the database refuses a value for being there already. */
export interface ChangingRows extends Rows {
  insert(resource: Resource, values: Values): Promise<Row>;
  update(resource: Resource, id: string, values: Values): Promise<Row>;
  /** Stores what was found out about a row: it is the same revision still, and no configuration changed. */
  note(resource: Resource, id: string, values: Values): Promise<Row>;
  /** What was noted matters to turns: the version of the configuration rises. */
  raise(): void;
  remove(resource: Resource, id: string): Promise<void>;
  /** Writes into the audit log. */
  record(entry: AuditEntry): Promise<void>;
}

/** Where resources are kept. */
export interface ResourceStore extends Rows {
  /**
   * One transaction. Changes of configuration are made one at a time over all processes; each that
   * wrote anything raises the version of the configuration, and is told to `changed`.
   */
  change<T>(work: (rows: ChangingRows) => Promise<T>): Promise<T>;
}

/** A value that must be unique is there already. */
export class TakenError extends Error {
  override readonly name = 'TakenError';
  /** The columns that must be unique together. */
  readonly columns: readonly string[];

  constructor(columns: readonly string[], options?: ErrorOptions) {
    super(`taken: ${columns.join(', ')}`, options);
    this.columns = columns;
  }
}
