import type { FormField, Widget } from '../../../src/chat/form.ts';

type FieldOptions = Partial<Omit<FormField, 'name' | 'widget'>>;

/** A field that is labelled and explained by its name, unless it is said otherwise. */
export function field(name: string, widget: Widget, options: FieldOptions = {}): FormField {
  const label = name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
  const help = `What the ${label.toLowerCase()} is.`;
  return {
    name,
    widget,
    label,
    help,
    isRequired: false,
    isNullable: options.value === null,
    isReadOnly: false,
    ...options,
  };
}
