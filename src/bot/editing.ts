import { z } from 'zod';
import { type Json, type JsonObject, storableObject } from '../agent/json.ts';
import type { EditedCall } from '../agent/loop.ts';
import type { Misfit } from '../agent/schema-check.ts';
import { misfitsAside } from '../agent/schema-check-aside.ts';
import type { DecisionInput } from '../chat/bot.ts';
import { InvalidError } from '../chat/errors.ts';
import type { FieldErrors } from '../chat/form.ts';
import { valueSchema } from './asked-values.ts';
import { type Editable, type Editing, editingsOf, isEqual, whole } from './editing-form.ts';
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
  return names.filter((name) => !isEqual(before[name], after[name]));
}

/**
 * The arguments that somebody wrote in place of those that were asked about; nothing where they are the same.
 * Throws `InvalidError` with what does not fit the tool.
 */
export async function editedIn(
  approval: Approval,
  { arguments: given, values }: Pick<DecisionInput, 'arguments' | 'values'>,
): Promise<{ readonly edited?: JsonObject }> {
  if (given === undefined && values === undefined)
    throw new InvalidError({ arguments: ['Write the arguments that it shall run with.'] });
  const { args, nameOf } =
    given === undefined ? filledIn(approval, values ?? {}) : { args: objectIn(given), nameOf: pathName };
  const edited = storableObject(args);
  const isChanged = !isEqual(edited, approval.arguments);
  if (!isChanged && approval.allows?.includes('approve') !== false) return {};
  await check(approval, edited, nameOf);
  if (isChanged) return { edited };
  throw new InvalidError({ arguments: ['Nothing is changed, and it may only run with other arguments.'] });
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
  return {
    args: objectIn(Object.hasOwn(values, whole) ? values[whole] : approval.arguments),
    nameOf: wholeName,
  };
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

function readField(editing: Editing, given: unknown): Read {
  const { field, isRequired, drawn } = editing;
  if (given === undefined || isSame(given, editing)) return { type: 'same' };
  if (!isRequired && isNothing(given, editing)) return { type: 'none' };
  if (given === null && drawn.widget.type !== 'json')
    return { type: 'wrong', sentences: ['This is required.'] };
  const read = valueSchema(field).safeParse(given);
  if (read.success) return { type: 'set', value: read.data };
  return { type: 'wrong', sentences: [...new Set(read.error.issues.map(({ message }) => message))] };
}

/** Exactly what was drawn; of what there was nothing of, nothing. */
function isSame(given: unknown, editing: Editing): boolean {
  return editing.shown === undefined ? isNothing(given, editing) : isEqual(given, editing.shown);
}

/** Forms know nothing but nothing of an empty text, which as JSON is written as one. */
function isNothing(given: unknown, { drawn }: Editing): given is null | '' {
  return given === null || (given === '' && drawn.widget.type !== 'json');
}

/** Against the tool's schema and those that were added. */
async function check({ schemas = [] }: Editable, args: JsonObject, nameOf: NameOf): Promise<void> {
  const misfits = await misfitsAside({ schemas, value: args });
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
