import type { Form, FormField } from './form.ts';
import type { Json } from './json.ts';

/** What a field holds: what was filled in, else what the form came with. */
export function valueIn(field: FormField, values: Json): unknown {
  return Object.hasOwn(values, field.name) ? values[field.name] : field.value;
}

/** Fields that are asked for now: those that nobody writes, or whose condition does not hold, are not. */
export function askedFields(form: Form, values: Json): readonly FormField[] {
  const byName = new Map(form.fields.map((field) => [field.name, field]));
  return form.fields.filter(({ isReadOnly, shownWhen }) => {
    if (isReadOnly) return false;
    if (shownWhen === undefined) return true;
    const other = byName.get(shownWhen.field);
    const value = other === undefined ? undefined : valueIn(other, values);
    return shownWhen.in.includes(String(value ?? ''));
  });
}

/** The names of fields that decide about others. */
export function decidingFields(form: Form): ReadonlySet<string> {
  return new Set(form.fields.flatMap((field) => field.shownWhen?.field ?? []));
}

/** What stands below a field: its help, and how to write what has no widget of its own on chat platforms. */
export function hintOf({ help, widget }: FormField): string {
  if (widget.type === 'texts') return `${help} One on each line.`.trim();
  if (widget.type === 'pairs') return `${help} One on each line: name=value.`.trim();
  return widget.type === 'json' ? `${help} As JSON.`.trim() : help;
}

/** A value as people edit it in a text field. */
export function editableText({ widget, isExact }: FormField, value: unknown): string {
  if (value === null && isExact && widget.type === 'json') return 'null';
  if (value === undefined || value === null) return '';
  if (widget.type === 'texts') return Array.isArray(value) ? value.map(String).join('\n') : '';
  if (widget.type === 'json') return JSON.stringify(value, null, 2);
  if (widget.type !== 'pairs' || typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, item]) => `${name}=${typeof item === 'string' ? item : JSON.stringify(item)}`)
    .join('\n');
}
