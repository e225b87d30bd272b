import type { Form, FormField } from '../../../../src/chat/form.ts';
import type { Row } from './rest.ts';

/** The form of a row that says itself what its value is about and what holds without one, as settings do. */
export function formOfRow(form: Form, row: Row): Form {
  if (!isExplained(row)) return form;
  return {
    ...form,
    fields: form.fields.map((field) => (field.name === 'value' ? helped(field, row) : field)),
  };
}

/** Whether `description` and `default` of a row explain its value, rather than stand for themselves. */
export function isExplained(row: Row): boolean {
  return 'default' in row && 'value' in row && typeof row.description === 'string';
}

function helped(field: FormField, row: Row): FormField {
  const byDefault = row.default === null ? '' : `Default: ${String(row.default)}.`;
  const help = [row.description, byDefault, field.help].filter((one) => one !== '').join(' ');
  return { ...field, help };
}
