/** A value to be shown, and how it is best shown. */
export interface ShownValue {
  readonly value: unknown;
  /** A relation that says how a thing stands. */
  readonly as?: 'status' | undefined;
  /** The resource that a relation leads to. */
  readonly resource?: string | undefined;
}

/** A labelled value, to be read only. */
export interface Fact extends ShownValue {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
}
