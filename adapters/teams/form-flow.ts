import { InvalidError } from '../../src/chat/errors.ts';
import { type Json, textOf } from '../../src/chat/json.ts';
import { sentenceOf } from '../../src/chat/sentence.ts';
import { dialogAnswer, taskWords } from './answers.ts';
import type { Press } from './approvals.ts';
import { cardMessage, cardOf, type Dialog, opensDialog, plainBlock } from './card-parts.ts';
import type { Person, TeamsContext } from './context.ts';
import { type Invoke, type InvokeAnswer, searchAnswer } from './dispatch.ts';
import { filledOf } from './filled.ts';
import { choiceOf, type FormPlace, formDialog, placeIn } from './forms.ts';
import { verbs } from './verbs.ts';
import { privateNotice } from './welcome.ts';

const noPlace = 'This form is not mine, or too old. Open it again.';
const models = 'llm-models';

/**
 * What `model add` and `model edit <name>` are answered with: a message cannot open a dialog, its button can.
 * Undefined: the words are none of these. Who may do it is checked when the button is pressed.
 */
export function formOffer(text: string): Json | undefined {
  const [, verb = '', name = ''] = /^\s*models?\s+(add|edit)(?:\s+(\S[\s\S]*?))?\s*$/i.exec(text) ?? [];
  const isEdit = verb.toLowerCase() === 'edit';
  if (verb === '' || (isEdit ? name === '' : name !== '')) return undefined;
  const title = isEdit ? `Change the model ${name}` : 'Add a model';
  const button = opensDialog(isEdit ? 'Edit' : 'Add', verbs.openForm, {
    path: models,
    ...(isEdit ? { name } : {}),
  });
  return cardMessage(cardOf([plainBlock(`${title}: the form opens beside the chat.`)], [button]), title);
}

type Saved =
  | { readonly type: 'saved' | 'failed'; readonly sentence: string }
  | { readonly type: 'wrong'; readonly dialog: Dialog; readonly sentence: string };

/**
 * Forms of what admins manage, as dialogs. What a dialog says of itself is what its sender wrote: the desk
 * checks on every call what the person may do.
 */
export function createForms({ api, desk, log }: TeamsContext) {
  /** Undefined: it is none of these dialogs. */
  async function open({ person, conversation }: Invoke, press: Press): Promise<InvokeAnswer | undefined> {
    if (press.verb !== verbs.openForm) return undefined;
    const [path, name] = [textOf(press.data.path), textOf(press.data.name)];
    const found = await desk.form(path, person, name === '' ? undefined : name);
    const place = {
      path,
      conversation: conversation.id,
      ...(name === '' ? {} : { name }),
      ...(found.revision === undefined ? {} : { revision: found.revision }),
    };
    return dialogAnswer(formDialog(found.form, place));
  }

  /** Undefined: it is none of these dialogs. */
  async function submit(invoke: Invoke, { verb, data }: Press): Promise<InvokeAnswer | undefined> {
    const isRedraw = verb === verbs.redrawForm && data.redraw === verbs.submitForm;
    if (verb !== verbs.submitForm && !isRedraw) return undefined;
    const place = placeIn(data);
    if (place === undefined) return taskWords(noPlace);
    if (isRedraw) {
      const { form } = await desk.form(place.path, invoke.person, place.name);
      return dialogAnswer(formDialog(form, place, { data }));
    }
    const saved = await save(invoke.person, place, data);
    if (invoke.signal.aborted) await report(invoke, saved.sentence);
    return saved.type === 'wrong' ? dialogAnswer(saved.dialog) : taskWords(saved.sentence);
  }

  async function save(person: Person, place: FormPlace, data: Json): Promise<Saved> {
    try {
      return await saveIt(person, place, data);
    } catch (error) {
      const sentence = sentenceOf(error);
      if (sentence === undefined) log.error('teams_form_failed', { error });
      return { type: 'failed', sentence: sentence ?? 'Something went wrong; the log of the bot says more.' };
    }
  }

  async function saveIt(person: Person, place: FormPlace, data: Json): Promise<Saved> {
    const { path, name, revision } = place;
    const { form } = await desk.form(path, person, name);
    const { values, errors } = filledOf(form, data);
    try {
      if (Object.keys(errors).length > 0) throw new InvalidError(errors);
      const title = await desk.save(path, person, {
        values,
        ...(name === undefined ? {} : { name }),
        ...(revision === undefined ? {} : { revision }),
      });
      return { type: 'saved', sentence: `${title} is saved. It takes effect at the next message.` };
    } catch (error) {
      if (!(error instanceof InvalidError)) throw error;
      const dialog = formDialog(form, place, { data, errors: error.fields });
      return { type: 'wrong', dialog, sentence: error.message };
    }
  }

  /** The client waits no more: what came of it is said where the form was opened. */
  async function report({ conversation, person }: Invoke, sentence: string): Promise<void> {
    await api.attempt((call) => call.send(conversation, privateNotice(`${person.author.name}: ${sentence}`)));
  }

  /** Rows that a field refers to, while somebody types. */
  async function search({ person, value }: Invoke): Promise<InvokeAnswer> {
    const found = await desk.choices(textOf(value.dataset), person, textOf(value.queryText));
    return { status: 200, body: searchAnswer(found.slice(0, 100).map(choiceOf)) };
  }

  return { open, submit, search };
}
