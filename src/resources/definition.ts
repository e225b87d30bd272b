import type { z } from 'zod';
import type { Successor } from '../chat/desk.ts';
import type { FieldErrors, FormField, Widget } from '../chat/form.ts';
import type { Author } from '../chat/inbound.ts';
import type { Rows } from './rows.ts';
import type { World } from './world.ts';

/** A row as stored: field values by name; relations are `{id, name}` or null, times ISO 8601. */
export type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/** Values to be written, by field name; a relation is the other row's id. */
export type Values = Readonly<Record<string, unknown>>;

/** One thing that a resource's rows have. */
export interface Field {
  readonly label: string;
  /** One sentence for people who fill in the form. */
  readonly help: string;
  readonly widget: Widget;
  /** Of the value as it is written. */
  readonly schema: z.ZodType;
  /** How it is stored. `virtual`: not at all; the resource's `accept` and `show` deal with it. */
  readonly column: 'text' | 'integer' | 'float' | 'boolean' | 'jsonb' | 'uuid' | 'timestamptz' | 'virtual';
  /** What it is when nobody says; absent: it must be said. */
  readonly initial?: unknown;
  readonly isNullable: boolean;
  /** Set by the bot alone; ignored when written. */
  readonly isReadOnly: boolean;
  /** Never leaves the store. */
  readonly isHidden: boolean;
  /** Its values may hold what should not be repeated in the audit log. */
  readonly isMasked: boolean;
  readonly relation?: Relation;
  /** What a form offers to choose from, besides what may be written: the names of all permissions. */
  readonly offers?: 'permissions';
  readonly shownWhen?: { readonly field: string; readonly in: readonly string[] };
}

/** A field that names a row of another resource, stored as `<field>_id`. */
export interface Relation {
  /** The REST path of the other resource. */
  readonly to: string;
  readonly table: string;
  /** The column of the other's unique name. */
  readonly nameColumn: string;
  /** What becomes of this row when the other is deleted, as its foreign key says. */
  readonly onDelete: 'cascade' | 'protect' | 'clear';
}

/** Who wants something, and from where. */
export interface Caller {
  readonly author: Author;
  readonly permissions: ReadonlySet<string>;
  /** For the audit log: `rest`, `console`, `slack`, `bootstrap` … */
  readonly source: string;
  readonly address?: string;
}

/** What a rule may look at. */
export interface RuleContext {
  /** The whole row as it will be. */
  readonly values: Values;
  /** The row as it is; absent when it is new. */
  readonly before?: Row;
  /** Other rows, within the same transaction; changes are one at a time, so what it says stays true. */
  readonly rows: Rows;
  readonly world: World;
  readonly by: Caller;
}

/** What a resource makes of a row that is about to be stored. */
export interface Prepared {
  readonly values: Values;
  /** Shown once, in the answer to this change, and stored nowhere. */
  readonly reveal?: Readonly<Record<string, unknown>>;
}

/** What a resource's rows can be asked to do. */
export interface Action {
  readonly label: string;
  readonly help: string;
  readonly method: 'GET' | 'POST';
  /** Offered only where that field has one of these values; anybody may call it anyhow, and is told why it cannot be. */
  readonly shownWhen?: { readonly field: string; readonly in: readonly string[] };
  /** Offered on the page of a row, and not in lists. */
  readonly isRare?: boolean;
  /** Which of the resource's permissions it needs. */
  readonly needs: 'view' | 'change';
  /** Of what is sent with it. Absent: nothing is. */
  readonly input?: {
    readonly schema: z.ZodType;
    readonly example: unknown;
    /** How people are asked for it. Absent: they are not. */
    readonly form?: readonly FormField[];
    /** Makes of a form's values what the schema wants. */
    fromForm?(values: Values): unknown;
  };
  /** Of its answer, for the API's description. */
  readonly output: z.ZodType;
  readonly example: unknown;
  run(context: ActionContext): Promise<unknown>;
}

export interface ActionContext {
  readonly row: Row;
  /** As the action's schema has it. */
  readonly input: unknown;
  readonly rows: Rows;
  readonly world: World;
  readonly by: Caller;
  /** Changes rows of this resource by the usual way: rules, audit, one transaction. */
  change(changes: readonly { readonly id: string; readonly values: Values }[]): Promise<void>;
  /** Makes rows of another resource by the usual way, all or none; the caller must be allowed to. */
  create(resource: Resource, inputs: readonly Values[]): Promise<void>;
  /** Stores what was found out about the row, without rules; a relation is given by name. */
  note(values: Values): Promise<Row>;
}

/** What is closed when a row is deleted. */
export interface Closing {
  readonly one: string;
  readonly many: string;
  readonly count: number;
  /** The first few. */
  readonly names: readonly string[];
}

/** A thing that admins manage. Adding one is a file, a line in `index.ts`, and a migration. */
export interface Resource {
  /** The last part of its REST path. */
  readonly path: string;
  readonly table: string;
  /** The last part of its permissions' names. */
  readonly suffix: string;
  /** What people call it in a chat. */
  readonly word: string;
  readonly one: string;
  readonly many: string;
  readonly help: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** The field by which people name a row; unique. */
  readonly nameField: string;
  /** The fields that tell a row from all others; default: its name. */
  readonly key?: readonly string[];
  /** Fields shown in lists. */
  readonly columns: readonly string[];
  /** Fields that `q` looks into. */
  readonly search: readonly string[];
  /** Field names; a `-` before one turns it round. */
  readonly order: readonly string[];
  /** What can be done with its rows, besides reading. */
  readonly changes: readonly ('create' | 'change' | 'delete')[];
  /** Its rows are there from the start, for a bootstrap file to fill in while nobody has touched them. */
  readonly isSeeded?: boolean;
  /** Needed for changes besides the resource's own permission. */
  readonly alsoNeeds?: string;
  /** Fields that turns look at, although they are found out rather than written. */
  readonly decisive?: readonly string[];
  /** Readable by everybody who may call at all. */
  readonly isOpen?: boolean;
  /** A whole example of what is written, for the API's description. */
  readonly example: Values;
  /** Brings older shapes of input into today's. */
  accept?(input: Values, before: Row | undefined): Values;
  /** What a new row has in place of what was given, whoever makes it; relations are ids. */
  completes?(given: Values, rows: Rows): Promise<Values>;
  /** What a chat or a page puts into a new row where nobody said it; REST takes the fields’ initial values. */
  begins?(values: Values, world: World): Values;
  /** The fields that a command line must say of a new row, although they have an initial value. */
  asks?(given: Values): readonly string[];
  /** The row that is used where none is chosen, and what follows from another one being it. */
  readonly foremost?: {
    find(rows: Rows): Promise<Row | undefined>;
    /** `changed`: the row that was written. */
    sentence(foremost: Row | undefined, changed: Row): string;
  };
  /** More to show of a row than its fields. */
  show?(row: Row, world: World): Readonly<Record<string, unknown>>;
  /** Rules over the whole row. No errors: it may be stored. */
  check?(context: RuleContext): FieldErrors | Promise<FieldErrors>;
  /** Whether the row may be deleted; a sentence says why not. */
  keep?(row: Row, by: Caller, world: World): string | undefined;
  /** What takes the row's place when it is deleted. Undefined: nothing does. */
  successor?(context: {
    readonly row: Row;
    readonly rows: Rows;
    readonly world: World;
  }): Promise<Successor | undefined>;
  /** What is closed with it when it is deleted: things that are no resources. Undefined: nothing. */
  closes?(row: Row, world: World): Promise<Closing | undefined>;
  prepare?(context: RuleContext): Prepared | Promise<Prepared>;
  /** Other rows that must change before this one can be stored, within the same transaction. */
  makeWay?(context: RuleContext): Promise<readonly { readonly id: string; readonly values: Values }[]>;
  /** What else must be so once rows were written together, within the same transaction. */
  settle?(written: {
    readonly changed: readonly { readonly row: Row; readonly before?: Row }[];
    readonly rows: Rows;
  }): Promise<readonly { readonly id: string; readonly values: Values }[]>;
  /** After it was stored: what else is found out about it; a relation is given by name. Must not throw for what it finds. */
  saved?(context: {
    readonly row: Row;
    readonly before?: Row;
    readonly world: World;
  }): Promise<Values | undefined>;
  /** A JSON field whose options another field decides about; forms ask for each of them. */
  readonly options?: {
    readonly of: string;
    /** A relation, a choice, or the field by which rows of this resource are named. */
    readonly by: string;
    /** The JSON Schema of the options, and what wins over its defaults. Undefined: nobody knows them. `row`: that of the relation, else its `name` alone. */
    schema(row: Row, world: World): { readonly schema: Values; readonly defaults?: Values } | undefined;
  };
  /** How a field of this one row is asked for, where that differs from row to row. Undefined: as of any other. */
  asked?(row: Row, name: string): Pick<FormField, 'help' | 'widget'> | undefined;
  /** What people should know of a row that was written, as a sentence. */
  follows?(row: Row, before: Row | undefined, world: World): string | undefined;
  /** How a row is called in a list; default: its name. */
  display?(row: Row): string;
  readonly actions?: Readonly<Record<string, Action>>;
  /** What a page in a chat says of a row besides, by label. */
  details?(row: Row, world: World): Readonly<Record<string, unknown>>;
  /** What lists in a chat say of a row, by label; default: its columns. `isForemost`: see `foremost`. */
  brief?(row: Row, world: World, isForemost?: boolean): Readonly<Record<string, unknown>>;
  /** How a row stands, as one sign. */
  icon?(row: Row): string;
  /** Tries out a row that is not stored. Must not throw for what it finds. */
  tryOut?(context: {
    readonly row: Row;
    readonly rows: Rows;
    readonly world: World;
    readonly by: Caller;
    /** The caller may correct it, and is told what exactly is wrong. */
    readonly isOpen: boolean;
  }): Promise<{ readonly ok: boolean; readonly message: string }>;
}
