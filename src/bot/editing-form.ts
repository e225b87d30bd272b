import { canonicalJson, type Json } from '../agent/json.ts';
import { untouched } from '../chat/filled.ts';
import type { Form, FormField, Widget } from '../chat/form.ts';
import { askedFields } from './asked-fields.ts';
import { type Asked, formField } from './asked-form.ts';
import { valueSchema } from './asked-values.ts';
import type { Approval } from './port.ts';

/** What a form of a call's arguments is made of. */
export type Editable = Pick<Approval, 'arguments' | 'schemas'>;

/** An argument with a field of its own. */
export interface Editing extends Asked {
  /** What its field shows before anybody changes it. */
  readonly shown: Json | undefined;
  readonly drawn: FormField;
}

const mostFields = 40;
/** The field of all arguments. */
export const whole = 'arguments';
const secret = 'What you write here is stored and shown to others: write no secret.';

/** The arguments of a call as a form: a field for each, or one of JSON where the tool's schema does not list them. */
export function editForm(approval: Editable): Form {
  const editings = editingsOf(approval);
  const fields = editings?.map(({ drawn }) => drawn) ?? [wholeField(approval)];
  return { title: 'Edit and approve', submit: 'Approve as edited', fields };
}

/** Undefined: the arguments are edited as one JSON text. */
export function editingsOf({ arguments: args, schemas = [] }: Editable): readonly Editing[] | undefined {
  const listed = schemas.map((schema) => askedFields(schema));
  const asked = listed.findLast((fields) => fields.length > 0) ?? [];
  const names = new Set(asked.map(({ name }) => name));
  if (asked.length === 0 || asked.length > mostFields) return undefined;
  if (Object.keys(args).some((name) => !names.has(name))) return undefined;
  return asked.map((one) => editingOf(one, args[one.name]));
}

/** What its own kind of field cannot hold, or would give back otherwise, is edited as JSON. */
function editingOf(asked: Asked, current: Json | undefined): Editing {
  const { field } = asked;
  const unwritten = field.default ?? (field.type === 'boolean' ? false : undefined);
  const shown = current === undefined ? unwritten : current;
  const drawn = editField(asked, shown);
  if (shown === undefined || isKept(asked, drawn, shown)) return { ...asked, shown, drawn };
  const { title, description } = field;
  const json = { ...asked, field: { title, description } };
  return { ...json, shown, drawn: editField(json, shown) };
}

/** Whether a field that nobody touches gives back exactly what it was drawn with. */
function isKept({ field }: Asked, drawn: FormField, shown: Json): boolean {
  const read = valueSchema(field).safeParse(shown);
  const fits = read.success && isEqual(read.data, shown);
  return fits && isEqual(untouched(drawn), shown) && (drawn.widget.type === 'json' || !isOdd(shown));
}

/** Inputs lose line ends of other kinds, control characters, and what an empty line of a list says. */
function isOdd(shown: Json): boolean {
  const texts = Array.isArray(shown) ? shown : [shown];
  const hasOdd = texts.some((text: Json) => typeof text === 'string' && oddCharacters.test(text));
  return hasOdd || (Array.isArray(shown) && shown.includes(''));
}

const oddCharacters = /[^\P{Cc}\n\t]|[\u2028\u2029]/u;

/** As JSON. */
export function isEqual(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

const longLine = 80;
/** What a select holds, and shows whole, on every platform. */
const mostChoices = 100;
const longestChoice = 75;

function editField(asked: Asked, shown: Json | undefined): FormField {
  const { value: _default, ...field } = formField(asked, secret);
  const widget = editWidget(field.widget, shown);
  return { ...field, isExact: true, widget, ...(shown === undefined ? {} : { value: shown }) };
}

/** Long texts get room, times stay as they are written, and what no select holds is written too. */
function editWidget(widget: Widget, shown: Json | undefined): Widget {
  if (widget.type === 'time') return { type: 'text' };
  if (widget.type === 'choice') return isSelectable(widget) ? widget : { type: 'text' };
  if (widget.type !== 'text' || typeof shown !== 'string') return widget;
  const isLong = shown.length > longLine || shown.includes('\n');
  if (!isLong) return shown.trim() === shown ? widget : withoutFormat(widget);
  return { type: 'paragraph', ...(widget.maxLength === undefined ? {} : { maxLength: widget.maxLength }) };
}

function isSelectable({ choices }: Extract<Widget, { readonly type: 'choice' }>): boolean {
  const isShort = choices.every(({ value }) => value.length > 0 && value.length <= longestChoice);
  return isShort && choices.length > 0 && choices.length <= mostChoices;
}

/** Inputs for addresses take spaces off. */
function withoutFormat({ format: _format, ...widget }: Extract<Widget, { readonly type: 'text' }>): Widget {
  return widget;
}

function wholeField({ arguments: args }: Editable): FormField {
  return {
    name: whole,
    label: 'Arguments',
    help: 'All of them, as one object.',
    widget: { type: 'json' },
    isExact: true,
    ...{ isRequired: true, isNullable: false, isReadOnly: false },
    value: args,
  };
}
