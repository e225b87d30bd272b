import { z } from 'zod';
import { canonicalJson, type Json, type JsonObject, storableObject } from '../agent/json.ts';
import type { EditedCall } from '../agent/loop.ts';
import { type Misfit, misfitsOf } from '../agent/schema-check.ts';
import type { DecisionInput } from '../chat/bot.ts';
import { InvalidError } from '../chat/errors.ts';
import type { FieldErrors, Form, FormField, Widget } from '../chat/form.ts';
import { askedFields } from './asked-fields.ts';
import { type Asked, formField } from './asked-form.ts';
import { valueSchema } from './asked-values.ts';
import type { Approval } from './port.ts';

/** What a person made of a call, as it was approved last. Undefined: nobody changed it. */
export function editedCall(approvals: readonly Approval[], callId: string): EditedCall | undefined {
  const last = approvals.findLast(
    (item) => item.callId === callId && item.state === 'approved' && item.edited !== undefined,
  );
  if (last?.edited === undefined) return undefined;
  const { edited, decidedBy, reason } = last;
  const why = reason === undefined ? {} : { reason };
  return { arguments: edited.arguments, by: decidedBy?.name ?? 'A person', ...why };
}

/** The names of arguments that two calls do not have in common. */
export function changedNames(before: JsonObject, after: JsonObject): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.filter((name) => canonicalJson(before[name]) !== canonicalJson(after[name]));
}

type Editable = Pick<Approval, 'arguments' | 'schemas'>;

/** An argument with a field of its own. */
interface Editing extends Asked {
  /** What its field shows before anybody changes it. */
  readonly shown: Json | undefined;
  readonly isText: boolean;
}

const mostFields = 40;
const whole = 'arguments';
const secret = 'What you write here is stored and shown to others: write no secret.';

/** The arguments of a call as a form: a field for each, or one of JSON where the tool's schema does not list them. */
export function editForm(approval: Editable): Form {
  const editings = editingsOf(approval);
  const fields = editings?.map(editField) ?? [wholeField(approval)];
  return { title: 'Edit and approve', submit: 'Approve as edited', fields };
}

/** Undefined: the arguments are edited as one JSON text. */
function editingsOf({ arguments: args, schemas = [] }: Editable): readonly Editing[] | undefined {
  const listed = schemas.map((schema) => askedFields(schema));
  const asked = listed.findLast((fields) => fields.length > 0) ?? [];
  const names = new Set(asked.map(({ name }) => name));
  if (asked.length === 0 || asked.length > mostFields) return undefined;
  if (Object.keys(args).some((name) => !names.has(name))) return undefined;
  return asked.map((one) => editingOf(one, args[one.name]));
}

/** What its own kind of field cannot hold is edited as JSON. */
function editingOf(asked: Asked, current: Json | undefined): Editing {
  const { field } = asked;
  const shown = current ?? field.default ?? (field.type === 'boolean' ? false : undefined);
  const read = current === undefined ? undefined : valueSchema(field).safeParse(current);
  const fits = read === undefined || (read.success && canonicalJson(read.data) === canonicalJson(current));
  const { title, description } = field;
  const known = fits ? field : { title, description };
  return { ...asked, field: known, shown, isText: known.type === 'string' };
}

const longLine = 80;

function editField({ shown, isText: _known, ...asked }: Editing): FormField {
  const { value: _default, ...field } = formField(asked, secret);
  const widget = editWidget(field.widget, shown);
  return { ...field, widget, ...(shown === undefined ? {} : { value: shown }) };
}

/** Long texts get room, and times stay as they are written. */
function editWidget(widget: Widget, shown: Json | undefined): Widget {
  if (widget.type === 'time') return { type: 'text' };
  const isLong = typeof shown === 'string' && (shown.length > longLine || shown.includes('\n'));
  if (widget.type !== 'text' || !isLong) return widget;
  return { type: 'paragraph', ...(widget.maxLength === undefined ? {} : { maxLength: widget.maxLength }) };
}

function wholeField({ arguments: args }: Editable): FormField {
  return {
    name: whole,
    label: 'Arguments',
    help: 'All of them, as one object.',
    widget: { type: 'json' },
    ...{ isRequired: true, isNullable: false, isReadOnly: false },
    value: args,
  };
}

/**
 * The arguments that somebody wrote in place of those that were asked about; nothing where they are the same.
 * Throws `InvalidError` with what does not fit the tool.
 */
export function editedIn(
  approval: Approval,
  { arguments: given, values }: Pick<DecisionInput, 'arguments' | 'values'>,
): { readonly edited?: JsonObject } {
  if (given === undefined && values === undefined)
    throw new InvalidError({ arguments: ['Write the arguments that it shall run with.'] });
  const { args, nameOf } =
    given === undefined ? filledIn(approval, values ?? {}) : { args: objectIn(given), nameOf: pathName };
  const edited = storableObject(args);
  check(approval, edited, nameOf);
  if (canonicalJson(edited) !== canonicalJson(approval.arguments)) return { edited };
  if (approval.allows?.includes('approve') === false)
    throw new InvalidError({ arguments: ['Nothing is changed, and it may only run with other arguments.'] });
  return {};
}

type NameOf = (path: readonly string[]) => { readonly name: string; readonly within: readonly string[] };

/** As the fields of JSON bodies are named. */
const pathName: NameOf = (path) => ({ name: [whole, ...path].join('.'), within: [] });
const fieldName: NameOf = ([name = whole, ...within]) => ({ name, within });
const wholeName: NameOf = (path) => ({ name: whole, within: path });

function filledIn(
  approval: Approval,
  values: Readonly<Record<string, unknown>>,
): { readonly args: JsonObject; readonly nameOf: NameOf } {
  const editings = editingsOf(approval);
  if (editings !== undefined) return { args: fieldsIn(approval, editings, values), nameOf: fieldName };
  const stray = Object.keys(values).filter((name) => name !== whole);
  if (stray.length > 0) throw new InvalidError(strayErrors(stray));
  return { args: objectIn(values[whole] ?? approval.arguments), nameOf: wholeName };
}

const jsonObject = z.record(z.string(), z.json());

function objectIn(given: unknown): JsonObject {
  const read = jsonObject.safeParse(given);
  if (!read.success) throw new InvalidError({ [whole]: ['Write a JSON object.'] });
  return read.data;
}

function fieldsIn(
  approval: Approval,
  editings: readonly Editing[],
  values: Readonly<Record<string, unknown>>,
): JsonObject {
  const known = new Set(editings.map(({ name }) => name));
  const errors: Record<string, readonly string[]> = strayErrors(
    Object.keys(values).filter((name) => !known.has(name)),
  );
  const args: Record<string, Json | undefined> = { ...approval.arguments };
  for (const editing of editings) {
    const { name } = editing;
    const read = readField(editing, Object.hasOwn(values, name) ? values[name] : undefined);
    if (read.type === 'wrong') errors[name] = read.sentences;
    else if (read.type === 'set') args[name] = read.value;
    else if (read.type === 'none') delete args[name];
  }
  if (Object.keys(errors).length > 0) throw new InvalidError(errors);
  return args;
}

function strayErrors(names: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(names.map((name) => [name, ['There is no such field.']]));
}

type Read =
  /** As it was: what a form did not show, or shows as it is. */
  | { readonly type: 'same' }
  | { readonly type: 'none' }
  | { readonly type: 'set'; readonly value: Json }
  | { readonly type: 'wrong'; readonly sentences: readonly string[] };

function readField({ field, isRequired, shown, isText }: Editing, given: unknown): Read {
  if (given === undefined || isSame(given, shown)) return { type: 'same' };
  if (given === null || given === '') {
    if (!isRequired) return { type: 'none' };
    return isText ? { type: 'wrong', sentences: ['This is required.'] } : { type: 'set', value: given };
  }
  const read = valueSchema(field).safeParse(given);
  if (read.success) return { type: 'set', value: read.data };
  return { type: 'wrong', sentences: [...new Set(read.error.issues.map(({ message }) => message))] };
}

/** Forms trim what is written, and know nothing but nothing of an empty text. */
function isSame(given: unknown, shown: Json | undefined): boolean {
  if (given === null) return shown === undefined || shown === null || shown === '';
  if (typeof given === 'string' && typeof shown === 'string') return given.trim() === shown.trim();
  return canonicalJson(given) === canonicalJson(shown);
}

/** Against the tool's schema and those that were added. */
function check({ schemas = [] }: Editable, args: JsonObject, nameOf: NameOf): void {
  const misfits = schemas.flatMap((schema) => misfitsOf(schema, args));
  if (misfits.length > 0) throw new InvalidError(errorsOf(misfits, nameOf));
}

function errorsOf(misfits: readonly Misfit[], nameOf: NameOf): FieldErrors {
  const errors: Record<string, string[]> = {};
  for (const { path, sentence } of misfits) {
    const { name, within } = nameOf(path);
    const words = within.length === 0 ? sentence : `${within.join('.')}: ${sentence}`;
    if (errors[name]?.includes(words) !== true) errors[name] = [...(errors[name] ?? []), words];
  }
  return errors;
}
