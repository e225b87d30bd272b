import type { Form, FormField } from './form.ts';
import type { Json } from './json.ts';

/** What a field holds: what was filled in, else what the form came with. */
export function valueIn(field: FormField, values: Json): unknown {
  return Object.hasOwn(values, field.name) ? values[field.name] : field.value;
}

/**
 * Fields that are asked for now: those that nobody writes, or whose condition does not hold, are not. Nor is
 * what depends on a field that is not asked for.
 */
export function askedFields(form: Pick<Form, 'fields'>, values: Json): readonly FormField[] {
  const byName = new Map(form.fields.map((field) => [field.name, field]));
  const holds = ({ shownWhen }: FormField, depth: number): boolean => {
    if (shownWhen === undefined) return true;
    const other = byName.get(shownWhen.field);
    if (other === undefined || depth > deepest || !holds(other, depth + 1)) return false;
    return shownWhen.in.includes(String(valueIn(other, values) ?? ''));
  };
  return form.fields.filter((field) => !field.isReadOnly && holds(field, 0));
}

/** Fields that wait for each other are never asked for. */
const deepest = 20;

/** The names of fields that decide about others. */
export function decidingFields(form: Form): ReadonlySet<string> {
  return new Set(form.fields.flatMap((field) => field.shownWhen?.field ?? []));
}

/** What stands below a field: its help, and how to write what has no widget of its own on chat platforms. */
export function hintOf({ help, widget }: FormField): string {
  if (widget.type === 'texts') return `${help} One on each line.`.trim();
  if (widget.type === 'pairs') return `${help} One on each line: name=value.`.trim();
  if (widget.type !== 'json') return help;
  const { example } = widget;
  return `${help} As JSON${example === undefined ? '' : `, such as ${JSON.stringify(example)}`}.`.trim();
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
