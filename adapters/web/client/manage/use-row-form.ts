import { useState } from 'react';
import type { Form, FormField } from '../../../../src/chat/form.ts';
import type { OptionSets } from '../../../../src/chat/option.ts';
import {
  begunWith,
  carriedOver,
  configOf,
  drawnErrors,
  drawnForm,
  foldedDraft,
  formOfValues,
  isOption,
  type OptionForm,
  optionDrafts,
} from './option-form.ts';
import { type FieldErrors, fieldErrorsOf, type KnownForm, type Row, sentenceOf, statusOf } from './rest.ts';
import {
  type Draft,
  type Drafts,
  draftOf,
  draftsOf,
  isSame,
  jsonText,
  openFields,
  textIn,
  type Written,
  writtenOf,
} from './values.ts';

/** Where a form stands between two savings. */
export interface RowForm {
  /** The fields that can be written now, as the others stand. */
  readonly fields: readonly FormField[];
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
  /** The options of its JSON field, and whether that is written as JSON; absent: it has none that are known. */
  readonly options: { readonly sets: OptionSets; readonly isJson: boolean } | undefined;
  readonly set: (name: string, draft: Draft) => void;
  /** Writes the options as JSON from now on, or each in its field. */
  readonly setJson: (isJson: boolean) => void;
  readonly submit: () => Promise<void>;
  /** Goes on from another state of the row, with or without what was written here. */
  readonly rebase: (row: Row, keepsMine: boolean) => void;
}

export interface RowFormOptions {
  readonly form: Form;
  /** The options of one of its JSON fields. */
  readonly options?: OptionSets | undefined;
  /** What follows from what is chosen, as long as nobody wrote something else there. */
  readonly begins?: KnownForm['begins'] | undefined;
  /** Absent: a new one. */
  readonly row?: Row;
  /** Sends what is to be written; resolves with the row as it is now, or undefined to leave the form alone. */
  readonly save: (values: Readonly<Record<string, unknown>>) => Promise<Row | undefined>;
}

interface Values extends OptionForm {
  /** As the server has it. */
  readonly stored: Form;
  /** As the fields began. */
  readonly base: Drafts;
  readonly drafts: Drafts;
  /** The fields in which somebody wrote. */
  readonly touched: ReadonlySet<string>;
}

interface Problems {
  readonly errors: FieldErrors;
  readonly refusal?: string;
  readonly isConflict?: boolean;
}

const NO_PROBLEMS: Problems = { errors: {} };

/** Keeps what is written in a form, sends what changed, and holds what the server says of it. */
export function useRowForm({ form, options, begins, row, save }: RowFormOptions): RowForm {
  const [state, setState] = useState<Values>(() => begun(form, row, options));
  const [problems, setProblems] = useState(NO_PROBLEMS);
  const [refusals, setRefusals] = useState(0);
  const [isSaving, setSaving] = useState(false);
  const { drafts } = state;

  /** `against` says which drafts stay: those that differ from it. */
  function goOnFrom(now: Row, against: (values: Values) => Drafts): void {
    setState((before) => rebased(before, formOfValues(form, now, options), against(before)));
    setProblems(NO_PROBLEMS);
  }

  function rebase(now: Row, keepsMine: boolean): void {
    goOnFrom(now, (values) => (keepsMine ? values.base : values.drafts));
  }

  function refuse(found: Problems): void {
    setProblems({ ...found, errors: drawnErrors(state, drafts, found.errors) });
    setRefusals((count) => count + 1);
  }

  async function submit(): Promise<void> {
    const written = write(state, row === undefined);
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
    setState((before) => {
      const touched = new Set([...before.touched, name]);
      const drafts =
        name === options?.by
          ? {
              ...carriedOver(before, before.drafts, textIn(draft)),
              ...begunBy(begins?.[textIn(draft)], before),
            }
          : before.drafts;
      return { ...before, touched, drafts: { ...drafts, [name]: draft } };
    });
    setProblems(({ errors: { [name]: _mended, ...errors }, ...others }) => ({ ...others, errors }));
  }

  function setJson(isJson: boolean): void {
    const folded = foldedDraft(state, drafts, state.base);
    if (folded === undefined) return;
    if (!folded.ok) return refuse({ errors: folded.errors });
    setState(switched(state, isJson, folded.value));
    setProblems(NO_PROBLEMS);
  }

  const { errors, refusal, isConflict = false } = problems;
  return {
    ...{ drafts, errors, refusal, isConflict, isSaving, refusals, set, setJson, submit, rebase },
    fields: openFields(drawnForm(state), drafts),
    isDirty: isChanged(state),
    options: options && { sets: options, isJson: state.isJson },
  };
}

function begun(form: Form, row: Row | undefined, options: OptionSets | undefined): Values {
  const stored = formOfValues(form, row, options);
  const optionForm = { form: stored, options, isJson: false };
  const base = draftsOf(drawnForm(optionForm), undefined);
  return { ...optionForm, stored, base, drafts: base, touched: new Set() };
}

/** What a choice says of other fields, where nobody wrote anything yet or it was taken out again. */
function begunBy(values: KnownForm['begins'][string] = {}, { form, drafts, touched }: Values): Drafts {
  const open = form.fields.filter(
    ({ name }) => Object.hasOwn(values, name) && (!touched.has(name) || drafts[name] === ''),
  );
  return Object.fromEntries(open.map((field) => [field.name, draftOf(field, values[field.name])]));
}

function rebased(values: Values, stored: Form, against: Drafts): Values {
  const { options, isJson, drafts } = values;
  const optionForm = { form: stored, options, isJson };
  const base = draftsOf(drawnForm(optionForm), undefined);
  const kept = openFields(drawnForm(values), drafts).filter(
    ({ name }) => !isSame(drafts[name], against[name]),
  );
  const mine = Object.fromEntries(kept.map(({ name }) => [name, drafts[name] ?? '']));
  return { ...optionForm, stored, base, drafts: { ...base, ...mine }, touched: values.touched };
}

/** The same, with the options in the other way of writing. */
function switched(values: Values, isJson: boolean, config: unknown): Values {
  const { options, drafts, base } = values;
  if (options === undefined) return values;
  if (isJson) return { ...values, isJson, drafts: { ...drafts, [options.of]: jsonText(config) } };
  const optionForm = { options, isJson, form: begunWith(values, config, drafts) };
  const begin = optionDrafts(optionForm);
  return { ...values, ...optionForm, base: { ...base, ...begin }, drafts: { ...drafts, ...begin } };
}

function isChanged(values: Values): boolean {
  const { options, drafts, base } = values;
  const isOther = openFields(drawnForm(values), drafts).some(
    ({ name }) => !isOption(options, name) && !isSame(drafts[name], base[name]),
  );
  return isOther || changedConfig(values) !== undefined;
}

/** The JSON field, where it is another than the stored one. */
function changedConfig(values: Values): ReturnType<typeof foldedDraft> {
  const { options, drafts, base, stored } = values;
  const folded = foldedDraft(values, drafts, base);
  if (options === undefined || folded === undefined) return undefined;
  const isSameValue = folded.ok && JSON.stringify(folded.value) === JSON.stringify(configOf(stored, options));
  return isSameValue ? undefined : folded;
}

/** What changed; of a new one also what must be said, unless it is empty. */
function write(values: Values, isNew: boolean) {
  const { options, drafts, base } = values;
  const found: Record<string, unknown> = {};
  const errors: Record<string, readonly string[]> = {};
  for (const field of openFields(drawnForm(values), drafts)) {
    if (isOption(options, field.name)) continue;
    const draft = drafts[field.name] ?? '';
    const isNeeded = isNew && field.isRequired && draft !== '';
    if (isSame(draft, base[field.name]) && !isNeeded) continue;
    const written = writtenOf(field, draft);
    if (!written.ok) errors[field.name] = written.sentences;
    else if (isNeeded || !saysTheSame(written, writtenOf(field, base[field.name] ?? '')))
      found[field.name] = written.value;
  }
  const config = changedConfig(values);
  if (config?.ok === false) Object.assign(errors, config.errors);
  else if (config !== undefined && options !== undefined) found[options.of] = config.value;
  return { values: found, errors };
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
