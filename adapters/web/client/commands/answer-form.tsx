import { useEffect, useRef, useState } from 'react';
import type { FieldErrors } from '../../../../src/chat/form.ts';
import { Markdown } from '../components/markdown.tsx';
import { FormFields } from '../manage/form-fields.tsx';
import { fieldErrorsOf, sentenceOf } from '../manage/rest.ts';
import { type Draft, type Drafts, draftsOf, openFields, writtenOf } from '../manage/values.ts';
import { type AdminAnswer, type OpenForm, openForm, sendForm, tryForm } from './api.ts';
import { showFromStart } from './show-from-start.ts';
import { useLeaveQuestion } from './use-leave-question.ts';

export interface AnswerFormProps {
  readonly answer: Extract<AdminAnswer, { type: 'form' }>;
  readonly onAnswer: (answer: AdminAnswer) => void;
}

/** The form that an answer asks for, with what was given filled in. */
export function AnswerForm({ answer, onAnswer }: AnswerFormProps) {
  const [open, setOpen] = useState<OpenForm>();
  const [problem, setProblem] = useState<string>();
  const { asked } = answer;
  useEffect(() => {
    openForm(asked).then(setOpen, (error: unknown) => setProblem(sentenceOf(error)));
  }, [asked]);
  return (
    <>
      <Markdown text={answer.text.split('\n\n- ')[0] ?? ''} />
      {problem !== undefined && (
        <p className="hint error" role="alert">
          {problem}
        </p>
      )}
      {open && <Fields answer={answer} open={open} onAnswer={onAnswer} />}
    </>
  );
}

interface Notice {
  readonly text: string;
  /** Of the change that it shows. */
  readonly seen?: string;
  readonly revision?: string | undefined;
}

function Fields({ answer, open, onAnswer }: AnswerFormProps & { readonly open: OpenForm }) {
  const { asked, values: given } = answer;
  const form = {
    ...open.form,
    fields: open.form.fields
      .filter(({ isReadOnly }) => !isReadOnly)
      .map((field) => (Object.hasOwn(given, field.name) ? { ...field, value: given[field.name] } : field)),
  };
  const [drafts, setDrafts] = useState<Drafts>(() => draftsOf(form, undefined));
  const [errors, setErrors] = useState<FieldErrors>(answer.errors);
  const [notice, setNotice] = useState<Notice>();
  const [isSending, setSending] = useState(false);
  const [isTouched, setTouched] = useState(false);
  useLeaveQuestion(isTouched);
  const frame = useRef<HTMLFormElement>(null);
  const fields = openFields(form, drafts);
  useEffect(() => showFromStart(frame.current), []);

  function set(name: string, draft: Draft): void {
    setDrafts((before) => ({ ...before, [name]: draft }));
    setTouched(true);
    setErrors(({ [name]: _mended, ...others }) => others);
    setNotice(undefined);
  }

  function refuse(error: unknown): void {
    const wrong = fieldErrorsOf(error);
    setErrors(wrong ?? {});
    if (wrong === undefined) return setNotice({ text: sentenceOf(error) });
    const stray = Object.entries(wrong).filter(([name]) => !fields.some((field) => field.name === name));
    if (stray.length > 0) setNotice({ text: stray.flatMap(([, sentences]) => sentences).join(' ') });
    frame.current?.querySelector<HTMLElement>('input, select, textarea')?.focus();
  }

  async function withValues(
    work: (values: Readonly<Record<string, unknown>>) => Promise<void>,
  ): Promise<void> {
    const values: Record<string, unknown> = {};
    const wrong: Record<string, readonly string[]> = {};
    for (const field of fields) {
      const written = writtenOf(field, drafts[field.name] ?? '');
      if (written.ok) values[field.name] = written.value;
      else wrong[field.name] = written.sentences;
    }
    if (Object.keys(wrong).length > 0) return setErrors(wrong);
    setSending(true);
    await work(values).catch(refuse);
    setSending(false);
  }

  const send = () =>
    withValues(async (values) => {
      const revision = notice?.revision ?? open.revision;
      const sent = await sendForm({ asked, values, revision, seen: notice?.seen });
      if (sent.type === 'answer') return onAnswer(sent.answer);
      setNotice({ text: sent.text, seen: sent.seen, revision: sent.revision });
    });
  const tryOut = () =>
    withValues(async (values) => {
      setNotice({ text: '⏳ Testing…' });
      const { ok, message } = await tryForm({ asked, values });
      setNotice({
        text: `${ok ? '✅' : '❌'} ${message}${ok ? '' : ' You can save it all the same, switched off.'}`,
      });
    });

  const needsLook = asked.id !== undefined && asked.action === undefined && notice?.seen === undefined;
  return (
    <form
      ref={frame}
      className="form palette-fields"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSending) void send();
      }}
    >
      <div className="fields">
        <FormFields
          fields={fields}
          scope={`${asked.path}-${asked.id ?? 'new'}-`}
          drafts={drafts}
          errors={errors}
          onChange={set}
        />
      </div>
      <div className="form-end palette-end">
        {notice && (
          <div className="palette-notice" role="status">
            <Markdown text={notice.text} />
          </div>
        )}
        {open.canTry && (
          <button type="button" className="button" disabled={isSending} onClick={() => void tryOut()}>
            Test before saving
          </button>
        )}
        <button type="submit" className="button primary" aria-disabled={isSending}>
          {needsLook ? 'Review' : form.submit}
        </button>
      </div>
    </form>
  );
}
