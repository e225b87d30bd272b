import type { FormField } from '../../../../../src/chat/form.ts';
import type { Related } from '../related.ts';
import type { Draft, Drafts } from '../values.ts';

/** What every control of a form is given. */
export interface ControlProps {
  readonly field: FormField;
  readonly draft: Draft | undefined;
  readonly onChange: (draft: Draft) => void;
  /** All of the form. */
  readonly drafts: Drafts;
  /** The row that a reference leads to as it is stored. */
  readonly known?: Related | undefined;
  /** Of the control; of a group, its label has `<id>-label`. */
  readonly id: string;
  /** The ids of its help and its errors. */
  readonly describedBy: string;
  readonly isInvalid: boolean;
  /** What is wrong with it, for a control that has parts. */
  readonly errors: readonly string[];
}

/** The attributes by which a control is named, explained and marked. */
export function described({ id, describedBy, isInvalid, field }: ControlProps) {
  return {
    id,
    'aria-describedby': describedBy,
    'aria-invalid': isInvalid || undefined,
    'aria-required': field.isRequired || undefined,
  };
}
