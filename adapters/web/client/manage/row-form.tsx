import { Fragment, type ReactNode, useEffect, useRef } from 'react';
import type { Form, FormField } from '../../../../src/chat/form.ts';
import { useHold } from '../navigation.tsx';
import { Alert } from './alert.tsx';
import { FormFieldRow } from './form-field.tsx';
import { isOption } from './option-form.ts';
import { OptionSection } from './option-section.tsx';
import { relatedIn } from './related.ts';
import type { FieldErrors, Row } from './rest.ts';
import type { RowForm } from './use-row-form.ts';

export interface RowFormViewProps {
  readonly form: Form;
  readonly state: RowForm;
  /** As it is stored; absent: a new one. */
  readonly row?: Row;
  readonly submit: string;
  /** Said once after it was saved. */
  readonly saved: string | undefined;
  /** What to do about a row that somebody else changed. */
  readonly conflict?: ReactNode;
  /** More buttons beside the one that saves. */
  readonly children?: ReactNode;
}

/** The fields of a form, with what is wrong with them. After a refusal the focus is at the first problem. */
export function RowFormView({ form, state, row, submit, saved, conflict, children }: RowFormViewProps) {
  const frame = useRef<HTMLFormElement>(null);
  const { fields, options } = state;
  const others = strayErrors(fields, state.errors);
  useHold(state.isDirty ? 'What you changed here is not saved.' : undefined);

  const { refusals } = state;
  useEffect(() => {
    if (refusals > 0) frame.current?.querySelector<HTMLElement>(FIRST_PROBLEM)?.focus();
  }, [refusals]);

  const draw = (field: FormField) => (
    <FormFieldRow
      key={field.name}
      field={field}
      drafts={state.drafts}
      known={relatedIn(row?.[field.name])}
      errors={state.errors[field.name] ?? []}
      onChange={(draft) => state.set(field.name, draft)}
    />
  );

  return (
    <form
      ref={frame}
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!state.isSaving) void state.submit();
      }}
    >
      {(others.length > 0 || state.refusal !== undefined) && (
        <div className="form-problem" tabIndex={-1}>
          <Alert>
            {state.refusal !== undefined && <p>{state.refusal}</p>}
            {others.map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
            {state.isConflict && conflict}
          </Alert>
        </div>
      )}
      <div className="fields">
        {form.fields.map((field) =>
          field.name === options?.sets.of ? (
            <OptionSection
              key={field.name}
              label={field.label}
              help={field.help}
              deciding={form.fields.find(({ name }) => name === options.sets.by)?.label ?? ''}
              state={state}
              fields={fields.filter(({ name }) => isOption(options.sets, name))}
              draw={draw}
            />
          ) : (
            <Fragment key={field.name}>{fields.filter(({ name }) => name === field.name).map(draw)}</Fragment>
          ),
        )}
      </div>
      <div className="form-end">
        <span className="form-state" role="status">
          {stateOf(state, saved)}
        </span>
        {children}
        <button type="submit" className="button primary" aria-disabled={state.isSaving}>
          {submit}
        </button>
      </div>
    </form>
  );
}

const FIRST_PROBLEM =
  '.form-problem, .invalid :is(input, select, textarea), .invalid .button, .invalid button';

/** What is wrong with nothing that is shown. */
function strayErrors(fields: readonly FormField[], errors: FieldErrors): readonly string[] {
  const shown = new Set(fields.map(({ name }) => name));
  return Object.entries(errors).flatMap(([name, sentences]) => {
    if (shown.has(name)) return [];
    return name === 'non_field_errors'
      ? sentences
      : sentences.map((sentence) => `${name.replaceAll('_', ' ')}: ${sentence}`);
  });
}

function stateOf({ isSaving, isDirty }: RowForm, saved: string | undefined): string {
  if (isSaving) return 'Saving …';
  return isDirty ? 'Not saved yet' : (saved ?? '');
}
