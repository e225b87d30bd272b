import { editableText } from '../../src/chat/asked-fields.ts';
import { clipped } from '../../src/chat/clipped.ts';
import type { Choice, FormField } from '../../src/chat/form.ts';
import type { Json } from '../../src/chat/json.ts';
import { inputId, isManyOf, nothingChosen } from './filled.ts';
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
      return lookup(field, common, value);
    case 'time':
      return textInput(common, given, { placeholder: '2027-01-31T09:00:00Z' });
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

function optional({ isRequired }: FormField, listed: readonly Choice[]): readonly Choice[] {
  return isRequired ? listed : [{ value: nothingChosen, label: '(nothing)' }, ...listed];
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

/** What Teams asks by for references to secrets; no resource is called so. */
export const secretDataset = 'secret-references';

/** Looked up while somebody types: Teams asks by `application/search` with the dataset. */
function lookup(field: FormField, common: Json, value: string): Json {
  const { widget } = field;
  const isSecret = widget.type === 'secret';
  const current = value === '' || value === nothingChosen ? [] : [{ value, label: value }];
  return {
    type: 'Input.ChoiceSet',
    ...common,
    style: 'filtered',
    placeholder: isSecret ? 'Search, or write env:NAME, file:name or vault:mount/path#field' : 'Search…',
    choices: optional(field, current).map(choiceOf),
    'choices.data': {
      type: 'Data.Query',
      dataset: isSecret ? secretDataset : widget.type === 'reference' ? widget.resource : '',
    },
    ...(value === '' ? {} : { value }),
  };
}

/** One choice of a list, as cards and `application/search` know them. */
export function choiceOf({ value, label }: Choice): { readonly title: string; readonly value: string } {
  return { title: clipped(label === '' ? value : label, 100) || ' ', value };
}
