import type { Choice, FormField } from './form.ts';

/** One option of a JSON value that has a schema, as people are asked for it. */
export interface Option {
  /** Named as the option is; its value is what holds when nothing is written. */
  readonly field: FormField;
  /** What an emptied field means: as if it was never written, nothing at all, or an empty list. */
  readonly empty: 'unset' | 'null' | 'list';
  /** What its choices stand for, where that is no text. */
  readonly meanings?: Readonly<Record<string, unknown>>;
  /** What it is made of, where one field cannot ask for it. */
  readonly made?: Made;
}

/** Options that need several fields. */
export type Made =
  /** An object: each of its options has a field, and it has none itself. */
  | { readonly type: 'object'; readonly known: KnownOptions }
  /** One of several shapes: its field asks which one. A choice without a shape stands for itself. */
  | { readonly type: 'shapes'; readonly shapes: Readonly<Record<string, Option>> };

/** The options that a JSON value has. */
export interface KnownOptions {
  readonly options: readonly Option[];
  /** Options that have one value only: nobody is asked for them, and what is stored stays. */
  readonly fixed: readonly Fixed[];
  /** Others may be written too. */
  readonly isOpen: boolean;
}

export interface Fixed {
  readonly name: string;
  readonly value: unknown;
  /** Written where what holds it is. */
  readonly isRequired: boolean;
}

/** What a JSON value is made of that holds any number of the same. */
export interface JsonRows {
  /** Each has a name: it is an object of them, otherwise a list. */
  readonly isNamed: boolean;
  readonly each: Option;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** A JSON field whose options another field decides about, such as the config of a type of middleware. */
export interface OptionSets {
  /** The JSON field. */
  readonly of: string;
  /** The field that decides. */
  readonly by: string;
  /** What it may be. */
  readonly choices: readonly Choice[];
  /** By what is chosen; absent: nobody knows its options. */
  readonly sets: Readonly<Record<string, KnownOptions>>;
}
