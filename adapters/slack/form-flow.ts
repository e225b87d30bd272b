import type { App } from '@slack/bolt';
import type { DeskForm } from '../../src/chat/desk.ts';
import { InvalidError } from '../../src/chat/errors.ts';
import { at, isRecord, type Json, textOf } from '../../src/chat/json.ts';
import { type Person, personOf, type SlackContext } from './context.ts';
import { sentenceOf } from './errors.ts';
import { errorsByBlock, filledOf } from './filled.ts';
import {
  choicePrefix,
  decidingAction,
  type FormPlace,
  formCallback,
  formView,
  loadingView,
  optionOf,
} from './forms.ts';
import { teamOf } from './inbound.ts';
import { notify } from './notices.ts';

/** Which form somebody wants, and the trigger of what they did. */
export interface WantedForm {
  readonly path: string;
  readonly name?: string;
  readonly trigger: string;
  readonly channel: string;
}

/** A change that takes longer goes on behind a loading view: Slack waits for 3 s. */
const saveWithinMs = 2000;

/** Opens a loading view at once, and the form in it as soon as it is there. */
export async function openForm(context: SlackContext, person: Person, wanted: WantedForm): Promise<void> {
  const { api, desk } = context;
  const opened = await api.call(
    person.team,
    'views.open',
    { trigger_id: wanted.trigger, view: loadingView() },
    { signal: AbortSignal.timeout(2000) },
  );
  const viewId = textOf(at(opened, 'view', 'id'));
  const show = (view: object) => api.attempt(person.team, 'views.update', { view_id: viewId, view });
  try {
    const { path, name, channel } = wanted;
    const found = await desk.form(path, person, name);
    await show(
      formView(found.form, placeOf(found, { path, channel, ...(name === undefined ? {} : { name }) })),
    );
  } catch (error) {
    const sentence = sentenceOf(error);
    if (sentence === undefined) context.log.error('slack_form_failed', { error });
    await show(loadingView(sentence ?? 'Something went wrong; the log of the bot says more.'));
  }
}

function placeOf(found: DeskForm, place: FormPlace): FormPlace {
  return found.revision === undefined ? place : { ...place, revision: found.revision };
}

/** What happens in open forms: fields that decide about others, look-ups, submission. */
export function mountForms(app: App, context: SlackContext): void {
  const { api, desk } = context;

  app.action(decidingAction, async ({ ack, body }) => {
    await ack();
    const json: Json = { ...body };
    const person = await personIn(json);
    const place = readPlace(json);
    const { form } = await desk.form(place.path, person, place.name);
    const view = formView(form, place, filledOf(form, at(json, 'view', 'state')).values);
    const target = { view_id: textOf(at(json, 'view', 'id')), hash: textOf(at(json, 'view', 'hash')) };
    await api.attempt(person.team, 'views.update', { ...target, view });
  });

  app.options(new RegExp(`^${choicePrefix}`), async ({ ack, body }) => {
    const json: Json = { ...body };
    const path = textOf(json.action_id).slice(choicePrefix.length);
    const found = await personIn(json)
      .then((person) => desk.choices(path, person, textOf(json.value)))
      .catch((error: unknown) => {
        context.log.warn('slack_choices_failed', { error });
        return [];
      });
    await ack({ options: found.slice(0, 100).map(optionOf) });
  });

  app.view(formCallback, async ({ ack, body }) => {
    const json: Json = { ...body };
    const person = await personIn(json);
    const place = readPlace(json);
    const saving = save(json, person, place);
    const outcome = await Promise.race([saving, late()]);
    if (outcome === 'late') {
      await ack({ response_action: 'update', view: loadingView('Saving…') });
      await report(json, person, await saving);
      return;
    }
    if (outcome.type === 'wrong')
      return await ack({ response_action: 'errors', errors: { ...outcome.errors } });
    if (outcome.type === 'failed')
      return await ack({ response_action: 'update', view: loadingView(outcome.sentence) });
    await ack({ response_action: 'clear' });
    await notify(api, { team: person.team, channel: place.channel, user: person.user }, outcome.sentence);
  });

  async function save(json: Json, person: Person, place: FormPlace): Promise<Saved> {
    try {
      const { form } = await desk.form(place.path, person, place.name);
      const { values, errors } = filledOf(form, at(json, 'view', 'state'));
      if (Object.keys(errors).length > 0) throw new InvalidError(errors);
      const { name, revision } = place;
      const title = await desk.save(place.path, person, {
        values,
        ...(name === undefined ? {} : { name }),
        ...(revision === undefined ? {} : { revision }),
      });
      return { type: 'saved', sentence: `*${title}* is saved. It takes effect at the next message.` };
    } catch (error) {
      if (error instanceof InvalidError)
        return { type: 'wrong', errors: errorsByBlock(error.fields, json.view) };
      const sentence = sentenceOf(error);
      if (sentence === undefined) context.log.error('slack_form_failed', { error });
      return { type: 'failed', sentence: sentence ?? 'Something went wrong; the log of the bot says more.' };
    }
  }

  /** After the loading view took the form's place. */
  async function report(json: Json, { team }: Person, saved: Saved): Promise<void> {
    const words =
      saved.type === 'wrong'
        ? Object.entries(saved.errors)
            .map(([name, text]) => `${name}: ${text}`)
            .join('\n')
        : saved.sentence;
    const view_id = textOf(at(json, 'view', 'id'));
    await api.attempt(team, 'views.update', { view_id, view: loadingView(words) });
  }

  const personIn = (json: Json) =>
    personOf(context, { team: teamOf(json), user: textOf(at(json, 'user', 'id')) });
}

type Saved =
  | { readonly type: 'saved' | 'failed'; readonly sentence: string }
  | { readonly type: 'wrong'; readonly errors: Readonly<Record<string, string>> };

function readPlace(json: Json): FormPlace {
  const place: unknown = JSON.parse(textOf(at(json, 'view', 'private_metadata')) || '{}');
  const [path, name, revision, channel] = ['path', 'name', 'revision', 'channel'].map((key) =>
    textOf(isRecord(place) ? place[key] : ''),
  );
  return {
    path: path ?? '',
    channel: channel ?? '',
    ...(name ? { name } : {}),
    ...(revision ? { revision } : {}),
  };
}

async function late(): Promise<'late'> {
  return await new Promise((resolve) => {
    setTimeout(() => resolve('late'), saveWithinMs).unref();
  });
}
