import { askedFields, valueIn } from '../asked-fields.ts';
import type { FormValues } from '../desk.ts';
import type { Form, FormField } from '../form.ts';
import { isRecord } from '../json.ts';
import type { OptionSets } from '../option.ts';
import { spreadValues, withOptionFields } from '../option-fields.ts';
import { code, either } from './words.ts';

/** What a command line gave of a form, and what was filled in since; what was filled in wins. */
export interface GivenNow {
  readonly given: FormValues;
  readonly filled: FormValues;
}

/** What a command line gave of a form, where the form asks for it now. */
export interface Placed {
  /** Of all fields that are asked for now. */
  readonly values: FormValues;
  /** What was given for fields that depend on others: it is placed anew when those change. */
  readonly later: FormValues;
  /** What waits for a choice, and what the choice that was made has no use for, in sentences. */
  readonly notes: readonly string[];
}

/** A form before the fields of options are in it, and what decides about those. */
export interface Asking {
  readonly form: Form;
  readonly options: OptionSets | undefined;
}

/** Places what was given before it could be asked for, such as an option of a type that nobody had chosen. */
export function placedNow({ form, options }: Asking, { given, filled }: GivenNow): Placed {
  const drawn = options === undefined ? form : withOptionFields(form, options);
  const spread =
    options === undefined ? given : spreadValues(form, options, { ...given, ...decided(options, filled) });
  const merged = { ...spread, ...filled };
  const asked = new Set(askedFields(drawn, merged).map(({ name }) => name));
  const isNow = ([name]: readonly [string, unknown]) => asked.has(name) || Object.hasOwn(filled, name);
  const depends = new Set(drawn.fields.flatMap(({ name, shownWhen }) => (shownWhen ? [name] : [])));
  const later = Object.entries(given).filter(([name]) => depends.has(name) || name === options?.of);
  const unplaced = later.filter(([name]) => !asked.has(name)).map(([name]) => name);
  const place = { drawn, merged, options };
  return {
    values: Object.fromEntries(Object.entries(merged).filter(isNow)),
    later: Object.fromEntries(later),
    notes: unplaced.flatMap((name) =>
      name === options?.of ? optionNotes(options, place, given) : fieldNote(name, place),
    ),
  };
}

/** What decides about the options, where somebody filled it in. */
function decided({ by }: OptionSets, filled: FormValues): FormValues {
  return Object.hasOwn(filled, by) ? { [by]: filled[by] } : {};
}

interface Place {
  readonly drawn: Form;
  readonly merged: FormValues;
  readonly options: OptionSets | undefined;
}

/** Options that nobody can be asked for now. */
function optionNotes(
  { of, by, sets }: OptionSets,
  { drawn, merged }: Place,
  given: FormValues,
): readonly string[] {
  const deciding = drawn.fields.find(({ name }) => name === by);
  const chosen = deciding === undefined ? '' : String(valueIn(deciding, merged) ?? '');
  const left = chosen === '' ? given[of] : merged[of];
  const names = isRecord(left) ? Object.keys(left).map((name) => code(`${of}.${name}`)) : [];
  if (names.length === 0) return [];
  if (chosen === '') return [`Kept until you choose *${deciding?.label ?? by}*: ${names.join(', ')}.`];
  const known = (sets[chosen]?.options ?? []).map(({ field }) => code(field.name));
  const has = known.length === 0 ? 'It has no options.' : `Its options are ${known.join(', ')}.`;
  const is = names.length === 1 ? 'is no option' : 'are no options';
  return [`${names.join(', ')} ${is} of ${code(chosen)}, and left out. ${has}`];
}

/** A field that depends on another, which says otherwise. */
function fieldNote(name: string, { drawn, merged }: Place): readonly string[] {
  const called = (one: string) => drawn.fields.find((field) => field.name === one);
  const [field, deciding] = [called(name), called(called(name)?.shownWhen?.field ?? '')];
  if (field?.shownWhen === undefined || deciding === undefined) return [];
  const wanted = either(field.shownWhen.in.map((value) => code(choiceLabel(deciding, value))));
  const isOpen = String(valueIn(deciding, merged) ?? '') === '';
  return isOpen
    ? [`Kept until you choose *${deciding.label}*: *${field.label}*.`]
    : [`*${field.label}* is left out: it is asked for only while *${deciding.label}* is ${wanted}.`];
}

function choiceLabel({ widget }: FormField, value: string): string {
  const choices = widget.type === 'choice' ? widget.choices : [];
  return choices.find((choice) => choice.value === value)?.label ?? value;
}
