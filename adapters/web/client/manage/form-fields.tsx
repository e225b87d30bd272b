import type { FormField } from '../../../../src/chat/form.ts';
import { FormFieldRow } from './form-field.tsx';
import type { FieldErrors } from './rest.ts';
import type { Draft, Drafts } from './values.ts';

export interface FormFieldsProps {
  readonly fields: readonly FormField[];
  /** What the ids of their inputs begin with. */
  readonly scope: string;
  readonly drafts: Drafts;
  readonly errors: FieldErrors;
  readonly onChange: (name: string, draft: Draft) => void;
}

/** The fields of a form that is about nothing stored, each with what is wrong with it. */
export function FormFields({ fields, scope, drafts, errors, onChange }: FormFieldsProps) {
  return fields.map((field) => (
    <FormFieldRow
      key={field.name}
      scope={scope}
      field={field}
      drafts={drafts}
      known={undefined}
      errors={errors[field.name] ?? []}
      onChange={(draft) => onChange(field.name, draft)}
    />
  ));
}
