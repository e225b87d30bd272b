import type { FormValues } from './desk.ts';
import { untouched } from './filled.ts';
import type { FormField } from './form.ts';
import { isRecord, type Json } from './json.ts';
import type { KnownOptions, Option } from './option.ts';

/** What is written of an option; where nothing is, there is none of it. */
export interface Stored {
  readonly value: unknown;
}

/** What is stored of an option of this name. */
export function storedAt(config: Json, name: string): Stored | undefined {
  return Object.hasOwn(config, name) ? { value: config[name] } : undefined;
}

/** The name of a part, within the field of the whole. */
function partName(whole: string, part: string): string {
  return `${whole}.${part}`;
}

/** The fields of an option, with what is stored of it. What is of no type that it may have is shown as JSON. */
export function fieldsOf(option: Option, name: string, stored: Stored | undefined): readonly FormField[] {
  const { made } = option;
  if (made === undefined || !isFitting(option, stored)) return [fieldOf(option, name, stored)];
  return made.type === 'object' ? objectFields(option, name, stored) : shapeFields(option, name, stored);
}

function isFitting(option: Option, stored: Stored | undefined): boolean {
  return stored === undefined || stored.value === null || fits(option, stored.value);
}

/** What holds: what is stored, else what does when nothing is. */
function valueNow({ field }: Option, stored: Stored | undefined): unknown {
  return stored === undefined ? field.value : stored.value;
}

function objectFields(option: Option, name: string, stored: Stored | undefined): readonly FormField[] {
  const value = valueNow(option, stored);
  const held = isRecord(value) ? value : {};
  return partsOf(option).flatMap((part) =>
    fieldsOf(part, partName(name, part.field.name), storedAt(held, part.field.name)),
  );
}

function partsOf({ made }: Option): readonly Option[] {
  return made?.type === 'object' ? made.known.options : [];
}

function shapesOf({ made }: Option): Readonly<Record<string, Option>> {
  return made?.type === 'shapes' ? made.shapes : {};
}

function shapeFields(option: Option, name: string, stored: Stored | undefined): readonly FormField[] {
  const value = valueNow(option, stored);
  const chosen = choiceOf(option, value);
  const parts = Object.entries(shapesOf(option)).flatMap(([choice, shape]) =>
    fieldsOf(shape, partName(name, choice), choice === chosen ? { value } : undefined).map((field) => ({
      shownWhen: { field: name, in: [choice] },
      ...field,
    })),
  );
  const { value: _initial, ...field } = option.field;
  return [{ ...field, name, ...(chosen === undefined ? {} : { value: chosen }) }, ...parts];
}

/** One field, with what is stored of it. */
function fieldOf(option: Option, name: string, stored: Stored | undefined): FormField {
  const { field } = option;
  if (stored === undefined)
    return { ...field, name, ...(field.value === undefined ? {} : shown(option, field.value)) };
  const { value } = stored;
  if (!isFitting(option, stored)) return { ...field, name, widget: { type: 'json' }, value };
  const hasLines = field.widget.type === 'text' && typeof value === 'string' && value.includes('\n');
  return {
    ...field,
    name,
    ...(hasLines ? { widget: { type: 'paragraph' } } : {}),
    ...shown(option, value),
  };
}

function shown(option: Option, value: unknown): { readonly value: unknown } {
  return { value: option.meanings === undefined ? value : (choiceOf(option, value) ?? value) };
}

/** What its choice is called that means a value. */
function choiceOf(option: Option, value: unknown): string | undefined {
  const { widget } = option.field;
  if (widget.type !== 'choice' || value === undefined || value === null) return undefined;
  const shapes = shapesOf(option);
  const constant = widget.choices.find(
    (choice) => !Object.hasOwn(shapes, choice.value) && meaningOf(option, choice.value) === value,
  );
  return constant?.value ?? Object.entries(shapes).find(([, shape]) => fits(shape, value))?.[0];
}

function meaningOf({ meanings = {} }: Option, choice: string): unknown {
  return Object.hasOwn(meanings, choice) ? meanings[choice] : choice;
}

/** Whether a value is of a type that an option may have. */
function fits(option: Option, value: unknown): boolean {
  const { made } = option;
  if (made?.type === 'object') return isRecord(value) && isOf(made.known, value);
  const { widget } = option.field;
  switch (widget.type) {
    case 'number':
      return typeof value === 'number';
    case 'switch':
      return typeof value === 'boolean';
    case 'texts':
      return Array.isArray(value) && value.every((one) => typeof one === 'string');
    case 'pairs':
      return isRecord(value) && Object.entries(value).every(isPlainPair);
    case 'choice':
      return choiceOf(option, value) !== undefined;
    case 'text':
    case 'paragraph':
      return typeof value === 'string';
    case 'json':
      return widget.rows === undefined || (widget.rows.isNamed ? isRecord(value) : Array.isArray(value));
    default:
      return true;
  }
}

/** Whether an object has nothing but these options. */
function isOf({ options, fixed, isOpen }: KnownOptions, value: Json): boolean {
  const known = new Set([...options.map(({ field }) => field.name), ...fixed.map(({ name }) => name)]);
  const isFixed = fixed.every((one) =>
    Object.hasOwn(value, one.name) ? value[one.name] === one.value : !one.isRequired,
  );
  return isFixed && (isOpen || Object.keys(value).every((name) => known.has(name)));
}

/** Whether a line `name=value` holds it as it is. */
function isPlainPair([name, value]: readonly [string, unknown]): boolean {
  return (
    typeof value === 'string' &&
    !/[\r\n]/.test(`${name}${value}`) &&
    !name.includes('=') &&
    name !== '' &&
    name.trim() === name &&
    value.trim() === value
  );
}

/** What was filled in, and what was there. */
export interface Sent {
  readonly values: FormValues;
  readonly stored: Stored | undefined;
}

/** What an option is after its fields were filled in; the same as `stored` where nobody touched them. */
export function writtenOf(option: Option, name: string, sent: Sent): Stored | undefined {
  const { made } = option;
  if (made === undefined || !isFitting(option, sent.stored)) return plainWritten(option, name, sent);
  return made.type === 'object' ? objectWritten(option, name, sent) : shapeWritten(option, name, sent);
}

function plainWritten(option: Option, name: string, { values, stored }: Sent): Stored | undefined {
  if (!Object.hasOwn(values, name)) return stored;
  const sent = values[name];
  const field = fieldOf(option, name, stored);
  if (isSame(field, sent, untouched(field))) return stored;
  if (isEmpty(sent)) return emptied(option);
  return { value: field.widget.type === 'choice' ? meaningOf(option, String(sent)) : sent };
}

function emptied({ empty }: Option): Stored | undefined {
  if (empty === 'unset') return undefined;
  return { value: empty === 'list' ? [] : null };
}

/** What nobody touched stays as it is, also where that is not written at all. */
function objectWritten(option: Option, name: string, { values, stored }: Sent): Stored | undefined {
  const held = valueNow(option, stored);
  const value: Record<string, unknown> = isRecord(held) ? { ...held } : {};
  let isTouched = false;
  for (const part of partsOf(option)) {
    const before = storedAt(value, part.field.name);
    const now = writtenOf(part, partName(name, part.field.name), { values, stored: before });
    if (now === before) continue;
    isTouched = true;
    if (now === undefined) delete value[part.field.name];
    else value[part.field.name] = now.value;
  }
  if (!isTouched) return stored;
  return Object.keys(value).length === 0 ? emptied(option) : { value: { ...fixedOf(option), ...value } };
}

/** What is written of an object in any case. */
function fixedOf({ made }: Option): Json {
  const fixed = made?.type === 'object' ? made.known.fixed : [];
  return Object.fromEntries(
    fixed.filter(({ isRequired }) => isRequired).map(({ name, value }) => [name, value]),
  );
}

function shapeWritten(option: Option, name: string, { values, stored }: Sent): Stored | undefined {
  const held = valueNow(option, stored);
  const before = choiceOf(option, held) ?? '';
  const chosen = shapeIn(option, name, { values, stored });
  const shape = shapesOf(option)[chosen];
  if (shape === undefined) {
    if (chosen === before) return stored;
    return chosen === '' ? emptied(option) : { value: meaningOf(option, chosen) };
  }
  const inner = chosen === before ? { value: held } : undefined;
  const now = writtenOf(shape, partName(name, chosen), { values, stored: inner });
  return inner !== undefined && now === inner ? stored : (now ?? { value: nothingOf(shape) });
}

/** Which shape is chosen. */
function shapeIn(option: Option, name: string, { values, stored }: Sent): string {
  if (Object.hasOwn(values, name)) return String(values[name] ?? '');
  return choiceOf(option, valueNow(option, stored)) ?? '';
}

/** What an option is that must be something, with nothing filled in. */
export function nothingOf(option: Option): unknown {
  if (option.field.value !== undefined) return option.field.value;
  if (option.made?.type === 'object') return fixedOf(option);
  const { widget } = option.field;
  switch (widget.type) {
    case 'texts':
      return [];
    case 'pairs':
      return {};
    case 'json':
      return widget.rows?.isNamed === false ? [] : {};
    case 'text':
    case 'paragraph':
      return '';
    default:
      return null;
  }
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

/** A sentence about a place within a value. */
export interface Placed {
  /** The field that it is about. */
  readonly field: string;
  /** The rest of the way, within what that field holds. */
  readonly place: readonly string[];
}

/** The field that a place within an option belongs to. */
export function fieldAt(option: Option, placed: Placed, sent: Sent): Placed {
  const { made } = option;
  const { field, place } = placed;
  if (made === undefined || !isFitting(option, sent.stored)) return placed;
  if (made.type === 'object') return partAt(option, placed, sent);
  const chosen = shapeIn(option, field, sent);
  const shape = made.shapes[chosen];
  if (shape === undefined || (shape.made !== undefined && place.length === 0)) return placed;
  return fieldAt(shape, { field: partName(field, chosen), place }, { ...sent, stored: undefined });
}

function partAt(option: Option, { field, place }: Placed, { values, stored }: Sent): Placed {
  const [name = '', ...rest] = place;
  const held = valueNow(option, stored);
  const part = partsOf(option).find((one) => one.field.name === name) ?? partsOf(option)[0];
  if (part === undefined) return { field, place };
  const isNamed = part.field.name === name;
  const inner = { field: partName(field, part.field.name), place: isNamed ? rest : place };
  return fieldAt(part, inner, { values, stored: storedAt(isRecord(held) ? held : {}, part.field.name) });
}
