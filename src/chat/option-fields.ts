import type { FormValues } from './desk.ts';
import type { Choice, FieldErrors, Form, FormField } from './form.ts';
import { isRecord, type Json } from './json.ts';
import type { KnownOptions, Option, OptionSets } from './option.ts';
import { fieldAt, fieldsOf, storedAt, writtenOf } from './option-parts.ts';

/** The name of the field of one option. Forms have an option of the same name for many choices. */
function optionName({ of }: OptionSets, chosen: string, option: string): string {
  return `${of}@${chosen}.${option}`;
}

/** The name by which lines and people know the option of such a field. */
export function plainName(name: string): string {
  return name.replace(/@[^.]+(?=\.)/, '');
}

/** Whether a field asks for an option, rather than for what stands beside the JSON field. */
export function isOptionField({ of }: OptionSets, name: string): boolean {
  return name.startsWith(`${of}@`);
}

/**
 * The form with a field for each option of each choice, in place of the one JSON field. That one stays for
 * what has no field: where nobody knows the options, where others may be written, and where others are stored.
 */
export function withOptionFields(form: Form, options: OptionSets): Form {
  const stored = storedIn(form, options);
  const isAnything = form.fields.find(({ name }) => name === options.by)?.widget.type === 'text';
  return {
    ...form,
    fields: form.fields.flatMap((field) => {
      if (field.name === options.by) return [deciding(field, options)];
      return field.name === options.of
        ? [...optionFields(options, stored), rest(field, options, { ...stored, isAnything })]
        : [field];
    }),
  };
}

/** What is chosen, and what is written for it already. */
interface Before {
  readonly chosen: string;
  readonly config: Json;
}

function storedIn({ fields }: Form, { of, by }: OptionSets): Before {
  const config = fields.find(({ name }) => name === of)?.value;
  const chosen = fields.find(({ name }) => name === by)?.value;
  return { chosen: String(chosen ?? ''), config: isRecord(config) ? config : {} };
}

/** All that can be chosen is known beforehand, so that platforms can draw the form anew after a choice. */
export function deciding(field: FormField, { choices }: OptionSets): FormField {
  const { widget } = field;
  return widget.type === 'reference' ? { ...field, widget: { ...widget, choices } } : field;
}

function optionFields(options: OptionSets, stored: Before): readonly FormField[] {
  return Object.entries(options.sets).flatMap(([chosen, { options: each }]) => {
    const config = chosen === stored.chosen ? stored.config : {};
    return each.flatMap((option) =>
      fieldsOf(
        option,
        optionName(options, chosen, option.field.name),
        storedAt(config, option.field.name),
      ).map((field) => ({ shownWhen: { field: options.by, in: [chosen] }, ...field })),
    );
  });
}

/** `isAnything`: what decides may be other than what is known of it. */
function rest(
  field: FormField,
  { by, choices, sets }: OptionSets,
  stored: Before & { readonly isAnything: boolean },
): FormField {
  const known = sets[stored.chosen];
  const others = known === undefined ? stored.config : withoutKnown(stored.config, known);
  const isAsked = ({ value }: Choice) =>
    sets[value]?.isOpen !== false || (value === stored.chosen && Object.keys(others).length > 0);
  const asked = choices.filter(isAsked).map(({ value }) => value);
  return {
    ...field,
    value: others,
    ...(stored.isAnything || asked.length === choices.length ? {} : { shownWhen: { field: by, in: asked } }),
  };
}

function withoutKnown(config: Json, { options, fixed }: KnownOptions): Json {
  const known = new Set([...options.map(({ field }) => field.name), ...fixed.map(({ name }) => name)]);
  return Object.fromEntries(Object.entries(config).filter(([name]) => !known.has(name)));
}

/** What was filled in, with the fields of what is chosen put together again. `form`: as it was before `withOptionFields`. */
export function foldedOptions(form: Form, options: OptionSets, values: FormValues): FormValues {
  const { of } = options;
  const stored = storedIn(form, options);
  const chosen = chosenIn(stored, options, values);
  const others = Object.fromEntries(Object.entries(values).filter(([name]) => !isOptionField(options, name)));
  const known = options.sets[chosen];
  if (known === undefined) return others;
  const raw = Object.hasOwn(values, of) ? (values[of] ?? {}) : undefined;
  if (raw !== undefined && !isRecord(raw)) return others;
  const before = chosen === stored.chosen ? stored.config : {};
  const config: Record<string, unknown> = { ...before };
  if (raw !== undefined) for (const name of Object.keys(withoutKnown(before, known))) delete config[name];
  Object.assign(config, raw);
  for (const option of known.options) {
    const { name } = option.field;
    const was = storedAt(before, name);
    const now = writtenOf(option, optionName(options, chosen, name), { values, stored: was });
    if (now === was) continue;
    if (now === undefined) delete config[name];
    else config[name] = now.value;
  }
  return { ...others, [of]: config };
}

function chosenIn(stored: Before, { by }: OptionSets, values: FormValues): string {
  return String((Object.hasOwn(values, by) ? values[by] : stored.chosen) ?? '');
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
  return options.flatMap((option) => {
    const { name } = option.field;
    if (!Object.hasOwn(given, name)) return [];
    const fields = fieldsOf(option, named(name), { value: given[name] });
    return fields.flatMap((field) =>
      Object.hasOwn(field, 'value') ? [[field.name, field.value] as const] : [],
    );
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
  const stored = storedIn(form, options);
  const chosen = chosenIn(stored, options, values);
  const known = options.sets[chosen];
  if (known === undefined || sentences.length === 0) return errors;
  const config = chosen === stored.chosen ? stored.config : {};
  const placed: Record<string, readonly string[]> = { ...others };
  for (const sentence of sentences) {
    const about = aboutOption(sentence, known);
    const at =
      about === undefined
        ? { field: known.isOpen ? of : by, sentence }
        : placedAt(about, optionName(options, chosen, about.option.field.name), { values, config });
    placed[at.field] = [...(placed[at.field] ?? []), at.sentence];
  }
  return placed;
}

interface About {
  readonly option: Option;
  /** Within the option. */
  readonly place: readonly string[];
  /** Without its place; absent where that is a part of it. */
  readonly words?: string;
  readonly sentence: string;
}

/** `limit: At least 1.`, `rules.0.kind: …` and `rules.0 looks …` are about the option that they begin with. */
function aboutOption(sentence: string, { options }: KnownOptions): About | undefined {
  const [, name = '', place = '', colon = ''] = /^([^\s.:]+)(?:\.([^\s:]+))?(:)?\s/.exec(sentence) ?? [];
  const option = options.find(({ field }) => field.name === name);
  if (option === undefined) return undefined;
  const words = colon === '' ? {} : { words: sentence.slice(sentence.indexOf(':') + 1).trim() };
  return { option, place: place === '' ? [] : place.split('.'), sentence, ...words };
}

/** What a field holds is told of with the way to it. */
function placedAt(
  { option, place, words, sentence }: About,
  name: string,
  { values, config }: { readonly values: FormValues; readonly config: Json },
): { readonly field: string; readonly sentence: string } {
  const sent = { values, stored: storedAt(config, option.field.name) };
  const at = fieldAt(option, { field: name, place }, sent);
  if (words === undefined) return { field: at.field, sentence };
  const way = at.place.join('.');
  return { field: at.field, sentence: way === '' ? words : `${way}: ${words}` };
}
