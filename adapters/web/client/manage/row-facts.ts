import type { FormField } from '../../../../src/chat/form.ts';
import type { Fact } from './fact.ts';
import type { ResourceForm, Row } from './rest.ts';
import { factValue, headOf, labelOf } from './result.ts';

/** What the API says of every row besides its fields. */
const COMMON = new Set(['id', 'object_type', 'display', 'url', 'tags', 'created', 'last_updated']);

/** What is to be known of a row beside what can be written: what is found out about it, and when it changed. */
export function aboutRow(
  { form, columns, has_row_form: hasOwnForm }: ResourceForm,
  row: Row,
): readonly Fact[] {
  const fields = new Map(form.fields.map((field) => [field.name, field]));
  const told = new Set(hasOwnForm === true ? ['default', 'description'] : []);
  const others = Object.keys(row).filter(
    (name) => !COMMON.has(name) && !told.has(name) && (fields.get(name)?.isReadOnly ?? row[name] !== ''),
  );
  const found = others.map((name) => {
    const field = fields.get(name);
    const label = columns.find((column) => column.name === name)?.label ?? headOf(name);
    return field ? factOf(field, row) : { name, label, value: factValue(name, inWords(row[name])) };
  });
  const times = [
    { name: 'created', label: 'Created', value: row.created },
    { name: 'last_updated', label: 'Last changed', value: row.last_updated },
  ];
  return [...found, ...times].filter(({ value }) => value !== undefined);
}

/** An object of plain values as one line, without what is empty; anything else as it is. */
function inWords(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if ('name' in value || 'display' in value) return value;
  const told = Object.entries(value).filter(
    ([, one]) => one !== null && one !== '' && !(Array.isArray(one) && one.length === 0),
  );
  if (told.length === 0 || told.some(([, one]) => typeof one === 'object')) return value;
  return told.map(([name, one]) => `${labelOf(name)} ${String(one)}`).join(' · ');
}

/** All fields of a row, for somebody who may only look. */
export function allFields({ form }: ResourceForm, row: Row): readonly Fact[] {
  return form.fields.filter((field) => !field.isReadOnly).map((field) => factOf(field, row));
}

function factOf({ name, label, help, widget, isReadOnly }: FormField, row: Row): Fact {
  const value = row[name];
  const about = isReadOnly && help !== '' ? { help } : {};
  if (widget.type === 'choice') {
    const choice = widget.choices.find((one) => one.value === value);
    return { name, label, ...about, value: choice?.label ?? value };
  }
  if (widget.type !== 'reference') return { name, label, ...about, value };
  const isStatus = widget.resource === 'statuses';
  return { name, label, ...about, value, ...(isStatus ? { as: 'status' } : { resource: widget.resource }) };
}
