import { editableText } from '../../src/chat/asked-fields.ts';
import { clipped } from '../../src/chat/clipped.ts';
import type { Choice, FormField } from '../../src/chat/form.ts';
import type { Json } from '../../src/chat/json.ts';
import { clockId, inputId, isManyOf, nothingChosen } from './filled.ts';
import { literal } from './safe-text.ts';

/** A value as an input shows it. */
export function written(field: FormField, value: unknown): string {
  if (isManyOf(field)) return Array.isArray(value) ? value.map(String).join(',') : '';
  return editableText(field, value);
}

/** The input of a field, with a value as `written` gives it. */
export function input(field: FormField, value: string): Json {
  const { widget, isRequired } = field;
  const common = { id: inputId(field.name), label: literal(`${field.label}${isRequired ? ' *' : ''}`) };
  const given = value === '' ? {} : { value };
  switch (widget.type) {
    case 'text': {
      const style = { email: 'Email', uri: 'Url', date: undefined }[widget.format ?? 'date'];
      if (widget.format === 'date') return { type: 'Input.Date', ...common, ...given };
      const { maxLength, placeholder } = widget;
      return { ...textInput(common, given, { maxLength, placeholder }), ...(style ? { style } : {}) };
    }
    case 'secret':
    case 'principal':
      return lookup(field, common, value);
    case 'place':
      return textInput(common, given, { placeholder: widget.placeholder });
    case 'time':
      return dateInput(common, value);
    case 'paragraph':
      return { ...textInput(common, given, { maxLength: widget.maxLength }), isMultiline: true };
    case 'pairs':
    case 'json':
      return { ...textInput(common, given), isMultiline: true };
    case 'texts':
      return isManyOf(field)
        ? { ...choices(common, widget.choices ?? [], given), isMultiSelect: true, style: 'expanded' }
        : { ...textInput(common, given), isMultiline: true };
    case 'number':
      return numberInput(common, widget, value);
    case 'switch':
      return {
        type: 'Input.Toggle',
        id: common.id,
        title: common.label,
        valueOn: 'true',
        valueOff: 'false',
        value: value === 'true' ? 'true' : 'false',
      };
    case 'choice':
      return choices(common, optional(field, widget.choices), given);
    case 'reference':
      return widget.choices === undefined
        ? lookup(field, common, value)
        : choices(common, optional(field, widget.choices), given);
    default:
      return widget satisfies never;
  }
}

function textInput(
  common: Json,
  given: Json,
  {
    maxLength,
    placeholder = '',
  }: { readonly maxLength?: number | undefined; readonly placeholder?: string | undefined } = {},
): Json {
  return {
    type: 'Input.Text',
    ...common,
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(placeholder === '' ? {} : { placeholder }),
    ...given,
  };
}

/** A text that is no number stays a text, so that it is not lost. */
function numberInput(
  common: Json,
  { min, max, unit = '' }: { readonly min?: number; readonly max?: number; readonly unit?: string },
  value: string,
): Json {
  const isNumber = value.trim() !== '' && Number.isFinite(Number(value));
  if (value !== '' && !isNumber) return textInput(common, { value });
  return {
    type: 'Input.Number',
    ...common,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(unit === '' ? {} : { placeholder: unit }),
    ...(isNumber ? { value: Number(value) } : {}),
  };
}

/** Nothing can be chosen where it can be stored: what has a value of its own from the start takes no empty one. */
function optional({ isRequired, isNullable }: FormField, listed: readonly Choice[]): readonly Choice[] {
  const named = listed.map((one) => (one.value === '' ? { ...one, value: nothingChosen } : one));
  return isRequired || !isNullable ? named : [{ value: nothingChosen, label: '(nothing)' }, ...named];
}

const manyChoices = 10;

function choices(common: Json, listed: readonly Choice[], given: Json): Json {
  return {
    type: 'Input.ChoiceSet',
    ...common,
    style: listed.length > manyChoices ? 'filtered' : 'compact',
    choices: listed.map(choiceOf),
    ...given,
  };
}

const utcMinutes = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/;

/** The date of a point in time; what is none stays a text, so that it is not lost. */
function dateInput(common: Json, value: string): Json {
  const [, date] = utcMinutes.exec(value) ?? [];
  if (value !== '' && date === undefined) return textInput(common, { value });
  return { type: 'Input.Date', ...common, ...(date === undefined ? {} : { value: date }) };
}

/** The time of day that belongs to a date, by UTC: Teams says of neither by which clock it is. Other fields have none. */
export function clockOf({ name, label, widget }: FormField, value: string): readonly Json[] {
  const [, , time] = utcMinutes.exec(value) ?? [];
  if (widget.type !== 'time' || (value !== '' && time === undefined)) return [];
  const given = time === undefined ? {} : { value: time };
  return [
    { type: 'Input.Time', id: clockId(inputId(name)), label: literal(`${label}: time (UTC)`), ...given },
  ];
}

/** What Teams asks by for references to secrets, and for those to whom something can be given; no resource is called so. */
export const secretDataset = 'secret-references';
export const principalDataset = 'principals';

/** Looked up while somebody types: Teams asks by `application/search` with the dataset. */
function lookup(field: FormField, common: Json, value: string): Json {
  const { widget } = field;
  const dataset = { secret: secretDataset, principal: principalDataset }[String(widget.type)];
  const current = value === '' || value === nothingChosen ? [] : [{ value, label: value }];
  return {
    type: 'Input.ChoiceSet',
    ...common,
    style: 'filtered',
    placeholder: placeholders[String(widget.type)] ?? 'Search…',
    choices: optional(field, current).map(choiceOf),
    'choices.data': {
      type: 'Data.Query',
      dataset: dataset ?? (widget.type === 'reference' ? widget.resource : ''),
    },
    ...(value === '' ? {} : { value }),
  };
}

const placeholders: Readonly<Record<string, string>> = {
  secret: 'Search, or write env:NAME, file:name or vault:mount/path#field',
  principal: 'Search by name or e-mail, or write a principal',
};

/** One choice of a list, as cards and `application/search` know them. */
export function choiceOf({ value, label }: Choice): { readonly title: string; readonly value: string } {
  return { title: clipped(label === '' ? value : label, 100) || ' ', value };
}
