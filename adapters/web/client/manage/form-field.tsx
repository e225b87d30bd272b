import type { FormField } from '../../../../src/chat/form.ts';
import type { Related } from './related.ts';
import { ownErrors } from './rows-draft.ts';
import type { Draft, Drafts } from './values.ts';
import { Control, isGroup } from './widgets/index.tsx';

export interface FormFieldProps {
  readonly field: FormField;
  readonly drafts: Drafts;
  readonly known: Related | undefined;
  readonly errors: readonly string[];
  readonly onChange: (draft: Draft) => void;
  /** Tells the ids of several forms on one page apart. */
  readonly scope?: string;
}

const WIDE = new Set(['paragraph', 'texts', 'pairs', 'secret', 'json']);

/** One field of a form: its label, its control, what helps to fill it in, and what is wrong with it. */
export function FormFieldRow({ field, drafts, known, errors, onChange, scope = '' }: FormFieldProps) {
  const id = `field-${scope}${field.name}`;
  const help = `${id}-help`;
  const problem = `${id}-errors`;
  const draft = drafts[field.name];
  const own = ownErrors(field, draft, errors);
  const isInvalid = own.length > 0;
  const classes = ['field', WIDE.has(field.widget.type) && 'wide', isInvalid && 'invalid'];
  return (
    <div className={classes.filter(Boolean).join(' ')} data-field={field.name}>
      <Label id={id} field={field} draft={draft} />
      <Control
        field={field}
        draft={draft}
        drafts={drafts}
        known={known}
        onChange={onChange}
        id={id}
        describedBy={isInvalid ? `${problem} ${help}` : help}
        isInvalid={isInvalid}
        errors={errors}
      />
      <div className="field-errors" id={problem} role={isInvalid ? 'alert' : undefined}>
        {own.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <p className="field-help" id={help}>
        {field.help}
      </p>
    </div>
  );
}

interface LabelProps {
  readonly id: string;
  readonly field: FormField;
  readonly draft: Draft | undefined;
}

function Label({ id, field, draft }: LabelProps) {
  const words = (
    <>
      {field.label}
      {field.isRequired && (
        <span className="required" title="Required" aria-hidden="true">
          {' '}
          *
        </span>
      )}
    </>
  );
  if (isGroup({ field, draft })) {
    return (
      <span className="field-label" id={`${id}-label`}>
        {words}
      </span>
    );
  }
  return (
    <label className="field-label" htmlFor={id}>
      {words}
    </label>
  );
}
