import type { Choice, FieldErrors, Form, FormField } from '../form.ts';
import { isRecord } from '../json.ts';
import { nearest } from '../nearest.ts';
import type { Pair } from './command-line.ts';
import { plain } from './vocabulary.ts';

/** What a command line gives of a form, by field, and what of it cannot be read. */
export interface Given {
  readonly values: Readonly<Record<string, unknown>>;
  readonly errors: FieldErrors;
}

/** Reads `name=value` pairs as values of a form; `settings.key=value` changes one entry of an object. */
export function givenOf(form: Pick<Form, 'fields'>, pairs: readonly Pair[]): Given {
  const values: Record<string, unknown> = {};
  const errors: Record<string, readonly string[]> = {};
  for (const { key, text } of pairs) {
    const [head = '', ...path] = key.split('.');
    const field = fieldCalled(form, head);
    if (field === undefined) errors[head.slice(0, 60)] = [unknownField(form, head)];
    else if (field.isReadOnly) errors[field.name] = ['Nobody writes this.'];
    else {
      const before = values[field.name] ?? field.value;
      const read = path.length === 0 ? readValue(field, text) : readEntry(field, { path, text, before });
      if ('error' in read)
        errors[field.name] = [path.length === 0 ? read.error : `${path.join('.')}: ${read.error}`];
      else values[field.name] = read.value;
    }
  }
  return { values, errors };
}

/** By its name or its label, in any case and with or without `is_`. */
export function fieldCalled({ fields }: Pick<Form, 'fields'>, called: string): FormField | undefined {
  const wanted = plain(called.replace(/^is_/, ''));
  return (
    fields.find(({ name }) => name === called) ??
    fields.find(({ name }) => plain(name.replace(/^is_/, '')) === wanted) ??
    fields.find(({ label }) => plain(label) === wanted)
  );
}

/** What the field that was probably meant is called: its name, or its label where that is nearer. */
export function nearestField(fields: readonly FormField[], called: string): string | undefined {
  const bare = (name: string) => name.replace(/^is_/, '');
  const wanted = bare(called);
  const meant = nearest(
    wanted,
    fields.map(({ name }) => bare(name)),
  );
  if (meant !== undefined) return fields.find(({ name }) => bare(name) === meant)?.name;
  const words = fields.map(({ label }) => label.toLowerCase()).filter((label) => !label.includes(' '));
  return nearest(wanted, words);
}

function unknownField({ fields }: Pick<Form, 'fields'>, called: string): string {
  const writable = fields.filter(({ isReadOnly }) => !isReadOnly);
  const names = writable.map(({ name }) => name);
  const meant = nearestField(writable, called);
  return meant === undefined
    ? `There is no such field. There are ${names.join(', ')}.`
    : `There is no such field. Did you mean ${meant}?`;
}

type Read = { readonly value: unknown } | { readonly error: string };

const nothing = /^(|none|null|never|empty)$/i;
const yes = /^(true|yes|y|on|1)$/i;
const no = /^(false|no|n|off|0)$/i;

function readValue(field: FormField, text: string): Read {
  if (field.isNullable && nothing.test(text)) return { value: null };
  switch (field.widget.type) {
    case 'switch':
      if (yes.test(text)) return { value: true };
      return no.test(text) ? { value: false } : { error: 'Write yes or no.' };
    case 'number':
      if (text.trim() !== '' && Number.isFinite(Number(text))) return { value: Number(text) };
      return { error: 'Write a number.' };
    case 'choice':
      return readChoice(field.widget.choices, text);
    case 'texts':
      return text.trim().startsWith('[') ? readJson(text) : { value: listOf(text) };
    case 'pairs':
      return text.trim().startsWith('{') ? readJson(text) : readPairs(text);
    case 'json':
      return text.trim() === '' ? { value: {} } : readJson(text);
    case 'reference':
      return { value: asOffered(field.widget.choices ?? [], text) };
    default:
      return { value: text };
  }
}

/** In other letters it is the same; what is not offered stays as it is. */
function asOffered(choices: readonly Choice[], text: string): string {
  return (
    choices.find(({ value, label }) => [value, label].some((one) => plain(one) === plain(text)))?.value ??
    text
  );
}

function readChoice(
  choices: readonly { readonly value: string; readonly label: string }[],
  text: string,
): Read {
  const wanted = plain(text);
  const found = choices.find(({ value, label }) => [value, label].some((one) => plain(one) === wanted));
  if (found !== undefined) return { value: found.value };
  const values = choices.map(({ value }) => value);
  const meant = nearest(text, values);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return { error: `It is one of ${values.join(', ')}.${hint}` };
}

function listOf(text: string): readonly string[] {
  return text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function readPairs(text: string): Read {
  const entries = listOf(text);
  const odd = entries.find((entry) => entry.indexOf('=') < 1);
  if (odd !== undefined) return { error: 'Write name=value, with commas between, or a JSON object.' };
  return {
    value: Object.fromEntries(
      entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    ),
  };
}

function readJson(text: string): Read {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: `This is not JSON: ${error instanceof Error ? error.message : String(error)}.` };
  }
}

/** One entry of an object; an empty value takes it away. */
function readEntry(
  { widget }: FormField,
  {
    path,
    text,
    before,
  }: { readonly path: readonly string[]; readonly text: string; readonly before: unknown },
): Read {
  if (widget.type !== 'json' && widget.type !== 'pairs') return { error: 'It has no entries.' };
  if (widget.type === 'json') return { value: withEntry(before, path, text) };
  const key = path.join('.');
  const { [key]: _old, ...others } = isRecord(before) ? before : {};
  return { value: text === '' ? others : { ...others, [key]: text } };
}

/** The object with one entry of it, or of an object within it; objects that become empty by that go too. */
function withEntry(
  before: unknown,
  path: readonly string[],
  text: string,
): Readonly<Record<string, unknown>> {
  const entries = isRecord(before) ? before : {};
  const [key, ...inner] = stepIn(entries, path);
  const { [key]: old, ...others } = entries;
  const value = inner.length === 0 ? undefined : withEntry(old, inner, text);
  if (value === undefined) return text === '' ? others : { ...entries, [key]: jsonOrText(text) };
  return Object.keys(value).length === 0 ? others : { ...entries, [key]: value };
}

/** The next key, which may have dots itself where there is one that does, and the keys within it. */
function stepIn(
  entries: Readonly<Record<string, unknown>>,
  path: readonly string[],
): readonly [string, ...(readonly string[])] {
  for (let to = path.length; to > 1; to -= 1) {
    const key = path.slice(0, to).join('.');
    if (Object.hasOwn(entries, key)) return [key, ...path.slice(to)];
  }
  return [path[0] ?? '', ...path.slice(1)];
}

/** What reads as JSON is JSON: numbers, true, lists; all else is a text. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
