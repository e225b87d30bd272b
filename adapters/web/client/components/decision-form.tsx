import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Form } from '../../../../src/chat/form.ts';
import type { ApprovalJson } from '../api.ts';
import type { Decided } from '../decide.ts';
import { FormFields } from '../manage/form-fields.tsx';
import type { FieldErrors } from '../manage/rest.ts';
import { type Draft, type Drafts, draftsOf, openFields, writtenOf } from '../manage/values.ts';

export interface DecisionFormProps {
  readonly card: ApprovalJson;
  readonly form: Form;
  readonly isSending: boolean;
  readonly onSend: (values: Readonly<Record<string, unknown>>) => Promise<Decided>;
  /** What stands beside the button that sends it. */
  readonly children: ReactNode;
}

/** A form whose values are a decision; what is wrong with it stands at its fields. */
export function DecisionForm({ card, form, isSending, onSend, children }: DecisionFormProps) {
  const [drafts, setDrafts] = useState<Drafts>(() => draftsOf(form, undefined));
  const [errors, setErrors] = useState<FieldErrors>({});
  const [refusals, setRefusals] = useState(0);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (refusals > 0)
      frame.current?.querySelector<HTMLElement>('.invalid :is(input, select, textarea)')?.focus();
  }, [refusals]);

  function set(name: string, draft: Draft): void {
    setDrafts((before) => ({ ...before, [name]: draft }));
    setErrors(({ [name]: _mended, ...others }) => others);
  }

  function refuse(refused: FieldErrors): void {
    setErrors(refused);
    if (Object.keys(refused).length > 0) setRefusals((before) => before + 1);
  }

  async function send(): Promise<void> {
    const written = write(form, drafts);
    if (Object.keys(written.errors).length > 0) return refuse(written.errors);
    const decided = await onSend(written.values);
    refuse(decided.fields ?? {});
  }

  const known = new Set(form.fields.map(({ name }) => name));
  const others = Object.entries(errors).filter(([name]) => !known.has(name));
  return (
    <form
      className="need-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSending) void send();
      }}
    >
      <div className="fields" ref={frame}>
        <FormFields
          fields={form.fields}
          scope={`${card.id}-`}
          drafts={drafts}
          errors={errors}
          onChange={set}
        />
      </div>
      {others.map(([name, sentences]) => (
        <p key={name} className="refusal" role="alert">
          {sentences.join(' ')}
        </p>
      ))}
      <div className="row">
        <button type="submit" className="button primary" disabled={isSending}>
          {form.submit}
        </button>
        {children}
      </div>
    </form>
  );
}

/** Everything that is written, and null for what is left empty. */
function write(form: Form, drafts: Drafts) {
  const values: Record<string, unknown> = {};
  const errors: Record<string, readonly string[]> = {};
  for (const field of openFields(form, drafts)) {
    const written = writtenOf(field, drafts[field.name] ?? '');
    if (written.ok) values[field.name] = written.value;
    else errors[field.name] = written.sentences;
  }
  return { values, errors };
}
