import type { App } from '@slack/bolt';
import { type AdminAnswer, type AskedForm, say } from '../../src/chat/admin/answer.ts';
import { askedOf, sentOf } from '../../src/chat/admin/sent-forms.ts';
import { errorsText } from '../../src/chat/admin/words.ts';
import type { FormValues } from '../../src/chat/desk.ts';
import { InvalidError } from '../../src/chat/errors.ts';
import type { FieldErrors, Form } from '../../src/chat/form.ts';
import { at, type Json, textOf } from '../../src/chat/json.ts';
import { answerView } from './admin-view.ts';
import { type Person, personOf, type SlackContext } from './context.ts';
import { sentenceOf } from './errors.ts';
import { filledOf, wrongAtFields } from './filled.ts';
import { mountPickers } from './form-pickers.ts';
import { keeping, readPlace } from './form-place.ts';
import { decidingAction, type FormPlace, formCallback, formView, loadingView, tryAction } from './forms.ts';
import { teamOf } from './inbound.ts';
import { openView } from './opening.ts';
import { tell } from './telling.ts';

/** Which form somebody wants, and the trigger of what they did. */
export interface WantedForm {
  readonly asked: AskedForm;
  /** What was given already, as the line says it, and what is wrong with it. */
  readonly given: FormValues;
  readonly errors: FieldErrors;
  readonly trigger: string;
  readonly place: Pick<FormPlace, 'channel' | 'respondTo'>;
}

/** A change that takes longer goes on behind a loading view: Slack waits for 3 s. */
const saveWithinMs = 2000;
const failed = 'Something went wrong; the log of the bot says more.';
const notShown =
  'Slack does not show this form. Close it and try it again; if it stays so, use the console, and let an administrator look at `/aiops doctor`.';

/** Opens a loading view at once, and the form in it as soon as it is there. Throws `SlackCallError`. */
export async function openForm(context: SlackContext, person: Person, wanted: WantedForm): Promise<void> {
  const viewId = await openView(context, { team: person.team, trigger: wanted.trigger }, loadingView());
  await fillForm(context, person, { ...wanted, viewId });
}

/** Draws the form in a view that is open. */
export async function fillForm(
  context: SlackContext,
  person: Person,
  wanted: Omit<WantedForm, 'trigger'> & { readonly viewId: string },
): Promise<void> {
  const { api, administration } = context;
  const show = (view: object) => api.attempt(person.team, 'views.update', { view_id: wanted.viewId, view });
  try {
    const { asked, given, errors } = wanted;
    const { form, revision, canTry } = await administration.open(asked, person);
    const { values, later, notes } = await administration.placed(asked, person, { given, filled: {} });
    const own = { ...asked, ...wanted.place, ...(revision === undefined ? {} : { revision }) };
    const kept = keeping(own, later);
    const notice = noticeOf(errorsText(errors), [...notes, ...kept.notes]);
    const drawn = await show(formView(form, kept.place, values, { canTry, notice }));
    if (drawn === undefined) await show(loadingView(notShown));
  } catch (error) {
    await show(loadingView(wordsFor(context, error)));
  }
}

function noticeOf(notice: string, notes: readonly string[]): string {
  return [notice, ...notes].filter((part) => part !== '').join('\n\n');
}

function wordsFor({ log }: Pick<SlackContext, 'log'>, error: unknown): string {
  const sentence = sentenceOf(error);
  if (sentence === undefined) log.error('slack_form_failed', { error });
  return sentence ?? failed;
}

/** What became of a form that was sent. */
type Outcome =
  | { readonly type: 'done'; readonly answer: AdminAnswer }
  /** It is shown again, with what it changes above it. */
  | { readonly type: 'again'; readonly view: Json }
  | { readonly type: 'wrong'; readonly errors: FieldErrors; readonly view: Json }
  | { readonly type: 'failed'; readonly sentence: string };

/** What happens in open forms: fields that decide about others, look-ups, tests, submission. */
export function mountForms(app: App, context: SlackContext): void {
  const { api, administration } = context;
  mountPickers(app, context);

  app.action(decidingAction, async ({ ack, body }) => {
    await ack();
    await redraw({ ...body }, async (open) => drawn(open));
  });

  app.action(tryAction, async ({ ack, body }) => {
    await ack();
    const json: Json = { ...body };
    await redraw(json, async (open) => drawn(open, '⏳ Testing…'));
    await redraw(json, async (open) => await tried(open), { isLast: true });
  });

  async function tried(open: OpenView): Promise<Json> {
    const { place, values, errors, person } = open;
    const wrong = (found: FieldErrors) => `It cannot be tested yet:\n\n${errorsText(found)}`;
    if (Object.keys(errors).length > 0) return drawn(open, wrong(errors));
    try {
      const { ok, message } = await administration.tryOut({ asked: askedOf(place), values }, person);
      const advice = ok ? '' : '\n\nYou can save it all the same: switch *Enabled* off.';
      return drawn(open, `${ok ? '✅' : '❌'} ${message}${advice}`);
    } catch (error) {
      return drawn(open, error instanceof InvalidError ? wrong(error.fields) : wordsFor(context, error));
    }
  }

  app.view(formCallback, async ({ ack, body }) => {
    const json: Json = { ...body };
    const sending = send(json);
    const outcome = await Promise.race([sending, late()]);
    if (outcome === 'late') {
      await ack({ response_action: 'update', view: loadingView('Saving…') });
      return await report(json, await sending);
    }
    switch (outcome.type) {
      case 'wrong':
        return await ack(wrongAtFields(outcome.errors, json.view));
      case 'failed':
        return await ack({ response_action: 'update', view: loadingView(outcome.sentence) });
      case 'again':
        return await ack(updated(outcome.view));
      case 'done':
        if (!isHeard(json)) return await ack(updated(answerView(outcome.answer)));
        await ack({ response_action: 'clear' });
        return await announce(json, outcome.answer);
      default:
        return outcome satisfies never;
    }
  });

  /** Never throws. */
  async function send(json: Json): Promise<Outcome> {
    try {
      const open = await openIn(json);
      const { place, values, errors, person } = open;
      if (Object.keys(errors).length > 0)
        return { type: 'wrong', errors, view: drawn(open, errorsText(errors)) };
      try {
        const sent = await administration.send(sentOf(place, values), person);
        if (sent.type === 'answer') return { type: 'done', answer: sent.answer };
        const { text, seen, revision } = sent;
        const more = { seen, ...(revision === undefined ? {} : { revision }) };
        return { type: 'again', view: drawn({ ...open, place: { ...place, ...more } }, text) };
      } catch (error) {
        if (!(error instanceof InvalidError)) throw error;
        return { type: 'wrong', errors: error.fields, view: drawn(open, errorsText(error.fields)) };
      }
    } catch (error) {
      return { type: 'failed', sentence: wordsFor(context, error) };
    }
  }

  /** After the loading view took the form's place. */
  async function report(json: Json, outcome: Outcome): Promise<void> {
    const view_id = textOf(at(json, 'view', 'id'));
    const show = (view: object) => api.attempt(teamOf(json), 'views.update', { view_id, view });
    if (outcome.type === 'failed') await show(loadingView(outcome.sentence));
    else if (outcome.type !== 'done') await show(outcome.view);
    else if (!isHeard(json)) await show(answerView(outcome.answer));
    else {
      await show(loadingView('Done. You can close this.'));
      await announce(json, outcome.answer);
    }
  }

  async function announce(json: Json, answer: AdminAnswer): Promise<void> {
    const place = readPlace(json);
    const person = await personIn(json);
    const shown = answer.type === 'form' ? say(answer.text) : answer;
    await tell(context, person, { answer: shown, place });
  }

  interface OpenView {
    readonly form: Form;
    readonly canTry: boolean;
    readonly place: FormPlace;
    readonly person: Person;
    readonly values: FormValues;
    readonly errors: FieldErrors;
    /** About what was given and is not asked for now. */
    readonly notes: readonly string[];
  }

  function drawn({ form, place, values, canTry, notes }: OpenView, notice = ''): Json {
    return formView(form, place, values, { canTry, notice: noticeOf(notice, notes) });
  }

  /** The form that a view shows, as the desk knows it, with what is filled in. */
  async function openIn(json: Json): Promise<OpenView> {
    const person = await personIn(json);
    const place = readPlace(json);
    const { form, canTry } = await administration.open(askedOf(place), person);
    const { values: filled, errors } = filledOf(form, at(json, 'view', 'state'), person.team);
    const { given } = place;
    const { values, notes } =
      given === undefined
        ? { values: filled, notes: [] }
        : await administration.placed(askedOf(place), person, { given, filled });
    return { form, canTry, place, person, values, errors, notes };
  }

  async function redraw(
    json: Json,
    draw: (open: OpenView) => Promise<Json>,
    { isLast = false }: { readonly isLast?: boolean } = {},
  ): Promise<void> {
    const view = await openIn(json)
      .then(draw)
      .catch((error: unknown) => loadingView(wordsFor(context, error)));
    // What was drawn meanwhile by the same press has another hash.
    const hash = isLast ? {} : { hash: textOf(at(json, 'view', 'hash')) };
    const view_id = textOf(at(json, 'view', 'id'));
    await api.attempt(teamOf(json), 'views.update', { view_id, ...hash, view });
  }

  const personIn = (json: Json) =>
    personOf(context, { team: teamOf(json), user: textOf(at(json, 'user', 'id')) });
}

/** Whether the outcome can be told by a message; one that was opened from Home shows it itself. */
function isHeard(json: Json): boolean {
  return readPlace(json).channel !== '';
}

/** Bolt's type of a view is its own; what Slack gets is checked by tests. */
function updated(view: Json) {
  return { response_action: 'update' as const, view: { ...loadingView(), ...view } };
}

async function late(): Promise<'late'> {
  return await new Promise((resolve) => {
    setTimeout(() => resolve('late'), saveWithinMs).unref();
  });
}
