import type { Form, FormField } from '../../../../src/chat/form.ts';
import type { OptionSets } from '../../../../src/chat/option.ts';
import {
  deciding,
  foldedOptions,
  isOptionField,
  spreadErrors,
  withOptionFields,
} from '../../../../src/chat/option-fields.ts';
import type { FieldErrors, Row } from './rest.ts';
import { type Draft, type Drafts, draftsOf, isSame, openFields, textIn, writtenOf } from './values.ts';

/** A form one of whose JSON fields has options, each with a field of its own. */
export interface OptionForm {
  /** With the one JSON field; its values are those that the fields began with. */
  readonly form: Form;
  /** Absent: nobody knows them. */
  readonly options: OptionSets | undefined;
  /** The JSON field is asked for as it is. */
  readonly isJson: boolean;
}

/** The form with the values of a row; what decides about options is known by its name. */
export function formOfValues(form: Form, row: Row | undefined, options: OptionSets | undefined): Form {
  if (row === undefined) return form;
  const valueNow = ({ name }: FormField) => (name === options?.by ? nameIn(row[name]) : row[name]);
  return { ...form, fields: form.fields.map((field) => ({ ...field, value: valueNow(field) })) };
}

function nameIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'name' in value ? value.name : value;
}

/** The form as it is drawn. */
export function drawnForm({ form, options, isJson }: OptionForm): Form {
  if (options === undefined) return form;
  if (!isJson) return withOptionFields(form, options);
  const fields = form.fields.map((field) => (field.name === options.by ? deciding(field, options) : field));
  return { ...form, fields };
}

/** What the JSON field is, as its fields stand, or what is wrong with them. */
export type Folded =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly errors: FieldErrors };

/** Puts the fields of the options together. Undefined: the form has none. */
export function foldedDraft(optionForm: OptionForm, drafts: Drafts, base: Drafts): Folded | undefined {
  const { form, options, isJson } = optionForm;
  if (options === undefined) return undefined;
  const values: Record<string, unknown> = { [options.by]: textIn(drafts[options.by]) };
  const errors: Record<string, readonly string[]> = {};
  for (const field of openFields(drawnForm(optionForm), drafts)) {
    if (!isOption(options, field.name)) continue;
    const draft = drafts[field.name] ?? '';
    const written = writtenOf(field, draft);
    if (!written.ok) errors[field.name] = written.sentences;
    else if (isJson || !isSame(draft, base[field.name])) values[field.name] = written.value;
  }
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  if (isJson) return { ok: true, value: values[options.of] ?? {} };
  const folded = foldedOptions(form, options, values);
  return {
    ok: true,
    value: Object.hasOwn(folded, options.of) ? folded[options.of] : configOf(form, options),
  };
}

/** Whether a field is the JSON field or one of its options. */
export function isOption(options: OptionSets | undefined, name: string): boolean {
  return options !== undefined && (name === options.of || isOptionField(options, name));
}

/** What the JSON field began with. */
export function configOf({ fields }: Form, { of }: OptionSets): unknown {
  return fields.find(({ name }) => name === of)?.value ?? {};
}

/** The form as if it had begun with this value of the JSON field, under what is chosen now. */
export function begunWith({ form, options }: OptionForm, config: unknown, drafts: Drafts): Form {
  const values: Readonly<Record<string, unknown>> =
    options === undefined ? {} : { [options.of]: config, [options.by]: textIn(drafts[options.by]) };
  const valueNow = (field: FormField) =>
    Object.hasOwn(values, field.name) ? values[field.name] : field.value;
  return { ...form, fields: form.fields.map((field) => ({ ...field, value: valueNow(field) })) };
}

/** The drafts of a form's options, and of those alone. */
export function optionDrafts(optionForm: OptionForm): Drafts {
  const fields = drawnForm(optionForm).fields.filter(({ name }) => isOption(optionForm.options, name));
  return draftsOf({ fields }, undefined);
}

/** What is wrong, at the fields that are drawn. */
export function drawnErrors(
  { form, options, isJson }: OptionForm,
  drafts: Drafts,
  errors: FieldErrors,
): FieldErrors {
  if (options === undefined || isJson) return errors;
  const texts = Object.entries(drafts).filter(([, draft]) => typeof draft === 'string');
  return spreadErrors(form, options, { values: Object.fromEntries(texts), errors });
}

/** Drafts after another choice: what was written for the one before stays where the other has the same option. */
export function carriedOver(optionForm: OptionForm, drafts: Drafts, chosen: string): Drafts {
  const { options } = optionForm;
  if (options === undefined || optionForm.isJson) return drafts;
  const fields = new Map(drawnForm(optionForm).fields.map((field) => [field.name, field]));
  const [from, to] = [textIn(drafts[options.by]), chosen].map((choice) => `${options.of}@${choice}.`);
  if (from === undefined || to === undefined) return drafts;
  const initial = optionDrafts({ ...optionForm, form: begunWith(optionForm, {}, {}) });
  const carried = [...fields.values()].flatMap((field) => {
    const draft = drafts[field.name];
    const other = field.name.startsWith(from) ? fields.get(to + field.name.slice(from.length)) : undefined;
    if (draft === undefined || other === undefined || !takes(other, field, draft)) return [];
    return isSame(draft, initial[field.name]) ? [] : [[other.name, draft] as const];
  });
  return { ...drafts, ...Object.fromEntries(carried) };
}

/** Whether a field can hold what another one does. */
function takes({ widget }: FormField, field: FormField, draft: Draft): boolean {
  if (widget.type !== field.widget.type) return false;
  if (widget.type === 'choice') return widget.choices.some(({ value }) => value === draft);
  return widget.type !== 'json' || JSON.stringify(widget.rows) === JSON.stringify(jsonRows(field));
}

function jsonRows({ widget }: FormField): unknown {
  return widget.type === 'json' ? widget.rows : undefined;
}
