import { askedFields } from '../../../../src/chat/asked-fields.ts';
import type { Form, FormField } from '../../../../src/chat/form.ts';
import { newId } from '../new-id.ts';
import { isoOf, localOf } from './local-time.ts';
import type { Row } from './rest.ts';
import { isRowsDraft, type RowsDraft, rowsDraft, sameRows, writtenRows } from './rows-draft.ts';

/** A line of a list, or a name with its value. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly value: string;
}

/** What stands in a field of the form while it is edited. */
export type Draft = string | boolean | readonly Entry[] | RowsDraft;

export type Drafts = Readonly<Record<string, Draft>>;

/** A draft as the server takes it, or what is wrong with it. */
export type Written =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly sentences: readonly string[] };

export function entry(name: string, value: string): Entry {
  return { id: newId(), name, value };
}

export function textIn(draft: Draft | undefined): string {
  return typeof draft === 'string' ? draft : '';
}

export function entriesIn(draft: Draft | undefined): readonly Entry[] {
  return typeof draft === 'object' && !isRowsDraft(draft) ? draft : [];
}

/** The fields of a form as they begin: with a row's values, or with those of a new one. */
export function draftsOf(form: Pick<Form, 'fields'>, row: Row | undefined): Drafts {
  return Object.fromEntries(
    form.fields.map((field) => [
      field.name,
      draftOf(field, row === undefined ? field.value : row[field.name]),
    ]),
  );
}

/** A value, as it stands in a field. */
export function draftOf({ widget }: Pick<FormField, 'widget'>, value: unknown): Draft {
  switch (widget.type) {
    case 'switch':
      return value === true;
    case 'texts':
      return Array.isArray(value) ? value.map((one) => entry('', nameIn(one))) : [];
    case 'pairs':
      return Object.entries(Object(value)).map(([name, one]) => entry(name, String(one)));
    case 'json':
      return (widget.rows && rowsDraft(widget.rows, value)) ?? jsonText(value);
    case 'time':
      return typeof value === 'string' ? localOf(value) : '';
    case 'reference':
      return idIn(value);
    case 'text':
    case 'paragraph':
    case 'number':
    case 'choice':
    case 'secret':
    case 'principal':
    case 'place':
      return value === undefined || value === null ? '' : String(value);
    default:
      return widget satisfies never;
  }
}

/** JSON as people edit it. */
export function jsonText(value: unknown): string {
  return value === undefined || value === null ? '' : JSON.stringify(value, null, 2);
}

/** What a draft says, or why it cannot be sent. Everything else is the server's to judge. */
export function writtenOf({ widget }: Pick<FormField, 'widget'>, draft: Draft): Written {
  if (typeof draft === 'boolean') return { ok: true, value: draft };
  if (typeof draft === 'object' && isRowsDraft(draft)) return writtenRows(widget, draft);
  if (typeof draft === 'object') return widget.type === 'pairs' ? writtenPairs(draft) : writtenTexts(draft);
  if (widget.type === 'json') return writtenJson(draft);
  if (draft === '' && isEmptyNull(widget.type)) return { ok: true, value: null };
  if (widget.type === 'number') return writtenNumber(draft);
  if (widget.type === 'time') return { ok: true, value: isoOf(draft) };
  return { ok: true, value: draft };
}

function wrong(sentence: string): Written {
  return { ok: false, sentences: [sentence] };
}

function isEmptyNull(type: FormField['widget']['type']): boolean {
  return type === 'number' || type === 'time' || type === 'reference';
}

function writtenTexts(entries: readonly Entry[]): Written {
  return { ok: true, value: entries.filter(isUsed).map(({ value }) => value) };
}

function writtenPairs(entries: readonly Entry[]): Written {
  const used = entries.filter(isUsed);
  if (used.some(({ name }) => name === '')) return wrong('Give each value a name.');
  const names = new Set(used.map(({ name }) => name));
  if (names.size < used.length) return wrong('Each name may be there once.');
  return { ok: true, value: Object.fromEntries(used.map(({ name, value }) => [name, value])) };
}

function writtenNumber(draft: string): Written {
  const value = Number(draft);
  return Number.isFinite(value) ? { ok: true, value } : wrong('Write a number.');
}

function writtenJson(draft: string): Written {
  if (draft.trim() === '') return { ok: true, value: null };
  try {
    return { ok: true, value: JSON.parse(draft) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return wrong(`This is not valid JSON: ${reason}`);
  }
}

/** Whether two drafts say the same. */
export function isSame(one: Draft | undefined, other: Draft | undefined): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other;
  if (isRowsDraft(one) || isRowsDraft(other))
    return isRowsDraft(one) && isRowsDraft(other) && sameRows(one, other);
  const [ours, theirs] = [one.filter(isUsed), other.filter(isUsed)];
  const isEqual = ({ name, value }: Entry, at: number) =>
    name === theirs[at]?.name && value === theirs[at]?.value;
  return ours.length === theirs.length && ours.every(isEqual);
}

function isUsed({ name, value }: Entry): boolean {
  return name !== '' || value !== '';
}

/** The fields that can be written now, as the others stand. */
export function openFields(form: Pick<Form, 'fields'>, drafts: Drafts): readonly FormField[] {
  return askedFields(form, drafts);
}

function idIn(value: unknown): string {
  if (typeof value === 'string') return value;
  return value !== null && typeof value === 'object' && 'id' in value ? String(value.id) : '';
}

/** Tags are read as `{name}` and written as texts. */
function nameIn(value: unknown): string {
  return value !== null && typeof value === 'object' && 'name' in value ? String(value.name) : String(value);
}
