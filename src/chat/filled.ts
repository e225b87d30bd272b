import { editableText } from './asked-fields.ts';
import { clipped } from './clipped.ts';
import type { FieldErrors, Form, FormField } from './form.ts';

/** What a platform says was filled in at a field. Undefined: the field was not shown. */
export type Entry =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'switch'; readonly isOn: boolean }
  | { readonly type: 'chosen'; readonly value: string | undefined };

/** What was filled in, by field name, and what of it cannot be read. */
export interface Filled {
  readonly values: Readonly<Record<string, unknown>>;
  readonly errors: FieldErrors;
}

/** Reads the fields of a form as values. */
export function filledOf(form: Form, entryOf: (field: FormField) => Entry | undefined): Filled {
  const values: Record<string, unknown> = {};
  const errors: Record<string, readonly string[]> = {};
  for (const field of form.fields) {
    const entry = entryOf(field);
    if (entry === undefined) continue;
    const read = readField(field, entry);
    if ('error' in read) errors[field.name] = [read.error];
    else values[field.name] = read.value;
  }
  return { values, errors };
}

/** What a field reads as when nobody touches it; undefined where it cannot be read. */
export function untouched(field: FormField): unknown {
  const read = readField(field, drawnIn(field));
  return 'error' in read ? undefined : read.value;
}

function drawnIn(field: FormField): Entry {
  const { widget, value } = field;
  if (widget.type === 'switch') return { type: 'switch', isOn: value === true };
  const text = editableText(field, value);
  return widget.type === 'choice'
    ? { type: 'chosen', value: text === '' ? undefined : text }
    : { type: 'text', text };
}

type Read = { readonly value: unknown } | { readonly error: string };

function readField(field: FormField, entry: Entry): Read {
  if (entry.type === 'switch') return { value: entry.isOn };
  const nothing: Read = { value: field.isNullable ? null : '' };
  if (entry.type === 'chosen') return entry.value === undefined ? nothing : { value: entry.value };
  // Which line ends come back is up to the platform.
  const text = field.isExact ? entry.text.replaceAll(/\r\n?/g, '\n') : entry.text.trim();
  switch (field.widget.type) {
    case 'number':
      if (text.trim() === '') return { value: null };
      return Number.isFinite(Number(text)) ? { value: Number(text) } : { error: 'Enter a number.' };
    case 'texts':
      return { value: field.isExact ? exactLinesOf(text) : linesOf(text) };
    case 'pairs':
      return readPairs(text);
    case 'json':
      return readJson(text.trim(), field);
    default:
      return text === '' ? nothing : { value: text };
  }
}

function exactLinesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n');
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function readPairs(text: string): Read {
  const lines = linesOf(text);
  const odd = lines.find((line) => line.indexOf('=') < 1);
  if (odd !== undefined) return { error: `“${clipped(odd, 40)}” is not of the form name=value.` };
  return {
    value: Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf('=')).trim(),
        line.slice(line.indexOf('=') + 1).trim(),
      ]),
    ),
  };
}

function readJson(text: string, field: FormField): Read {
  if (text === '' && field.isExact && !field.isNullable) return { error: 'Write JSON.' };
  if (text === '') return { value: field.isNullable ? null : {} };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: `This is not JSON: ${error instanceof Error ? error.message : String(error)}.` };
  }
}
