import type { JsonRows } from './option.ts';

/**
 * Forms and lists without any word of a platform: adapters draw a form as a modal, a dialog or a page,
 * and a list as blocks, a card or a table.
 */

/** One thing to choose. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  /** It is stored, but nothing in this version of the bot does it; the label says so. */
  readonly isMissing?: true;
}

/** How a value is asked for. */
export type Widget =
  | {
      readonly type: 'text';
      readonly minLength?: number;
      readonly maxLength?: number;
      readonly placeholder?: string;
      /** What the text must be. `date`: YYYY-MM-DD. */
      readonly format?: 'email' | 'uri' | 'date';
      /** What platforms that can do so suggest; other texts may be written. */
      readonly suggests?: 'timezones';
    }
  | { readonly type: 'paragraph'; readonly maxLength?: number }
  | {
      readonly type: 'number';
      readonly isInteger: boolean;
      readonly min?: number;
      readonly max?: number;
      readonly unit?: string;
    }
  | { readonly type: 'switch' }
  | { readonly type: 'choice'; readonly choices: readonly Choice[] }
  /** Several texts; `choices` are offered, others may be written unless it is `isClosed`. */
  | {
      readonly type: 'texts';
      readonly choices?: readonly Choice[];
      readonly isClosed?: boolean;
      /** They are principals of people; who is known may be written by name or e-mail. */
      readonly arePeople?: true;
      readonly minItems?: number;
      readonly maxItems?: number;
    }
  /** Names and their values, both texts. */
  | { readonly type: 'pairs' }
  /** A row of another resource, by its REST path; of `choices` alone where they are given, by name. */
  | { readonly type: 'reference'; readonly resource: string; readonly choices?: readonly Choice[] }
  /** Somebody to whom something can be given, as a principal; who is known may be written by name or e-mail. */
  | { readonly type: 'principal'; readonly placeholder?: string }
  /** Where something is posted: the address of a channel or a thread, or `#` and the name of a channel. */
  | { readonly type: 'place'; readonly placeholder?: string }
  /** Where a secret is, never a secret. */
  | { readonly type: 'secret' }
  /** Any JSON. `rows`: what it is made of, for platforms that can draw that; `example`: one that fits. */
  | { readonly type: 'json'; readonly rows?: JsonRows; readonly example?: unknown }
  | { readonly type: 'time' };

/** One value that a form asks for. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly widget: Widget;
  readonly isRequired: boolean;
  /** Whether it may be nothing. */
  readonly isNullable: boolean;
  /** Shown, but not to be changed. */
  readonly isReadOnly: boolean;
  /** What is written counts to the letter: spaces and empty lines are not taken off. */
  readonly isExact?: true;
  /** What a new thing has when nothing else is said; in a form of an existing thing, its value. */
  readonly value?: unknown;
  /** Only asked for while another field has one of these values. */
  readonly shownWhen?: { readonly field: string; readonly in: readonly string[] };
}

/** A neutral set of fields. */
export interface Form {
  readonly title: string;
  readonly submit: string;
  readonly fields: readonly FormField[];
}

/** One column of a list. */
export interface ListColumn {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'number' | 'flag' | 'time' | 'status' | 'reference';
}

/** One row of a list: the cells by the columns' names. */
export interface ListRow {
  readonly id: string;
  readonly title: string;
  readonly cells: Readonly<Record<string, unknown>>;
}

/** A neutral page of things. */
export interface List {
  readonly title: string;
  readonly columns: readonly ListColumn[];
  readonly rows: readonly ListRow[];
  readonly total: number;
  readonly offset: number;
}

/** What is wrong with a form, by field: sentences for people. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;
