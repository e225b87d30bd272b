import { editableText } from './asked-fields.ts';
import type { FormValues } from './desk.ts';
import { untouched } from './filled.ts';
import type { Choice, FieldErrors, Form, FormField } from './form.ts';
import { isRecord, type Json } from './json.ts';
import type { KnownOptions, Option } from './option-schema.ts';

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

/** The name of the field of one option. Forms have an option of the same name for many choices. */
function optionName({ of }: OptionSets, chosen: string, option: string): string {
  return `${of}@${chosen}.${option}`;
}

/** The name by which lines and people know the option of such a field. */
export function plainName(name: string): string {
  return name.replace(/@[^.]+(?=\.)/, '');
}

/**
 * The form with a field for each option of each choice, in place of the one JSON field. That one stays for
 * what has no field: where nobody knows the options, where others may be written, and where others are stored.
 */
export function withOptionFields(form: Form, options: OptionSets): Form {
  const stored = storedIn(form, options);
  return {
    ...form,
    fields: form.fields.flatMap((field) => {
      if (field.name === options.by) return [deciding(field, options)];
      return field.name === options.of
        ? [...optionFields(options, stored), rest(field, options, stored)]
        : [field];
    }),
  };
}

/** What is chosen, and what is written for it already. */
interface Stored {
  readonly chosen: string;
  readonly config: Json;
}

function storedIn({ fields }: Form, { of, by }: OptionSets): Stored {
  const config = fields.find(({ name }) => name === of)?.value;
  const chosen = fields.find(({ name }) => name === by)?.value;
  return { chosen: String(chosen ?? ''), config: isRecord(config) ? config : {} };
}

/** All that can be chosen is known beforehand, so that platforms can draw the form anew after a choice. */
function deciding(field: FormField, { choices }: OptionSets): FormField {
  const { widget } = field;
  return widget.type === 'reference' ? { ...field, widget: { ...widget, choices } } : field;
}

function optionFields(options: OptionSets, stored: Stored): readonly FormField[] {
  return Object.entries(options.sets).flatMap(([chosen, { options: each }]) =>
    each.map((option) => ({
      ...fieldOf(option, chosen === stored.chosen ? stored.config : {}),
      name: optionName(options, chosen, option.field.name),
      shownWhen: { field: options.by, in: [chosen] },
    })),
  );
}

/** The field of an option, with what is stored of it. */
function fieldOf({ field, isYesOrNo }: Option, config: Json): FormField {
  if (!Object.hasOwn(config, field.name)) return field;
  const value = config[field.name];
  const { widget } = field;
  const hasLines = widget.type === 'text' && typeof value === 'string' && value.includes('\n');
  return {
    ...field,
    widget: fits(field, value) ? (hasLines ? { type: 'paragraph' } : widget) : { type: 'json' },
    value: isYesOrNo && typeof value === 'boolean' ? String(value) : value,
  };
}

/** What is of another type than it should be is shown as it is. */
function fits({ widget }: FormField, value: unknown): boolean {
  if (value === null) return true;
  switch (widget.type) {
    case 'number':
      return typeof value === 'number';
    case 'switch':
      return typeof value === 'boolean';
    case 'texts':
      return Array.isArray(value) && value.every((one) => typeof one === 'string');
    case 'choice':
      return typeof value === 'boolean' || widget.choices.some((choice) => choice.value === value);
    case 'text':
    case 'paragraph':
      return typeof value === 'string';
    default:
      return true;
  }
}

function rest(field: FormField, { by, choices, sets }: OptionSets, stored: Stored): FormField {
  const known = sets[stored.chosen];
  const others = known === undefined ? stored.config : withoutKnown(stored.config, known);
  const isAsked = ({ value }: Choice) =>
    sets[value]?.isOpen !== false || (value === stored.chosen && Object.keys(others).length > 0);
  const asked = choices.filter(isAsked).map(({ value }) => value);
  return {
    ...field,
    value: others,
    ...(asked.length === choices.length ? {} : { shownWhen: { field: by, in: asked } }),
  };
}

function withoutKnown(config: Json, { options, fixed }: KnownOptions): Json {
  const known = new Set([...options.map(({ field }) => field.name), ...fixed]);
  return Object.fromEntries(Object.entries(config).filter(([name]) => !known.has(name)));
}

/** What was filled in, with the fields of what is chosen put together again. `form`: as it was before `withOptionFields`. */
export function foldedOptions(form: Form, options: OptionSets, values: FormValues): FormValues {
  const { of } = options;
  const stored = storedIn(form, options);
  const chosen = chosenIn(stored, options, values);
  const others = Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith(`${of}@`)));
  const known = options.sets[chosen];
  if (known === undefined) return others;
  const raw = Object.hasOwn(values, of) ? (values[of] ?? {}) : undefined;
  if (raw !== undefined && !isRecord(raw)) return others;
  const before = chosen === stored.chosen ? stored.config : {};
  const config: Record<string, unknown> = { ...before };
  if (raw !== undefined) for (const name of Object.keys(withoutKnown(before, known))) delete config[name];
  Object.assign(config, raw);
  for (const option of known.options) {
    const name = optionName(options, chosen, option.field.name);
    if (Object.hasOwn(values, name)) write(config, option, { sent: values[name], before });
  }
  return { ...others, [of]: config };
}

function chosenIn(stored: Stored, { by }: OptionSets, values: FormValues): string {
  return String((Object.hasOwn(values, by) ? values[by] : stored.chosen) ?? '');
}

/** What nobody touched stays as it is, also where that is not written at all. */
function write(
  config: Record<string, unknown>,
  option: Option,
  { sent, before }: { readonly sent: unknown; readonly before: Json },
): void {
  const { name } = option.field;
  const field = fieldOf(option, before);
  if (isSame(field, sent, untouched(field))) return;
  if (!isEmpty(sent)) config[name] = option.isYesOrNo ? sent === true || sent === 'true' : sent;
  else if (option.empty === 'unset') delete config[name];
  else config[name] = option.empty === 'list' ? [] : null;
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

/** The order of what is ticked says nothing. */
function isSame({ widget }: FormField, one: unknown, other: unknown): boolean {
  if (isEmpty(one) && isEmpty(other)) return true;
  const isTicked = widget.type === 'texts' && widget.isClosed === true;
  const text = (value: unknown) =>
    JSON.stringify(isTicked && Array.isArray(value) ? value.map(String).sort() : value);
  return text(one) === text(other);
}

/** What was given of the JSON field, at the fields of its options; of all choices while nothing is chosen. */
export function spreadValues(form: Form, options: OptionSets, values: FormValues): FormValues {
  const given = values[options.of];
  const chosen = chosenIn(storedIn(form, options), options, values);
  if (!isRecord(given)) return values;
  const entries = Object.entries(options.sets)
    .filter(([choice]) => chosen === '' || choice === chosen)
    .flatMap(([choice, known]) => givenTo(known, given, (option) => optionName(options, choice, option)));
  const known = options.sets[chosen];
  const others = known === undefined ? given : withoutKnown(given, known);
  return { ...values, [options.of]: others, ...Object.fromEntries(entries) };
}

function givenTo(
  { options }: KnownOptions,
  given: Json,
  named: (option: string) => string,
): readonly (readonly [string, unknown])[] {
  return options.flatMap(({ field, isYesOrNo }) => {
    if (!Object.hasOwn(given, field.name)) return [];
    const value = given[field.name];
    return [[named(field.name), isYesOrNo ? editableText(field, value) : value] as const];
  });
}

/** What is wrong with the JSON field, at the fields of its options; the rest stands at what decides where it has no field. */
export function spreadErrors(
  form: Form,
  options: OptionSets,
  { values, errors }: { readonly values: FormValues; readonly errors: FieldErrors },
): FieldErrors {
  const { of, by } = options;
  const { [of]: sentences = [], ...others } = errors;
  const chosen = chosenIn(storedIn(form, options), options, values);
  const known = options.sets[chosen];
  if (known === undefined || sentences.length === 0) return errors;
  const placed: Record<string, readonly string[]> = { ...others };
  for (const sentence of sentences) {
    const at = optionIn(sentence, known);
    const name = at === undefined ? (known.isOpen ? of : by) : optionName(options, chosen, at.option);
    placed[name] = [...(placed[name] ?? []), at?.sentence ?? sentence];
  }
  return placed;
}

/** `limit: At least 1.`, `rules.0.kind: …` and `rules.0 looks …` are about the option that they begin with. */
function optionIn(
  sentence: string,
  { options }: KnownOptions,
): { readonly option: string; readonly sentence: string } | undefined {
  const [, option = '', place = '', colon = ''] = /^([^\s.:]+)(?:\.([^\s:]+))?(:)?\s/.exec(sentence) ?? [];
  if (!options.some(({ field }) => field.name === option)) return undefined;
  if (colon === '') return { option, sentence };
  const words = sentence.slice(sentence.indexOf(':') + 1).trim();
  return { option, sentence: place === '' ? words : `${place}: ${words}` };
}
