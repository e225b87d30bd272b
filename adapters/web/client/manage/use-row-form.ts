import { useState } from 'react';
import type { Form } from '../../../../src/chat/form.ts';
import { type FieldErrors, fieldErrorsOf, type Row, sentenceOf, statusOf } from './rest.ts';
import { type Draft, type Drafts, draftsOf, isSame, openFields, type Written, writtenOf } from './values.ts';

/** Where a form stands between two savings. */
export interface RowForm {
  readonly drafts: Drafts;
  readonly errors: FieldErrors;
  /** Why it was not saved, beside what is wrong with single fields. */
  readonly refusal: string | undefined;
  /** Somebody else changed the row since it was read. */
  readonly isConflict: boolean;
  readonly isDirty: boolean;
  readonly isSaving: boolean;
  /** Rises with each refusal, so that the focus can move to what is wrong. */
  readonly refusals: number;
  readonly set: (name: string, draft: Draft) => void;
  readonly submit: () => Promise<void>;
  /** Goes on from another state of the row, with or without what was written here. */
  readonly rebase: (row: Row, keepsMine: boolean) => void;
}

export interface RowFormOptions {
  readonly form: Form;
  /** Absent: a new one. */
  readonly row?: Row;
  /** Sends what is to be written; resolves with the row as it is now, or undefined to leave the form alone. */
  readonly save: (values: Readonly<Record<string, unknown>>) => Promise<Row | undefined>;
}

interface Values {
  /** As the server has it. */
  readonly base: Drafts;
  readonly drafts: Drafts;
}

interface Problems {
  readonly errors: FieldErrors;
  readonly refusal?: string;
  readonly isConflict?: boolean;
}

const NO_PROBLEMS: Problems = { errors: {} };

/** Keeps what is written in a form, sends what changed, and holds what the server says of it. */
export function useRowForm({ form, row, save }: RowFormOptions): RowForm {
  const [{ base, drafts }, setValues] = useState<Values>(() => {
    const begin = draftsOf(form, row);
    return { base: begin, drafts: begin };
  });
  const [problems, setProblems] = useState(NO_PROBLEMS);
  const [refusals, setRefusals] = useState(0);
  const [isSaving, setSaving] = useState(false);

  const changed = openFields(form, drafts).filter(({ name }) => !isSame(drafts[name], base[name]));

  /** `against` says which drafts stay: those that differ from it. */
  function goOnFrom(now: Row, against: (values: Values) => Drafts): void {
    setValues((values) => rebased(form, now, { drafts: values.drafts, against: against(values) }));
    setProblems(NO_PROBLEMS);
  }

  function rebase(now: Row, keepsMine: boolean): void {
    goOnFrom(now, (values) => (keepsMine ? values.base : values.drafts));
  }

  function refuse(found: Problems): void {
    setProblems(found);
    setRefusals((count) => count + 1);
  }

  async function submit(): Promise<void> {
    const written = write(form, { base, drafts, isNew: row === undefined });
    if (Object.keys(written.errors).length > 0) return refuse({ errors: written.errors });
    setSaving(true);
    try {
      const now = await save(written.values);
      // What was written while it was being saved stays.
      if (now) goOnFrom(now, () => drafts);
    } catch (error) {
      refuse(problemsOf(error));
    } finally {
      setSaving(false);
    }
  }

  function set(name: string, draft: Draft): void {
    setValues((before) => ({ ...before, drafts: { ...before.drafts, [name]: draft } }));
    setProblems(({ errors: { [name]: _mended, ...errors }, ...others }) => ({ ...others, errors }));
  }

  const { errors, refusal, isConflict = false } = problems;
  const isDirty = changed.length > 0;
  return { drafts, errors, refusal, isConflict, isDirty, isSaving, refusals, set, submit, rebase };
}

function rebased(
  form: Form,
  row: Row,
  { drafts, against }: { readonly drafts: Drafts; readonly against: Drafts },
): Values {
  const base = draftsOf(form, row);
  const kept = openFields(form, drafts).filter(({ name }) => !isSame(drafts[name], against[name]));
  const mine = Object.fromEntries(kept.map(({ name }) => [name, drafts[name] ?? '']));
  return { base, drafts: { ...base, ...mine } };
}

interface ToWrite extends Values {
  readonly isNew: boolean;
}

/** What changed; of a new one also what must be said, unless it is empty. */
function write(form: Form, { base, drafts, isNew }: ToWrite) {
  const values: Record<string, unknown> = {};
  const errors: Record<string, readonly string[]> = {};
  for (const field of openFields(form, drafts)) {
    const draft = drafts[field.name] ?? '';
    const isNeeded = isNew && field.isRequired && draft !== '';
    if (isSame(draft, base[field.name]) && !isNeeded) continue;
    const written = writtenOf(field, draft);
    if (!written.ok) errors[field.name] = [written.sentence];
    else if (isNeeded || !saysTheSame(written, writtenOf(field, base[field.name] ?? '')))
      values[field.name] = written.value;
  }
  return { values, errors };
}

/** Written otherwise, as JSON can be, but the same. */
function saysTheSame(one: Written, other: Written): boolean {
  return one.ok && other.ok && JSON.stringify(one.value) === JSON.stringify(other.value);
}

function problemsOf(error: unknown): Problems {
  const errors = fieldErrorsOf(error);
  if (errors) return { errors };
  const status = statusOf(error);
  // The page says it, with the way to sign in again.
  if (status === 401) return NO_PROBLEMS;
  if (status === 404) return { errors: {}, refusal: 'It is gone: somebody deleted it meanwhile.' };
  return { errors: {}, refusal: sentenceOf(error), isConflict: status === 412 };
}
