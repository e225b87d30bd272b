import type { App } from '@slack/bolt';
import { type AdminAnswer, say } from '../../src/chat/admin/answer.ts';
import { at, isRecord, type Json, records, textOf } from '../../src/chat/json.ts';
import { drawAnswer, linePrefix, menuPrefix } from './admin-blocks.ts';
import { answerView, lineIn } from './admin-view.ts';
import { type Person, personOf, type SlackContext } from './context.ts';
import { sentenceOf } from './errors.ts';
import { fillForm, openForm } from './form-flow.ts';
import { loadingView } from './forms.ts';
import { notAllowed } from './hearing.ts';
import { teamOf } from './inbound.ts';
import { notify } from './notices.ts';
import { notOpened, openOrTell } from './opening.ts';
import { respond } from './responding.ts';
import { type AnswerPlace, tell } from './telling.ts';

const failed = 'Something went wrong; the log of the bot says more.';
const forgotten = 'I do not know that any more.';

interface PressedInView {
  readonly team: string;
  readonly user: string;
  readonly line: string;
  readonly view: Json;
}

/** What is to be shown of an answer: a form opens, and everything else is a message; so is one that did not open. */
export async function shownOf(
  context: SlackContext,
  person: Person,
  { answer, place }: { readonly answer: AdminAnswer; readonly place: AnswerPlace },
): Promise<AdminAnswer | undefined> {
  const { trigger, channel, respondTo } = place;
  if (answer.type !== 'form' || trigger === undefined || trigger === '') return answer;
  const { asked, values, given = values, errors } = answer;
  const to = respondTo === undefined ? {} : { respondTo };
  try {
    await openForm(context, person, { asked, given, errors, trigger, place: { channel, ...to } });
    return undefined;
  } catch (error) {
    context.log.warn('slack_view_refused', { error });
    return { ...answer, text: `${notOpened(error)}\n\n${answer.text}` };
  }
}

/** Buttons and menus of administration: each runs its line with the rights of whoever pressed it. */
export function mountAdministration(app: App, context: SlackContext): void {
  const { administration, api, log } = context;

  app.action(new RegExp(`^(${linePrefix}|${menuPrefix})`), async ({ ack, body }) => {
    await ack();
    const json: Json = { ...body };
    const [action] = records(json.actions);
    const line = textOf(at(action, 'selected_option', 'value')) || textOf(action?.value);
    const channel = textOf(at(json, 'channel', 'id')) || textOf(at(json, 'container', 'channel_id'));
    const threadTs = textOf(at(json, 'message', 'thread_ts'));
    const [team, user] = [teamOf(json), textOf(at(json, 'user', 'id'))];
    if (isRecord(json.view)) return await pressInView(json, { team, user, line, view: json.view });
    const place = {
      channel,
      ...(threadTs === '' ? {} : { threadTs }),
      trigger: textOf(json.trigger_id),
      respondTo: textOf(json.response_url),
    };
    try {
      const person = await personOf(context, { team, user, channel });
      await press(line, { person, place, isReplaced: replaces(line, json) });
    } catch (error) {
      const sentence = sentenceOf(error);
      if (sentence === undefined) log.error('slack_administration_failed', { error });
      await notify(api, { team, user, ...place }, sentence ?? failed);
    }
  });

  /** Home and modals have no place for a message: what is pressed there is answered in a modal. */
  async function pressInView(json: Json, { team, user, line, view }: PressedInView): Promise<void> {
    const isHome = view.type === 'home';
    const opener = { team, user, channel: '', trigger: textOf(json.trigger_id) };
    const viewId = isHome ? await openOrTell(context, opener, loadingView()) : textOf(view.id);
    if (viewId === undefined) return;
    const show = (shown: object) => api.attempt(team, 'views.update', { view_id: viewId, view: shown });
    try {
      const person = await personOf(context, { team, user });
      const answer = person.permissions.has('chat')
        ? await administration.run(line, person)
        : say(notAllowed(team));
      if (answer?.type === 'form') {
        const { asked, values, given = values, errors } = answer;
        return await fillForm(context, person, { asked, given, errors, viewId, place: { channel: '' } });
      }
      const back = lineIn(view);
      await show(answerView(answer ?? say(forgotten), { line, ...(back === undefined ? {} : { back }) }));
    } catch (error) {
      const sentence = sentenceOf(error);
      if (sentence === undefined) log.error('slack_administration_failed', { error });
      await show(loadingView(sentence ?? failed));
    }
  }

  async function press(
    line: string,
    {
      person,
      place,
      isReplaced,
    }: { readonly person: Person; readonly place: AnswerPlace; readonly isReplaced: boolean },
  ): Promise<void> {
    const { team, user } = person;
    if (!person.permissions.has('chat')) return await notify(api, { team, user, ...place }, notAllowed(team));
    const answer = await administration.run(line, person);
    if (answer === undefined) return await notify(api, { team, user, ...place }, forgotten);
    const shown = await shownOf(context, person, { answer, place });
    if (shown === undefined) return;
    const isDone =
      isReplaced &&
      (await respond(context, place.respondTo ?? '', { replace_original: true, ...drawAnswer(shown) }));
    if (!isDone) await tell(context, person, { answer: shown, place });
  }
}

/** A page takes the place of another, and what was asked goes when it is answered; only where one person sees it. */
function replaces(line: string, json: Json): boolean {
  return at(json, 'container', 'is_ephemeral') === true && / (page=\d+|confirm=yes)$/.test(line);
}
