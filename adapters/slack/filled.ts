import type { FieldErrors, Form, FormField } from '../../src/chat/form.ts';
import { at, records, textOf } from './json.ts';
import { clipped } from './safe-text.ts';

/** What was filled in, by field name, and what of it cannot be read. */
export interface Filled {
  readonly values: Readonly<Record<string, unknown>>;
  readonly errors: FieldErrors;
}

/** Reads a modal's state as values of the form. */
export function filledOf(form: Form, state: unknown): Filled {
  const values: Record<string, unknown> = {};
  const errors: Record<string, readonly string[]> = {};
  for (const field of form.fields) {
    const entry = at(state, 'values', field.name);
    if (entry === undefined) continue;
    const [given] = Object.values({ ...(typeof entry === 'object' ? entry : {}) });
    const read = readField(field, given);
    if ('error' in read) errors[field.name] = [read.error];
    else values[field.name] = read.value;
  }
  return { values, errors };
}

type Read = { readonly value: unknown } | { readonly error: string };

function readField(field: FormField, given: unknown): Read {
  const text = textOf(at(given, 'value')).trim();
  const nothing: Read = { value: field.isNullable ? null : '' };
  switch (field.widget.type) {
    case 'switch':
      return { value: records(at(given, 'selected_options')).length > 0 };
    case 'choice':
    case 'reference': {
      const chosen = at(given, 'selected_option', 'value');
      return typeof chosen === 'string' ? { value: chosen } : nothing;
    }
    case 'number':
      if (text === '') return { value: null };
      return Number.isFinite(Number(text)) ? { value: Number(text) } : { error: 'Enter a number.' };
    case 'texts':
      return { value: linesOf(text) };
    case 'pairs':
      return readPairs(text);
    case 'json':
      return readJson(text, field);
    case 'text':
    case 'paragraph':
    case 'secret':
    case 'time':
      return text === '' ? nothing : { value: text };
    default:
      return field.widget satisfies never;
  }
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
  if (text === '') return { value: field.isNullable ? null : {} };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: `This is not JSON: ${error instanceof Error ? error.message : String(error)}.` };
  }
}

/** Field errors as Slack shows them: by block; what belongs to no field that is shown stands at the first. */
export function errorsByBlock(errors: FieldErrors, view: unknown): Readonly<Record<string, string>> {
  const ids = records(at(view, 'blocks')).flatMap((item) =>
    item.type === 'input' ? [textOf(item.block_id)] : [],
  );
  const [first = 'form'] = ids;
  const placed: Record<string, string> = {};
  for (const [name, sentences] of Object.entries(errors)) {
    const id = ids.includes(name) ? name : first;
    const text = id === name ? sentences.join(' ') : `${name}: ${sentences.join(' ')}`;
    placed[id] = clipped(placed[id] === undefined ? text : `${placed[id]} ${text}`, 2000);
  }
  return placed;
}
