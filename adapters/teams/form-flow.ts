import { randomUUID } from 'node:crypto';

import { type AdminAnswer, say } from '../../src/chat/admin/answer.ts';
import { askedOf, type OpenForm, sentOf } from '../../src/chat/admin/sent-forms.ts';
import { errorsText } from '../../src/chat/admin/words.ts';
import type { FormValues } from '../../src/chat/desk.ts';
import { InvalidError } from '../../src/chat/errors.ts';
import type { FieldErrors } from '../../src/chat/form.ts';
import { isRecord, type Json, textOf } from '../../src/chat/json.ts';
import { sentenceOf } from '../../src/chat/sentence.ts';
import { answerDialog } from './admin-cards.ts';
import { dialogAnswer, taskWords } from './answers.ts';
import type { Press } from './approvals.ts';
import type { Dialog } from './card-parts.ts';
import type { Person, TeamsContext } from './context.ts';
import { type Invoke, type InvokeAnswer, searchAnswer } from './dispatch.ts';
import { filledOf } from './filled.ts';
import { choiceOf, principalDataset, secretDataset } from './form-inputs.ts';
import { drawForm, type FormPlace, type FormState, placeIn } from './forms.ts';
import { sayLate } from './late.ts';
import { isAlone, tell } from './telling.ts';
import { createTrying, type Trying } from './trying.ts';
import { verbs } from './verbs.ts';

const noPlace = 'This form is not mine, or too old. Open it again.';
const gone = 'What you wrote was kept for an hour, and that is over. Open the form again.';
const failed = 'Something went wrong; the log of the bot says more.';
const keepMs = 3_600_000;

/** Forms of what admins manage, as dialogs. */
export interface Forms {
  /** The form that an answer asks for. Throws what the desk throws. */
  open(invoke: Invoke, answer: Extract<AdminAnswer, { type: 'form' }>): Promise<InvokeAnswer>;
  /** Undefined: it is none of these dialogs. */
  submit(invoke: Invoke, press: Press): Promise<InvokeAnswer | undefined>;
  /** Rows that a field refers to, while somebody types. */
  search(invoke: Invoke): Promise<InvokeAnswer>;
}

/** A dialog as it came back. */
interface Opened {
  readonly open: OpenForm;
  readonly place: FormPlace;
  readonly data: Json;
  readonly values: FormValues;
  readonly errors: FieldErrors;
  /** What a line gave for fields that depend on others. */
  readonly given: FormValues;
  /** About what of that is not asked for now. */
  readonly notes: readonly string[];
}

/** What becomes of a form that was sent. */
type Outcome =
  | { readonly type: 'done'; readonly answer: AdminAnswer }
  /** The form is shown again; `sentence` says why. */
  | { readonly type: 'again'; readonly dialog: Dialog; readonly sentence: string };

/**
 * What a dialog says of itself is what its sender wrote: the desk checks on every call what the person may
 * do, and what comes of it is shown where the verified activity happened.
 */
export function createForms(context: TeamsContext): Forms {
  const { administration, desk, memory, log } = context;
  const trying: Trying = createTrying(administration);

  async function open(
    { person }: Invoke,
    { asked, values: spread, given = spread, errors }: Extract<AdminAnswer, { type: 'form' }>,
  ): Promise<InvokeAnswer> {
    const found = await administration.open(asked, person);
    const revision = found.revision === undefined ? {} : { revision: found.revision };
    const { values, later, notes } = await administration.placed(asked, person, { given, filled: {} });
    const opened = { open: found, place: { ...asked, ...revision }, given: later, notes };
    return dialogAnswer(await shown(person, opened, { values, notice: errorsText(errors) }));
  }

  /** What does not fit the dialog, and what it asks for later, is kept for this person alone. */
  async function shown(
    person: Person,
    { open: { form, canTry }, place, given, notes }: Pick<Opened, 'open' | 'place' | 'given' | 'notes'>,
    state: FormState,
  ): Promise<Dialog> {
    const { kept: _before, ...rest } = place;
    const notice = [state.notice ?? '', ...notes].filter((part) => part !== '').join('\n\n');
    const look = { ...state, notice, canTry };
    const later = Object.keys(given).length === 0 ? {} : { given };
    const whole = drawForm(form, rest, look);
    if (Object.keys({ ...whole.unshown, ...later }).length === 0) return whole.dialog;
    const kept = randomUUID();
    const { dialog, unshown } = drawForm(form, { ...rest, kept }, look);
    await memory.put(keptKey(person, kept), { ...unshown, ...later }, keepMs);
    return dialog;
  }

  /** What was written, with what was kept of it. Undefined: that is gone. */
  async function wholeData(person: Person, { kept }: FormPlace, data: Json): Promise<Json | undefined> {
    if (kept === undefined) return data;
    const stored = await memory.get(keptKey(person, kept));
    return isRecord(stored) ? { ...stored, ...data } : undefined;
  }

  async function submit(invoke: Invoke, press: Press): Promise<InvokeAnswer | undefined> {
    try {
      return await submitted(invoke, press);
    } catch (error) {
      if (invoke.signal.aborted) await sayLate(context, invoke, wordsFor(error));
      throw error;
    }
  }

  async function submitted(invoke: Invoke, { verb, data }: Press): Promise<InvokeAnswer | undefined> {
    const known: readonly string[] = [verbs.submitForm, verbs.tryForm, verbs.redrawForm];
    if (!known.includes(verb)) return undefined;
    const { person } = invoke;
    const place = placeIn(data);
    if (place === undefined) return taskWords(noPlace);
    const open = await administration.open(askedOf(place), person);
    const whole = await wholeData(person, place, data);
    if (whole === undefined) return taskWords(gone);
    const opened = await openedWith(person, { open, place, data: whole });
    const { values } = opened;
    if (verb === verbs.redrawForm) return dialogAnswer(await shown(person, opened, { data: whole, values }));
    if (verb === verbs.tryForm) return dialogAnswer(await tried(person, opened));
    return await finished(invoke, await send(person, opened));
  }

  /** What was filled in, with what a line gave at the fields that are asked for now. */
  async function openedWith(
    person: Person,
    { open, place, data }: Pick<Opened, 'open' | 'place' | 'data'>,
  ): Promise<Opened> {
    const { values: filled, errors } = filledOf(open.form, data);
    const given = isRecord(data.given) ? data.given : {};
    const { values, notes } =
      Object.keys(given).length === 0
        ? { values: filled, notes: [] }
        : await administration.placed(askedOf(place), person, { given, filled });
    return { open, place, data, values, errors, given, notes };
  }

  async function tried(person: Person, opened: Opened): Promise<Dialog> {
    const { place, data, values, errors } = opened;
    const again = (state: FormState) => shown(person, opened, { data, values, ...state });
    if (Object.keys(errors).length > 0) return await again({ errors });
    try {
      return await again({ notice: await trying.words({ asked: askedOf(place), values }, person) });
    } catch (error) {
      if (error instanceof InvalidError) return await again({ errors: error.fields });
      return await again({ notice: wordsFor(error) });
    }
  }

  async function send(person: Person, opened: Opened): Promise<Outcome> {
    const { place, data, values, errors } = opened;
    const again = async (sentence: string, state: FormState, more: Partial<FormPlace> = {}) => ({
      type: 'again' as const,
      sentence,
      dialog: await shown(person, { ...opened, place: { ...place, ...more } }, { data, values, ...state }),
    });
    try {
      if (Object.keys(errors).length > 0) throw new InvalidError(errors);
      const sent = await administration.send(sentOf(place, values), person);
      if (sent.type === 'answer') return { type: 'done', answer: sent.answer };
      const { text, seen, revision } = sent;
      const more = { seen, ...(revision === undefined ? {} : { revision }) };
      return await again(text, { notice: text }, more);
    } catch (error) {
      if (error instanceof InvalidError)
        return await again(errorsText(error.fields), { errors: error.fields });
      return await again(wordsFor(error), { notice: wordsFor(error) });
    }
  }

  function wordsFor(error: unknown): string {
    const sentence = sentenceOf(error);
    if (sentence === undefined) log.error('teams_form_failed', { error });
    return sentence ?? failed;
  }

  /**
   * Where nobody else reads, the outcome becomes a message and the dialog goes; elsewhere the dialog shows it.
   * When the client waits no more, it is told.
   */
  async function finished(invoke: Invoke, outcome: Outcome): Promise<InvokeAnswer> {
    const { person, conversation, signal } = invoke;
    const given = outcome.type === 'done' ? outcome.answer : say(outcome.sentence);
    const answer = { ...given, isPublic: false };
    if (outcome.type === 'again') {
      if (signal.aborted) await tell(context, person, { answer, conversation });
      return dialogAnswer(outcome.dialog);
    }
    if (!signal.aborted && !(await isAlone(context, person, conversation)))
      return dialogAnswer(answerDialog(answer));
    const isTold = await tell(context, person, { answer, conversation });
    return isTold ? { status: 200, body: {} } : dialogAnswer(answerDialog(answer));
  }

  return {
    open,
    submit,
    async search({ person, value }) {
      const [dataset, words] = [textOf(value.dataset), textOf(value.queryText)];
      const found =
        dataset === secretDataset
          ? await administration.references(words, person)
          : dataset === principalDataset
            ? await administration.principals(words, person)
            : await desk.choices(dataset, person, words);
      return { status: 200, body: searchAnswer(found.slice(0, 100).map(choiceOf)) };
    },
  };
}

function keptKey({ author }: Person, kept: string): string {
  return `teams:form:${author.principal}:${kept}`;
}
