import type { FormValues } from '../desk.ts';
import type { FieldErrors } from '../form.ts';

/** Something to press: the line is run as if whoever presses it had written it. */
export interface Button {
  readonly label: string;
  readonly line: string;
  readonly style?: 'primary' | 'danger';
}

/** One thing of a list. */
export interface AnswerRow {
  readonly icon: string;
  readonly title: string;
  readonly facts: readonly { readonly label: string; readonly text: string }[];
  readonly buttons: readonly Button[];
  /** Where more of it can be read. */
  readonly link?: { readonly label: string; readonly url: string };
}

/** Which form is open: of a new thing, of the one with this id, or of an action on it. */
export interface AskedForm {
  readonly path: string;
  readonly id?: string;
  readonly action?: string;
}

interface Common {
  /** For everybody in the place; otherwise for who asked alone. */
  readonly isPublic: boolean;
  /** Never for everybody, whoever asks for that: it is shown this once, or is somebody's own. */
  readonly isSecret?: boolean;
}

/** What administration answers; platforms draw it. Texts are Markdown. */
export type AdminAnswer = Common &
  (
    | { readonly type: 'text'; readonly text: string; readonly buttons: readonly Button[] }
    /** The text asks whether to do it; a button does it. */
    | { readonly type: 'confirm'; readonly text: string; readonly buttons: readonly Button[] }
    | {
        readonly type: 'list';
        readonly title: string;
        readonly rows: readonly AnswerRow[];
        /** Which of how many, and what else to know. */
        readonly note: string;
        readonly buttons: readonly Button[];
      }
    | {
        readonly type: 'form';
        readonly asked: AskedForm;
        /** What was given already, by the fields of the form. */
        readonly values: FormValues;
        /** The same as the line says it; absent: it is no other. */
        readonly given?: FormValues;
        readonly errors: FieldErrors;
        /** What the form is for, where it cannot be opened at once. */
        readonly text: string;
        /** Opens it, where it cannot be opened at once. */
        readonly button: Button;
      }
  );

/** What becomes of a form that was sent. */
export type Sent =
  | { readonly type: 'answer'; readonly answer: AdminAnswer }
  /** Show what it changes; sent again with this `seen` and this revision it is saved. */
  | {
      readonly type: 'check';
      readonly text: string;
      readonly seen: string;
      readonly revision?: string;
    };

export function say(text: string, buttons: readonly Button[] = []): AdminAnswer {
  return { type: 'text', text, buttons, isPublic: false };
}
